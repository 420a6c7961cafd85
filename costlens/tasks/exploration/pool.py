"""Counting in processes of this machine. One that dies is replaced, and its chunk is counted again."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Self

from costlens.errors import BenchError, first_line
from costlens.tasks.exploration.counting import Chunk, Executor, Job, count
from costlens.tasks.exploration.lines import Line

_TRIES = 3
_WORKER = ("-m", "costlens.tasks.exploration.worker")


class Here(Executor):
    """Counts in this process."""

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        """Yield the line of each chunk, in order."""
        for chunk in chunks:
            yield count(job, chunk)


class Pool(Executor):
    """Counts in several processes, which start at once: what is done before there are chunks takes as long."""

    def __init__(self, workers: int) -> None:
        self._hands = [_Hand() for _ in range(workers)]

    def __enter__(self) -> Self:
        """Start the processes."""
        for hand in self._hands:
            hand.begin()
        return self

    def __exit__(self, *_: object) -> None:
        """End the processes."""
        for hand in self._hands:
            hand.end()

    def map(self, job: Job, chunks: Iterable[Chunk]) -> Iterator[Line]:
        """Yield the line of each chunk as it is done; BenchError where a chunk kills each process."""
        left = _Shared(chunks, len(self._hands))
        done: SimpleQueue[Line | BenchError | None] = SimpleQueue()
        try:
            for number, hand in enumerate(self._hands):
                take = partial(left.take, number)
                Thread(target=hand.work, args=(job, take, done), daemon=True).start()
            for _ in self._hands:
                while found := done.get():
                    if isinstance(found, BenchError):
                        raise found
                    yield found
        finally:
            left.close()


class _Shared:
    """Chunks that several hands take from: each from a part of its own, in which neighbours share most of their layers.

    Who is done with the own part takes from the end of the longest.
    """

    def __init__(self, chunks: Iterable[Chunk], hands: int) -> None:
        whole = [*chunks]
        ends = [len(whole) * hand // hands for hand in range(hands + 1)]
        self._parts = [deque(whole[start:end]) for start, end in pairwise(ends)]
        self._lock = Lock()

    def take(self, hand: int) -> Chunk | None:
        """Return a chunk for the hand of this number; None where all are taken."""
        with self._lock:
            if own := self._parts[hand]:
                return own.popleft()
            longest = max(self._parts, key=len)
            return longest.pop() if longest else None

    def close(self) -> None:
        """Leave no chunk to take."""
        with self._lock:
            for part in self._parts:
                part.clear()


class _Hand:
    """Hands chunks to one process at a time, and starts another where that one died."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._has_job = self._ended = False

    def work(self, job: Job, take: Callable[[], Chunk | None], done: SimpleQueue[Line | BenchError | None]) -> None:
        """Put the lines of chunks until there is none to take, then None.

        What goes wrong is an answer, too, since somebody waits for one.
        """
        try:
            while chunk := take():
                done.put(self._counted(job, chunk))
        except Exception as error:  # of any sort
            done.put(BenchError(f"counting in a process failed: {type(error).__name__}: {first_line(error)}"))
        done.put(None)

    def begin(self) -> subprocess.Popen[bytes]:
        """Start a process."""
        path = os.pathsep.join(path for path in sys.path if path)
        environment = {**os.environ, "PYTHONPATH": path}
        command = (sys.executable, *_WORKER)
        self._has_job = False
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
        )
        return self._process

    def end(self) -> None:
        """End the process."""
        self._ended = True
        self._kill()

    def _kill(self) -> None:
        if process := self._process:
            process.kill()
            process.wait()
        self._process = None

    def _counted(self, job: Job, chunk: Chunk) -> Line | BenchError:
        for _ in range(_TRIES):
            with suppress(OSError, EOFError, pickle.UnpicklingError):
                return self._ask(job, chunk)
            if self._ended:
                break
            self._kill()
        numbers = f"{chunk[0].number + 1:,} to {chunk[-1].number + 1:,}"
        return BenchError(f"points {numbers}: the process that counts them ended {_TRIES} times; is memory short?")

    def _ask(self, job: Job, chunk: Chunk) -> Line:
        process = self._process or self.begin()
        if process.stdin is None or process.stdout is None:
            raise EOFError
        if not self._has_job:
            pickle.dump(job, process.stdin)
            self._has_job = True
        pickle.dump(chunk, process.stdin)
        process.stdin.flush()
        found: Line = pickle.load(process.stdout)  # noqa: S301  # written by a process of our own
        return found
