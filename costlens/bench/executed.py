"""One run of a model file in a process of its own, which may end it: ``python -m costlens.bench.executed``."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from costlens.bench.memory import limit_memory
from costlens.bench.process import in_child
from costlens.bench.wire import Send, answer
from costlens.errors import BenchError, CostlensError, first_line
from costlens.readers.onnx.node_names import name_of
from costlens.runtimes import Inputs
from costlens.runtimes._onnxruntime_executed import Executed, execute

_Run = TypeVar("_Run")
DEADLINE_S = 300.0
REMEDY = "give its axes smaller sizes (--dim)"
_SHARE = 0.8
"""Of the machine's memory, what a run may take."""


@dataclass(frozen=True, slots=True)
class ExecuteJob:
    """A file to run once, its inputs, and a folder for what the run writes."""

    path: Path
    inputs: Inputs
    folder: Path


def executed(path: Path, inputs: Inputs, folder: Path) -> Executed:
    """Return what a file does in one run; BenchError where it cannot be run, or hangs."""
    return in_child(__name__, ExecuteJob(path, inputs, folder), Executed, DEADLINE_S, remedy=REMEDY)


def once(path: Path, send: Send, run: Callable[[], _Run]) -> _Run:
    """Run a file within the memory that a run may take; BenchError where it fails in any way."""
    limit_memory(_SHARE)
    send({"doing": f"running {path} once"})
    try:
        return run()
    except (CostlensError, ModuleNotFoundError):  # of a package: told with what installs it
        raise
    except MemoryError as problem:
        raise BenchError(f"it takes more than {_SHARE:.0%} of this machine's memory; {REMEDY}") from problem
    except Exception as problem:  # what libraries raise on a file that they cannot read
        raise BenchError(f"it cannot be run: {first_line(problem)}") from problem


def _do(job: ExecuteJob, send: Send) -> Executed:
    return once(job.path, send, lambda: execute(job.path, job.inputs, job.folder, label=name_of))


if __name__ == "__main__":
    answer(ExecuteJob, _do)
