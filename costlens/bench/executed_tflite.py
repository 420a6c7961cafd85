"""One run of a TensorFlow Lite file in a process of its own, which may end it."""

from dataclasses import dataclass
from pathlib import Path

from costlens.bench.executed import DEADLINE_S, REMEDY, once
from costlens.bench.process import in_child
from costlens.bench.wire import Send, answer
from costlens.runtimes import Inputs
from costlens.runtimes._litert_executed import ExecutedTensors, execute


@dataclass(frozen=True, slots=True)
class ExecuteJob:
    """A file to run once, and its inputs."""

    path: Path
    inputs: Inputs


def executed(path: Path, inputs: Inputs) -> ExecutedTensors:
    """Return what a file does in one run; BenchError where it cannot be run, or hangs."""
    return in_child(__name__, ExecuteJob(path, inputs), ExecutedTensors, DEADLINE_S, remedy=REMEDY)


def _do(job: ExecuteJob, send: Send) -> ExecutedTensors:
    return once(job.path, send, lambda: execute(job.path, job.inputs))


if __name__ == "__main__":
    answer(ExecuteJob, _do)
