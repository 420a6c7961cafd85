"""TensorFlow on CPU: the compiled ``tf.function`` of a SavedModel, its inputs made once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, RuntimeUnavailable
from costlens.runtimes import Fingerprint, Options
from costlens.runtimes._filled import filled
from costlens.runtimes.onnxruntime import concrete_shape

ENTRY = "serve"
"""The function of a SavedModel that is run: one argument an input, in the network's order."""
START_S = 8.0
"""About what the import costs a process, for plans."""
_REMEDY = "install it with: pip install costlens-nn"


class FunctionSession:
    """A restored function with its inputs; what it returns stays TensorFlow's."""

    __slots__ = ("_function", "_inputs", "_made", "fingerprint")

    def __init__(self, function: Any, inputs: Sequence[Any], fingerprint: Fingerprint) -> None:
        self._function = function
        self._inputs = tuple(inputs)
        self._made: Any = None
        self.fingerprint = fingerprint

    def run(self) -> None:
        """Run once; on a processor the call returns when the outputs are there."""
        try:
            self._made = self._function(*self._inputs)
        except Exception as problem:  # TensorFlow's says little in its first line
            raise BenchError(_reason(problem)) from problem

    def synchronize(self) -> None:
        """Do nothing: a processor has nothing left to do."""


def start() -> None:
    """Import TensorFlow, without its log lines."""
    _library()


def require(device: str) -> None:
    """Raise RuntimeUnavailable for a graphics card, and where TensorFlow is missing; it is not imported here."""
    if device not in {"auto", "cpu"}:
        raise RuntimeUnavailable(f"--device {device}: tensorflow is timed on the processor here; use --device cpu")
    if not find_spec("tensorflow"):
        raise RuntimeUnavailable(f"tensorflow is not installed; {_REMEDY}")


def load(path: Path, options: Options) -> FunctionSession:
    """Restore a SavedModel by its ``saved_model.pb`` and fill its inputs at random from the seed."""
    require(options.device)
    tf = _library()
    try:
        tf.config.threading.set_intra_op_parallelism_threads(options.threads)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError as problem:
        raise BenchError(f"{path}: TensorFlow already runs with other threads in this process: {problem}") from problem
    function = _restore(tf, path)
    arrays = [
        filled(
            spec.name,
            spec.dtype.name,
            concrete_shape(spec.name, spec.shape.as_list(), options.batch, path),
            seed=options.seed,
            index=index,
            path=path,
        )
        for index, spec in enumerate(_specs(function))
    ]
    with tf.device("/CPU:0"):
        return FunctionSession(function, [tf.constant(array) for array in arrays], _fingerprint(tf, options))


def predict(path: Path, inputs: Sequence[Any]) -> list[Any]:
    """Run a SavedModel once on arrays and return its outputs as arrays."""
    tf = _library()
    with tf.device("/CPU:0"):
        try:
            made = _restore(tf, path)(*(tf.constant(array) for array in inputs))
        except tf.errors.OpError as problem:
            raise BenchError(f"{path}: the SavedModel loads but cannot be run: {_reason(problem)}") from problem
    return [tensor.numpy() for tensor in tf.nest.flatten(made)]


def _library() -> Any:
    """Import TensorFlow with the settings it ships with, unless this process has it: exports turn oneDNN off."""
    if "tensorflow" not in sys.modules:
        os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        import tensorflow
    except ImportError as problem:
        raise RuntimeUnavailable(f"tensorflow cannot be imported ({problem}); {_REMEDY}") from problem
    return tensorflow


def _restore(tf: Any, path: Path) -> Any:
    if not path.is_file():
        raise BenchError(f"{path}: no such model file; export the model first")
    try:
        restored = tf.saved_model.load(str(path.parent))
        (function,) = getattr(restored, ENTRY).concrete_functions
    except Exception as problem:  # TensorFlow raises what it likes
        raise BenchError(f"{path}: TensorFlow {tf.__version__} cannot load it: {_reason(problem)}") from problem
    # A restored object's variables live as long as the object does.
    function.costlens_keeps = restored
    return function


def _reason(problem: Exception) -> str:
    """Return the line of an error that says what is wrong, not where in the graph."""
    skipped = ("Graph execution error", "Detected at", "<stack traces", "[[")
    lines = [line.strip() for line in str(problem).splitlines()]
    return next((line for line in lines if line and not line.startswith(skipped)), type(problem).__name__)


def _specs(function: Any) -> list[Any]:
    specs, _ = function.structured_input_signature
    return list(specs)


def _fingerprint(tf: Any, options: Options) -> Fingerprint:
    return Fingerprint(
        name="tensorflow",
        version=str(tf.__version__),
        build=str(tf.version.GIT_VERSION),
        device="cpu",
        providers=("tf.function",),
        provider_options="{}",
        threads=options.threads,
        optimisation="grappler",
    )
