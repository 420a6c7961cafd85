"""The outputs of a converted file for some inputs, found in a process of its own: such a process times it, too.

TensorFlow takes its settings when it is imported, and exporting needs others than it ships with. A converter's broken
file may end the process that loads it, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.bench.process import in_child
from costlens.bench.wire import Send, answer
from costlens.errors import BenchError, CostlensError, first_line
from costlens.storage.files import scratch

_HUNG_S = 300.0
_S_PER_BYTE = 1e-7  # a slow disk's 10 MB/s
_VARIABLES = "variables/*"  # where a SavedModel keeps its weights
_REMEDY = "leave its runtime out (--runtime)"


@dataclass(frozen=True, slots=True)
class _Job:
    """A file to run, the arrays it reads, and where those it makes go."""

    runtime: str
    path: Path
    inputs: Path
    outputs: Path


def predict(runtime: str, path: Path, inputs: Sequence[Any]) -> list[Any]:
    """Return the outputs, as arrays, of a model file that a runtime runs once; BenchError where it cannot, or hangs."""
    import numpy as np

    with scratch() as folder:
        given, made = folder / "inputs.npz", folder / "outputs.npz"
        np.savez(given, *inputs)
        in_child(__name__, _Job(runtime, path, given, made), bool, deadline_s(path), remedy=_REMEDY)
        return _arrays(made)


def deadline_s(path: Path) -> float:
    """Return the seconds after which a process that runs a file once hangs: five minutes, and more for large files."""
    files = (path, *path.parent.glob(_VARIABLES))
    return _HUNG_S + _S_PER_BYTE * sum(file.stat().st_size for file in files if file.is_file())


def _arrays(path: Path) -> list[Any]:
    import numpy as np

    with np.load(path) as held:
        return [held[f"arr_{index}"] for index in range(len(held.files))]


def _do(job: _Job, send: Send) -> bool:
    import numpy as np

    send({"doing": f"running {job.path} once"})
    try:
        made = runtimes.get(job.runtime).predict(job.path, _arrays(job.inputs))
    except CostlensError:
        raise
    except Exception as problem:  # runtimes raise what they like
        raise BenchError(f"{job.path}: the model loads but cannot be run: {first_line(problem)}") from problem
    np.savez(job.outputs, *made)
    return True


if __name__ == "__main__":
    answer(_Job, _do)
