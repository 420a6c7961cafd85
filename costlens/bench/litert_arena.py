"""The arena of a TensorFlow Lite file in LiteRT, which is loaded in a process of its own, as it may end it."""

from dataclasses import dataclass
from pathlib import Path

from costlens.bench.executed import DEADLINE_S
from costlens.bench.process import in_child
from costlens.bench.wire import Send, answer
from costlens.readers.tflite import arena_places
from costlens.runtimes._litert_arena import arena_bytes


@dataclass(frozen=True, slots=True)
class ArenaJob:
    """A file to load, the places of the tensors that are planned, and how many tensors it has."""

    path: Path
    planned: tuple[int, ...]
    known: int


def litert_arena(path: Path) -> int:
    """Return the bytes of LiteRT's arena for a file, by its own kernels; BenchError where it cannot load it."""
    planned, known = arena_places(path)
    return in_child(__name__, ArenaJob(path, planned, known), int, DEADLINE_S, remedy="leave the arena out")


def _do(job: ArenaJob, send: Send) -> int:
    send({"doing": f"loading {job.path} in LiteRT"})
    return arena_bytes(job.path, frozenset(job.planned), job.known)


if __name__ == "__main__":
    answer(ArenaJob, _do)
