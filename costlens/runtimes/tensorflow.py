"""TensorFlow on CPU: the compiled ``tf.function`` of a SavedModel, its inputs made once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from costlens.errors import BenchError
from costlens.runtimes import Fingerprint, Options, Runtime
from costlens.runtimes._inputs import concrete_shape, random_input
from costlens.runtimes._runtime import ProcessorSession, require_file

ENTRY = "serve"
"""The function of a SavedModel that is run: one argument an input, in the network's order."""


class TensorFlow(Runtime):
    """Runs a SavedModel by its ``saved_model.pb``."""

    library: ClassVar[str] = "tensorflow"
    packages: ClassVar[tuple[str, ...]] = ("tensorflow",)
    start_s: ClassVar[float] = 8.0

    def imported(self) -> Any:
        """Import TensorFlow with the settings it ships with, unless this process has it: exports turn oneDNN off."""
        if "tensorflow" not in sys.modules:
            os.environ.pop("TF_ENABLE_ONEDNN_OPTS", None)
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        return super().imported()

    def load(self, path: Path, options: Options) -> FunctionSession:
        """Restore a SavedModel and fill its inputs at random from the seed."""
        self.require(options.device)
        tf = self.imported()
        try:
            tf.config.threading.set_intra_op_parallelism_threads(options.threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        except RuntimeError as problem:
            raise BenchError(f"{path}: this process runs TensorFlow with other threads already: {problem}") from problem
        function = _restore(tf, path)
        specs, _ = function.structured_input_signature
        arrays = []
        for index, spec in enumerate(specs):
            shape = concrete_shape(spec.name, spec.shape.as_list(), options.batch, path)
            arrays.append(random_input(spec.name, spec.dtype.name, shape, (options.seed, index), path))
        with tf.device("/CPU:0"):
            ran_by = self.fingerprint(
                options, str(tf.__version__), ("tf.function",), "grappler", str(tf.version.GIT_VERSION)
            )
            return FunctionSession(function, [tf.constant(array) for array in arrays], ran_by)

    def predict(self, path: Path, inputs: Sequence[Any]) -> list[Any]:
        """Run a SavedModel once on arrays."""
        tf = self.imported()
        with tf.device("/CPU:0"):
            try:
                made = _restore(tf, path)(*(tf.constant(array) for array in inputs))
            except tf.errors.OpError as problem:
                raise BenchError(f"{path}: the SavedModel loads but cannot be run: {_reason(problem)}") from problem
        return [tensor.numpy() for tensor in tf.nest.flatten(made)]


class FunctionSession(ProcessorSession):
    """A restored function with its inputs; what it returns stays TensorFlow's."""

    __slots__ = ("_function", "_inputs", "_made")

    def __init__(self, function: Any, inputs: Sequence[Any], fingerprint: Fingerprint) -> None:
        super().__init__(fingerprint)
        self._function = function
        self._inputs = tuple(inputs)
        self._made: Any = None

    def run(self) -> None:
        """Run once; on a processor the call returns when the outputs are there."""
        try:
            self._made = self._function(*self._inputs)
        except Exception as problem:  # the first line of TensorFlow's message says little
            raise BenchError(_reason(problem)) from problem


def _restore(tf: Any, path: Path) -> Any:
    require_file(path)
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
