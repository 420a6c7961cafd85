"""LiteRT (TensorFlow Lite) on CPU through its XNNPACK delegate, an extra: inputs written once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from costlens.errors import BenchError, first_line
from costlens.runtimes import Fingerprint, Input, Options, Runtime
from costlens.runtimes._inputs import filled
from costlens.runtimes._runtime import ProcessorSession, require_file


class LiteRT(Runtime):
    """Runs ``.tflite`` files, whose batch is fixed."""

    library: ClassVar[str] = "ai_edge_litert.interpreter"
    packages: ClassVar[tuple[str, ...]] = ("ai-edge-litert",)

    def load(self, path: Path, options: Options) -> InterpreterSession:
        """Load a file and fill its inputs."""
        self.require(options.device)
        interpreter = self._interpreter(path, options.threads)
        for value in _inputs(interpreter):
            given = options.inputs.get(value["name"])
            shape = _shape(value, options.batch, path) if given is None else given.shape
            if shape != tuple(map(int, value["shape"])):
                interpreter.resize_tensor_input(value["index"], shape)
        self._allocate(interpreter, path)
        for index, value in enumerate(_inputs(interpreter)):
            given = options.inputs.get(value["name"], Input(tuple(map(int, value["shape"]))))
            array = filled(value["name"], value["dtype"].__name__, given, (options.seed, index), path)
            interpreter.set_tensor(value["index"], array)
        kernels = ("XNNPACK", "builtin kernels")
        ran_by = self.fingerprint(options, self._version(), kernels, "the file's, for a fixed batch")
        return InterpreterSession(interpreter, ran_by)

    def predict(self, path: Path, inputs: Sequence[Any]) -> list[Any]:
        """Run a file once on arrays; real numbers go into inputs of integers, and come out of such outputs."""
        interpreter = self._interpreter(path, 1)
        self._allocate(interpreter, path)
        for value, array in zip(_inputs(interpreter), inputs, strict=True):
            interpreter.set_tensor(value["index"], _quantized(value, array))
        interpreter.invoke()
        outputs = sorted(interpreter.get_output_details(), key=_place)
        return [_real(value, interpreter.get_tensor(value["index"])) for value in outputs]

    def _interpreter(self, path: Path, threads: int) -> Any:
        require_file(path)
        try:
            return self.imported().Interpreter(model_path=str(path), num_threads=threads)
        except (ValueError, RuntimeError) as problem:
            raise self._refused(path, problem) from problem

    def _allocate(self, interpreter: Any, path: Path) -> None:
        """Have an interpreter make room for its tensors; BenchError where it cannot run the model."""
        try:
            interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as problem:
            raise self._refused(path, problem) from problem

    def _refused(self, path: Path, problem: Exception) -> BenchError:
        return BenchError(f"{path}: LiteRT {self._version()} cannot load the model: {first_line(problem)}")

    def _version(self) -> str:
        return next(iter(self.versions()), "of unknown version")


class InterpreterSession(ProcessorSession):
    """An interpreter with its inputs written; ``run()`` moves no data."""

    __slots__ = ("interpreter",)

    def __init__(self, interpreter: Any, fingerprint: Fingerprint) -> None:
        super().__init__(fingerprint)
        self.interpreter = interpreter

    def run(self) -> None:
        """Run once; the call returns when the outputs are there."""
        self.interpreter.invoke()


def _shape(value: Any, batch: int, path: Path) -> tuple[int, ...]:
    """Return the shape by which an input is run: the batch where its first axis has no size, else as in the file.

    BenchError where another axis has none, or the file is made for another batch.
    """
    first, *rest = tuple(map(int, value["shape"])) or (0,)
    free = [axis for axis, size in enumerate(value["shape_signature"]) if size < 0]
    if any(free):
        raise BenchError(
            f"{path}: input {value['name']!r}: axis {max(free)} has no size; only the first (batch) axis may have "
            "none; convert it again with fixed sizes"
        )
    if batch not in (1, first) and first and not free:
        raise BenchError(
            f"{path}: the file is made for a batch of {first}, but --batch is {batch}; convert it again, or leave out "
            "--batch"
        )
    return (batch if free else first, *rest) if first else ()


def _inputs(interpreter: Any) -> list[Any]:
    """Return the inputs in the network's order."""
    return sorted(interpreter.get_input_details(), key=_place)


def _quantized(value: Any, array: Any) -> Any:
    """Return what an input of integers holds for real numbers, the nearest that it can; other arrays as they are.

    A real number is scale · (integer - zero point), the rule of LiteRT's quantization specification.
    """
    import numpy as np

    scale, zero = value["quantization"]
    if not scale or array.dtype.kind != "f":
        return array
    limits = np.iinfo(value["dtype"])
    return np.clip(np.round(array / scale) + zero, limits.min, limits.max).astype(value["dtype"])


def _real(value: Any, array: Any) -> Any:
    """Return the real numbers that an output of integers stands for; other arrays as they are."""
    import numpy as np

    scale, zero = value["quantization"]
    return (array.astype(np.float32) - zero) * np.float32(scale) if scale else array


def _place(value: Any) -> tuple[int, str]:
    return by_place(str(value["name"]))


def by_place(name: str) -> tuple[int, str]:
    """Order the tensors of a signature as it was converted: the names end in their place.

    >>> sorted(["StatefulPartitionedCall_1:0", "StatefulPartitionedCall:0"], key=by_place)[0]
    'StatefulPartitionedCall:0'
    """
    digits = name.partition(":")[0].rpartition("_")[2]
    return (int(digits) if digits.isdigit() else 0, name)
