"""Start one measuring process, hand it its job, read what it found, and never leave it behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, TypeVar

from costlens import errors
from costlens.bench import wire

T = TypeVar("T")

OnProgress = Callable[[int, int, str], None]
"""``(done, total, message)``, before each process."""
_MORE_TIME = "where it is only slow, allow it more time (--time-budget)"
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_OF_ALL = {kind.__name__: kind for kind in (errors.RuntimeUnavailable, errors.UsageError)}


class ProcessFailed(errors.BenchError):
    """A measuring process gave no answer; ``label`` is the model it was busy with, None where it was busy with all."""

    def __init__(self, message: str, label: str | None = None) -> None:
        super().__init__(message)
        self.label = label


def silent(done: int, total: int, message: str) -> None:
    """Report no progress."""


def in_child(module: str, job: Any, kind: type[T], deadline_s: float | None = None, *, remedy: str = _MORE_TIME) -> T:
    """Hand a job to ``python -m module``, which calls ``wire.answer``, and return what it found, of a ``kind``.

    Raises what the process raised where that holds for every model (RuntimeUnavailable, UsageError). Everything else
    is a ProcessFailed: the process's own message, or what it was doing when it died or its deadline passed, with the
    ``remedy``. An answer counts even if its process had to be ended. However this function is left, the process and
    those that it started have been ended.
    """
    try:
        complaints = tempfile.TemporaryFile()  # noqa: SIM115  # closed below
    except OSError as problem:
        raise errors.BenchError(f"no temporary file can be made: {problem.strerror}; free disk space") from problem
    with complaints, _child(module, complaints, deadline_s) as (child, passed):
        found: list[Any] = []
        doing, label = "starting", None
        for message in _converse(child, wire.write(job)):
            if "error" in message:
                of_all = _OF_ALL.get(message["error"])
                raise of_all(message["message"]) if of_all else ProcessFailed(message["message"], label)
            if "doing" in message:
                doing, label = message["doing"], message.get("label")
            if "found" in message:
                found.append(message["found"])
        status = child.wait()
        if found and (status == 0 or passed.is_set()):
            answer: T = wire.read(kind, found[0])
            return answer
        if passed.is_set():
            hung = f"the measuring process was ended after {deadline_s:.0f} s without an answer, while {doing}"
            raise ProcessFailed(f"{hung}; it may hang; {remedy}", label)
        raise ProcessFailed(_death(status, doing, complaints), label)


def environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment: libraries' own thread pools off, costlens importable as it is here."""
    root = str(Path(errors.__file__).resolve().parent.parent.parent)
    child = {**parent, **dict.fromkeys(_POOLS, "1")}
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        child["PYTHONPATH"] = os.pathsep.join(filter(None, (root, parent.get("PYTHONPATH"))))
    return child


def _end(child: subprocess.Popen[str]) -> None:
    """End a child with all that it started: it leads a process group of its own, which may outlive it."""
    with contextlib.suppress(OSError):  # ProcessLookupError where all have ended
        if hasattr(os, "killpg"):
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()


@contextlib.contextmanager
def _child(
    module: str, complaints: IO[bytes], deadline_s: float | None
) -> Iterator[tuple[subprocess.Popen[str], threading.Event]]:
    """Yield a process, and an event that is set when its time is over; by then it is being ended."""
    try:
        child = subprocess.Popen(
            # -P keeps the working directory off the import path: a stray numpy.py there is not numpy.
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment(os.environ),
            text=True,
            encoding="utf-8",
            process_group=0 if os.name == "posix" else None,
        )
    except OSError as problem:
        raise errors.BenchError(f"no process can be started: {problem.strerror}; free memory") from problem
    passed = threading.Event()

    def end() -> None:
        passed.set()
        if child.returncode is None:
            _end(child)

    timer = threading.Timer(deadline_s or threading.TIMEOUT_MAX, end)
    timer.daemon = True
    timer.start()
    try:
        yield child, passed
    finally:
        timer.cancel()
        _end(child)
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was left to write has no reader any more
                    pipe.close()


def _converse(child: subprocess.Popen[str], job: str) -> Iterator[dict[str, Any]]:
    """Send the job and yield the messages that come back, until the child ends."""
    if child.stdin is not None:
        # Left open: its end tells the child that this process is gone. A dead child's status says enough.
        with contextlib.suppress(OSError):
            child.stdin.write(job + "\n")
            child.stdin.flush()
    for line in child.stdout or ():
        with contextlib.suppress(ValueError):  # a line cut off by the child's death
            yield json.loads(line)


def _death(status: int, doing: str, complaints: IO[bytes]) -> str:
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", errors="replace").strip().splitlines()
    names = {one.value: one.name for one in signal.Signals}
    how = f"ended with status {status}" if status >= 0 else f"was ended by {names.get(-status, f'signal {-status}')}"
    why = f": {lines[-1].strip()}" if lines else ""
    killed = status == -signal.SIGKILL
    remedy = "; perhaps the system ran out of memory: free some, or use a smaller batch" if killed else ""
    return f"the measuring process {how} while {doing}{why}{remedy}"
