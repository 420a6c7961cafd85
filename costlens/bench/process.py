"""Start one measuring process, hand it its job, read its samples, and never leave it behind."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from costlens import errors
from costlens.bench.job import Job, Samples, collect

_MODULE = "costlens.bench.worker"
_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
_PASSED_ON = {kind.__name__: kind for kind in (errors.RuntimeUnavailable, errors.UsageError)}


def run_job(job: Job) -> Samples:
    """Do a job in a process of its own.

    Raises what the process raised (BenchError, RuntimeUnavailable), or a BenchError that says what it was
    doing when it died. However this function is left, the process has ended.
    """
    with tempfile.TemporaryFile() as complaints, _child(complaints) as child:
        received = []
        doing = "starting"
        for message in _converse(child, job):
            if "error" in message:
                raise _PASSED_ON.get(message["error"], errors.BenchError)(message["message"])
            doing = message.get("doing", doing)
            received.append(message)
        status = child.wait()
        samples = collect(received)
        if samples is None or status != 0:
            raise _death(status, doing, complaints)
        return samples


def environment(parent: Mapping[str, str]) -> dict[str, str]:
    """Return the child's environment: libraries' own thread pools off, costlens importable as it is here."""
    root = str(Path(errors.__file__).resolve().parent.parent)
    child = {**parent, **dict.fromkeys(_POOLS, "1")}
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        child["PYTHONPATH"] = os.pathsep.join(filter(None, (root, parent.get("PYTHONPATH"))))
    return child


@contextlib.contextmanager
def _child(complaints: IO[bytes]) -> Iterator[subprocess.Popen[str]]:
    child = subprocess.Popen(
        # -P keeps the working directory off the import path: a stray numpy.py there is not numpy.
        [sys.executable, "-P", "-m", _MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        env=environment(os.environ),
        text=True,
        encoding="utf-8",
    )
    try:
        yield child
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # what was left to write has no reader any more
                    pipe.close()


def _converse(child: subprocess.Popen[str], job: Job) -> Iterator[dict[str, Any]]:
    """Send the job and yield the messages that come back, until the child ends."""
    if child.stdin is not None:
        # Left open: its end tells the child that this process is gone. A dead child's status says enough.
        with contextlib.suppress(OSError):
            child.stdin.write(job.to_json() + "\n")
            child.stdin.flush()
    for line in child.stdout or ():
        with contextlib.suppress(ValueError):  # a line cut off by the child's death
            yield json.loads(line)


def _death(status: int, doing: str, complaints: IO[bytes]) -> errors.BenchError:
    complaints.seek(0)
    lines = complaints.read().decode("utf-8", errors="replace").strip().splitlines()
    how = f"ended with status {status}" if status >= 0 else f"was ended by {_signal_name(-status)}"
    why = f": {lines[-1].strip()}" if lines else ""
    killed = status == -signal.SIGKILL
    remedy = "; perhaps the system ran out of memory: free some, or use a smaller batch" if killed else ""
    return errors.BenchError(f"the measuring process {how} while {doing}{why}{remedy}")


def _signal_name(number: int) -> str:
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
