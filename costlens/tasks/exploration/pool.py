"""Counting in processes of this machine. One that dies is replaced, and its chunk is counted again."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Thread

from costlens.errors import BenchError, first_line
from costlens.tasks.exploration.counting import Asked, Counted, Job, count

_TRIES = 3
_WORKER = ("-m", "costlens.tasks.exploration.worker")


@dataclass(frozen=True, slots=True)
class Here:
    """Counts in this process."""

    def map(self, job: Job, chunks: Sequence[Sequence[Asked]]) -> Iterator[list[Counted]]:
        """Yield what the points of each chunk are, in order."""
        for chunk in chunks:
            yield count(job, chunk)


@dataclass(frozen=True, slots=True)
class Pool:
    """Counts in several processes."""

    workers: int

    def map(self, job: Job, chunks: Sequence[Sequence[Asked]]) -> Iterator[list[Counted]]:
        """Yield what the points of each chunk are, as they are done; BenchError where a chunk kills each process."""
        waiting: Queue[Sequence[Asked]] = Queue()
        for chunk in chunks:
            waiting.put(chunk)
        done: Queue[list[Counted] | BenchError] = Queue()
        hands = [_Hand(job, waiting, done) for _ in range(min(self.workers, len(chunks)))]
        try:
            for hand in hands:
                hand.start()
            for _ in chunks:
                found = done.get()
                if isinstance(found, BenchError):
                    raise found
                yield found
        finally:
            with suppress(Empty):
                while True:
                    waiting.get_nowait()
            for hand in hands:
                hand.end()


class _Hand(Thread):
    """Hands chunks to one process at a time, and starts another where that one died."""

    def __init__(self, job: Job, waiting: Queue[Sequence[Asked]], done: Queue[list[Counted] | BenchError]) -> None:
        super().__init__(daemon=True)
        self._job, self._waiting, self._done = job, waiting, done
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = False

    def run(self) -> None:
        """Count chunks until none waits; what goes wrong is an answer, too, since somebody waits for one."""
        try:
            while not self._ended:
                self._done.put(self._counted(self._waiting.get_nowait()))
        except Empty:
            pass
        except Exception as error:  # of any sort
            self._done.put(BenchError(f"counting in a process failed: {type(error).__name__}: {first_line(error)}"))
        self.end()

    def end(self) -> None:
        """End the process."""
        self._ended = True
        if process := self._process:
            process.kill()
            process.wait()

    def _counted(self, chunk: Sequence[Asked]) -> list[Counted] | BenchError:
        for _ in range(_TRIES):
            with suppress(OSError, EOFError, pickle.UnpicklingError):
                return self._ask(chunk)
            self._process = None
            if self._ended:
                break
        numbers = f"{chunk[0].number + 1:,} to {chunk[-1].number + 1:,}"
        return BenchError(f"points {numbers}: the process that counts them ended {_TRIES} times; is memory short?")

    def _ask(self, chunk: Sequence[Asked]) -> list[Counted]:
        process = self._process or self._begun()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        pickle.dump(chunk, process.stdin)
        process.stdin.flush()
        found: list[Counted] = pickle.load(process.stdout)  # noqa: S301  # written by a process of our own
        return found

    def _begun(self) -> subprocess.Popen[bytes]:
        path = os.pathsep.join(path for path in sys.path if path)
        environment = {**os.environ, "PYTHONPATH": path}
        command = (sys.executable, *_WORKER)
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        if self._process.stdin is not None:
            pickle.dump(self._job, self._process.stdin)
        return self._process
