"""The arena of a TensorFlow Lite file in TensorFlow Lite Micro, whose interpreter runs in a process of its own."""

import re
from dataclasses import dataclass
from pathlib import Path

from costlens.bench.executed import DEADLINE_S
from costlens.bench.process import ProcessFailed, in_child
from costlens.bench.wire import Send, answer
from costlens.errors import BenchError
from costlens.readers.tflite import arena_tensors, input_count
from costlens.results.allocated import Allocated, AllocatedKind
from costlens.runtimes import _micro
from costlens.storage.files import scratch

_REMEDY = "leave the arena out"
_ROOM_BYTES = 2**24
_TELLS = "[RecordingMicroAllocator] "
_TOTAL = re.compile(r"Arena allocation (\w+) (\d+) bytes")
_KIND = re.compile(r"'(.+)' used (\d+) bytes with alignment overhead \(requested (\d+) bytes for (\d+) .+\)")


@dataclass(frozen=True, slots=True)
class MicroJob:
    """A file to load, how many inputs it has, the bytes to load it into, and a file for what the interpreter says."""

    path: Path
    inputs: int
    arena_bytes: int
    log: Path


def allocated(path: Path) -> Allocated:
    """Return what the interpreter allocates for a file.

    It is given more than it needs, which costs nothing: memory that is never touched is never there. UsageError where
    the file cannot be read, RuntimeUnavailable where the package is missing, BenchError with the interpreter's own
    words where it cannot run the file.
    """
    _micro.require()
    room = _ROOM_BYTES + 2 * sum(tensor.bytes for tensor in arena_tensors(path))
    with scratch() as folder:
        job = MicroJob(path, input_count(path), room, folder / "log")
        try:
            in_child(__name__, job, bool, DEADLINE_S, remedy=_REMEDY)
        except ProcessFailed as problem:
            said = _complaints(_read(job.log))
            raise BenchError(f"{problem}: {said}" if said else str(problem)) from problem
        found = told(_read(job.log))
    if found is None:
        raise BenchError(f"{path}: {_micro.NAME} did not tell what it allocated")
    return found


def told(log: str) -> Allocated | None:
    r"""Read what the allocator told last, by kind; None where it told nothing.

    >>> lines = ["Arena allocation total 24 bytes", "Arena allocation head 16 bytes", "Arena allocation tail 8 bytes"]
    >>> lines += ["'Persistent buffer data' used 8 bytes with alignment overhead (requested 7 bytes for 1 allocations)"]
    >>> found = told("".join(f"[RecordingMicroAllocator] {line}\n" for line in lines))
    >>> found.activations, found.persistent, found.kinds[0].requested
    (16, 8, 7)
    """
    *_, last = log.split(f"{_TELLS}Arena allocation total")
    parts = {name: int(size) for name, size in _TOTAL.findall(last)}
    if not parts:
        return None
    kinds = tuple(AllocatedKind(name, *map(int, sizes)) for name, *sizes in _KIND.findall(last))
    return Allocated(_micro.NAME, _micro.version(), parts["head"], parts["tail"], kinds)


def _complaints(log: str) -> str:
    """Return what the interpreter complained of, on one line."""
    return "; ".join(line.strip() for line in log.splitlines() if line.strip() and not line.startswith(_TELLS))


def _read(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""


def _do(job: MicroJob, send: Send) -> bool:
    send({"doing": f"running {job.path} in {_micro.NAME}"})
    _micro.run(job.path, job.inputs, job.arena_bytes, job.log)
    return True


if __name__ == "__main__":
    answer(MicroJob, _do)
