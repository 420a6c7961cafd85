"""What a run has counted so far, on the disk: the same command goes on where it stopped, whatever stopped it.

A journal is a file of lines in the cache. Its name is made of the texts of the spec, the points and the code that
counts, so a changed one has another journal. The first line says what is explored; each further one holds a chunk,
whole or not at all: a line that a killed process left half written is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import FileIO
from pathlib import Path
from time import time

from costlens.errors import UsageError
from costlens.storage.cache import directory
from costlens.storage.files import DAY_S, reason
from costlens.storage.lock import alone
from costlens.tasks.exploration.counting import Job, code
from costlens.tasks.exploration.lines import Counted, read

_KEPT_DAYS = 30
_ENDING = ".jsonl"
_FOLDER = "explorations"


@dataclass(frozen=True, slots=True)
class Head:
    """What a journal is of: a file, what its texts and settings are, which points and how many, and whose counts.

    Of ``text``, ``space`` and ``code`` there are digests.
    """

    file: str
    points: int
    text: str
    space: str
    code: str

    @property
    def key(self) -> str:
        """What is equal for equal explorations."""
        return _digest([self.text, self.space, self.code])

    def differs(self, other: Head) -> str:
        """Say what two explorations do not share."""
        pairs = {
            "another text of the spec": self.text != other.text,
            "other points": self.space != other.space,
            "another version of costlens": self.code != other.code,
        }
        return " and ".join(what for what, is_so in pairs.items() if is_so)


class Journal:
    """The journal of one run; a context in which no other process explores the same."""

    def __init__(self, job: Job, space: Sequence[object], number: int) -> None:
        texts = [(name, sha256(content).hexdigest()) for name, content in job.texts]
        of = [texts, sorted(job.settings), job.precision, job.with_arena, job.kernels]
        self._head = Head(job.file, number, _digest(of), _digest(space), code())
        self._folder = directory() / _FOLDER / self._head.key
        self._path = self._folder / f"points{_ENDING}"
        self._held = ExitStack()
        self._stream: FileIO | None = None

    def __enter__(self) -> Journal:
        _prune(self._folder.parent)
        try:
            self._held.enter_context(alone(self._folder))
        except TimeoutError:
            raise UsageError(f"{self._head.file}: another process explores these points; wait for it") from None
        except OSError as error:
            raise self._refused(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def known(self) -> list[Counted]:
        """Return the points that earlier runs counted, and cut off what is not whole."""
        whole = 0
        found: list[Counted] = []
        try:
            self._stream = self._held.enter_context(FileIO(self._path, "ab"))
            for line, chunk in _lines(self._path):
                if chunk is None:
                    break
                found += chunk
                whole += len(line)
            self._stream.truncate(whole)
        except OSError as error:
            raise self._refused(error) from None
        if not whole:
            self.add(json.dumps(asdict(self._head)).encode() + b"\n")
        return found

    def add(self, line: bytes) -> None:
        """Keep a line; UsageError where the disk takes no more."""
        assert self._stream is not None  # noqa: S101  # known() opens it
        try:
            while line:
                line = line[self._stream.write(line) :]
        except OSError as error:
            raise self._refused(error) from None

    def others(self) -> Iterator[str]:
        """Yield how far other explorations of the same file had come that are not whole, and what differs."""
        for path in sorted(self._folder.parent.glob(f"*/*{_ENDING}")):
            with suppress(OSError), path.open("rb") as stream:
                head = _head(stream.readline())
                if head and head.file == self._head.file and head != self._head:
                    done = sum(len(read(line) or ()) for line in stream)
                    if done < head.points:
                        yield f"{done:,} of {head.points:,} points, of {self._head.differs(head)}"

    def _refused(self, error: OSError) -> UsageError:
        remedy = "free disk space, or set COSTLENS_CACHE to another folder"
        return UsageError(f"{self._folder}: cannot be written: {reason(error)}; {remedy}; what was counted is kept")


def _head(line: bytes) -> Head | None:
    """Return what the first line of a journal says; None where it is not whole."""
    with suppress(ValueError, TypeError):
        return Head(**json.loads(line)) if line.endswith(b"\n") else None
    return None


def _lines(path: Path) -> Iterator[tuple[bytes, list[Counted] | None]]:
    """Yield each line with the points that it holds, the first of which are none; None of one that is not whole."""
    with path.open("rb") as stream:
        first = stream.readline()
        yield first, [] if _head(first) else None
        for line in stream:
            yield line, read(line)


def _digest(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()


def _prune(folder: Path) -> None:
    """Remove the journals that no run has used for a month."""
    for path in folder.glob(f"*/*{_ENDING}"):
        with suppress(OSError):
            if time() - path.stat().st_mtime > _KEPT_DAYS * DAY_S:
                path.unlink()
                path.parent.rmdir()
