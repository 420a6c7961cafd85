"""LiteRT (TensorFlow Lite) on CPU through its XNNPACK delegate, an extra: inputs written once."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, RuntimeUnavailable, first_line
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._filled import filled

_PACKAGE = "ai-edge-litert"
_MISSING = f'the runtime litert needs {_PACKAGE}; install it with: pip install "costlens-nn[litert]"'


class InterpreterSession:
    """An interpreter with its inputs written; ``run()`` moves no data."""

    __slots__ = ("_interpreter", "fingerprint")

    def __init__(self, interpreter: Any, fingerprint: Fingerprint) -> None:
        self._interpreter = interpreter
        self.fingerprint = fingerprint

    def run(self) -> None:
        """Run once; the call returns when the outputs are there."""
        self._interpreter.invoke()

    def synchronize(self) -> None:
        """Do nothing: a processor has nothing left to do."""


def start() -> None:
    """Import LiteRT and what makes the inputs."""
    import numpy.random  # noqa: F401

    _library()


def require(device: str) -> None:
    """Raise RuntimeUnavailable for a graphics card, and where the extra is missing."""
    if device not in {"auto", "cpu"}:
        raise RuntimeUnavailable(f"--device {device}: litert is timed on the processor here; use --device cpu")
    if not find_spec("ai_edge_litert"):
        raise RuntimeUnavailable(_MISSING)


def load(path: Path, options: Options) -> InterpreterSession:
    """Load a ``.tflite`` file, whose batch is fixed, and fill its inputs at random from the seed."""
    require(options.device)
    interpreter = _interpreter(path, options.threads)
    for index, value in enumerate(_inputs(interpreter)):
        shape = tuple(map(int, value["shape"]))
        if shape and shape[0] != options.batch:
            raise BenchError(
                f"{path}: the file is made for a batch of {shape[0]}, but --batch is {options.batch}; convert it again"
            )
        array = filled(value["name"], value["dtype"].__name__, shape, seed=options.seed, index=index, path=path)
        interpreter.set_tensor(value["index"], array)
    return InterpreterSession(interpreter, _fingerprint(options))


def predict(path: Path, inputs: Sequence[Any]) -> list[Any]:
    """Run a ``.tflite`` file once on arrays and return its outputs."""
    interpreter = _interpreter(path, 1)
    for value, array in zip(_inputs(interpreter), inputs, strict=True):
        interpreter.set_tensor(value["index"], array)
    interpreter.invoke()
    outputs = interpreter.get_output_details()
    return [interpreter.get_tensor(value["index"]) for value in sorted(outputs, key=_place)]


def _library() -> Any:
    try:
        from ai_edge_litert import interpreter
    except ImportError as problem:
        raise RuntimeUnavailable(f"{_MISSING} ({problem})") from problem
    return interpreter


def _interpreter(path: Path, threads: int) -> Any:
    if not path.is_file():
        raise BenchError(f"{path}: no such model file; export the model first")
    try:
        interpreter = _library().Interpreter(model_path=str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as problem:
        raise BenchError(f"{path}: LiteRT {_version()} cannot load the model: {first_line(problem)}") from problem
    return interpreter


def _inputs(interpreter: Any) -> list[Any]:
    """Return the inputs in the network's order."""
    return sorted(interpreter.get_input_details(), key=_place)


def _place(value: Any) -> tuple[int, str]:
    """Order the tensors of a signature as it was converted: the names end in their place."""
    name = str(value["name"])
    digits = name.partition(":")[0].rpartition("_")[2]
    return (int(digits) if digits.isdigit() else 0, name)


def _version() -> str:
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return "of unknown version"


def _fingerprint(options: Options) -> Fingerprint:
    return Fingerprint(
        name="litert",
        version=_version(),
        build="",
        device="cpu",
        providers=("XNNPACK", "builtin kernels"),
        provider_options="{}",
        threads=options.threads,
        optimisation="the file's, for a fixed batch",
    )
