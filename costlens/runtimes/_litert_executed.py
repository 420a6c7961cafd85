"""What a TensorFlow Lite file does in one run: the sizes of its tensors, and whether its outputs are finite.

LiteRT runs it by its own kernels, without a delegate, and keeps every tensor. It tells those of the network, not those
of sub-graphs.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens.errors import BenchError, first_line
from costlens.runtimes._inputs import Inputs
from costlens.runtimes._runtime import Options, require_file
from costlens.runtimes.litert import LiteRT

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ExecutedTensors:
    """A run: the shapes of its tensors by index, its outputs, and the names of those that are not finite."""

    shapes: tuple[tuple[int, Shape], ...]
    outputs: int
    not_finite: tuple[str, ...]


class Keeping(LiteRT):
    """LiteRT without a delegate, with the tensors of a run kept."""

    @classmethod
    def name(cls) -> str:
        """Return the name of the runtime that it is."""
        return LiteRT.name()

    def ready(self, path: Path, *, preserve: bool) -> Any:
        """Return an interpreter with memory for its tensors, which share it unless all are to be preserved."""
        interpreter = self._interpreter(path, 1, preserve=preserve)
        self._allocate(interpreter, path)
        return interpreter

    def _interpreter(self, path: Path, threads: int, *, preserve: bool = True) -> Any:
        require_file(path)
        library = self.imported()
        try:
            return library.Interpreter(
                model_path=str(path),
                num_threads=threads,
                experimental_op_resolver_type=library.OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
                experimental_preserve_all_tensors=preserve,
            )
        except (ValueError, RuntimeError) as problem:
            raise self._refused(path, problem) from problem


def execute(path: Path, inputs: Inputs, seed: int = 0) -> ExecutedTensors:
    """Run a file once on these inputs; BenchError where it cannot be run."""
    session = Keeping().load(path, Options("cpu", seed=seed, inputs=inputs))
    interpreter = session.interpreter
    try:
        session.run()
    except (ValueError, RuntimeError) as problem:
        raise BenchError(f"LiteRT cannot run it: {first_line(problem)}") from problem
    import numpy as np  # which comes with LiteRT

    held = {each["index"]: tuple(map(int, each["shape"])) for each in interpreter.get_tensor_details()}
    outputs = interpreter.get_output_details()
    found = [(str(each["name"]), interpreter.get_tensor(each["index"])) for each in outputs]
    wrong = [name for name, value in found if value.dtype.kind == "f" and not np.isfinite(value).all()]
    return ExecutedTensors(tuple(held.items()), len(outputs), tuple(wrong))
