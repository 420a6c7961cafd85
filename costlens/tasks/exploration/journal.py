"""What a run has counted so far, on the disk: the same command goes on where it stopped, whatever stopped it.

A journal is a file of lines in the cache. Its name is made of the texts of the spec, the points and the code that
counts, so a changed one has another journal. The first line says what is explored; each further one holds a chunk,
whole or not at all: a line that a killed process left half written is cut off.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import astuple
from hashlib import sha256
from pathlib import Path
from time import time
from typing import IO

from costlens.errors import UsageError
from costlens.results.counts import Totals
from costlens.storage.cache import content_key, directory
from costlens.storage.files import DAY_S, reason
from costlens.storage.lock import alone
from costlens.tasks.exploration.counting import Counted, Job

_KEPT_DAYS = 30
_ENDING = ".jsonl"
_FOLDER = "explorations"
_COUNTS = (
    "network/**/*.py", "spec/**/*.py", "arithmetic/*.py", "results/counts.py", "tasks/exploration/counting.py",
    "tasks/exploration/members.py",
)  # fmt: skip
"""The code that the counts come from."""


class Journal:
    """The journal of one run; a context in which no other process explores the same."""

    def __init__(self, job: Job, space: Sequence[object], number: int) -> None:
        texts = [(name, sha256(content).hexdigest()) for name, content in job.texts]
        key = content_key({"texts": texts, "space": repr(space), "of": [job.precision, job.with_arena]}, _COUNTS)
        self._head = {"file": job.file, "points": number}
        self._folder = directory() / _FOLDER / key
        self._path = self._folder / f"points{_ENDING}"
        self._held = ExitStack()
        self._stream: IO[bytes] | None = None

    def __enter__(self) -> Journal:
        _prune(self._folder.parent)
        try:
            self._held.enter_context(alone(self._folder))
        except TimeoutError:
            raise UsageError(f"{self._head['file']}: another process explores these points; wait for it") from None
        except OSError as error:
            raise self._refused(error) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
        self._held.close()

    def read(self) -> list[Counted]:
        """Return what earlier runs counted, and cut off what is not whole."""
        whole = 0
        found: dict[int, Counted] = {}
        try:
            lines = self._path.read_bytes().splitlines(keepends=True) if self._path.exists() else []
            for place, line in enumerate(lines):
                chunk = _chunk(line) if place else ([] if _head(line) == self._head else None)
                if chunk is None:
                    break
                found |= {each.number: each for each in chunk}
                whole += len(line)
            self._stream = self._path.open("ab")
            self._stream.truncate(whole)
            if not whole:
                self._write(self._head)
        except OSError as error:
            raise self._refused(error) from None
        return [*found.values()]

    def add(self, chunk: Sequence[Counted]) -> None:
        """Keep a chunk; UsageError where the disk takes no more."""
        rows = [(one.number, one.identity, astuple(one.totals) if one.totals else None, one.reason) for one in chunk]
        try:
            self._write(rows)
        except OSError as error:
            raise self._refused(error) from None

    def others(self) -> Iterator[tuple[int, int]]:
        """Yield how many points of how many are counted in journals of the same spec whose text or points differ.

        Those that are whole are left out.
        """
        for path in sorted(self._folder.parent.glob(f"*/*{_ENDING}")):
            if path == self._path:
                continue
            with suppress(OSError):
                first, *lines = path.read_bytes().splitlines(keepends=True) or [b""]
                head = _head(first)
                if head and head.get("file") == self._head["file"]:
                    done, number = sum(len(_chunk(line) or ()) for line in lines), head.get("points")
                    if isinstance(number, int) and done < number:
                        yield done, number

    def _write(self, value: object) -> None:
        if self._stream is not None:
            self._stream.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
            self._stream.flush()

    def _refused(self, error: OSError) -> UsageError:
        remedy = "free disk space, or set COSTLENS_CACHE to another folder"
        return UsageError(f"{self._folder}: cannot be written: {reason(error)}; {remedy}; what was counted is kept")


def _head(line: bytes) -> dict[str, object] | None:
    with suppress(ValueError):
        found = json.loads(line)
        return found if isinstance(found, dict) and line.endswith(b"\n") else None
    return None


def _chunk(line: bytes) -> list[Counted] | None:
    """Read a line; None where it is not whole."""
    if not line.endswith(b"\n"):
        return None
    try:
        return [
            Counted(number, identity, None if totals is None else Totals(*totals), why)
            for number, identity, totals, why in json.loads(line)
        ]
    except (TypeError, ValueError):
        return None


def _prune(folder: Path) -> None:
    """Remove the journals that no run has used for a month."""
    for path in folder.glob(f"*/*{_ENDING}"):
        with suppress(OSError):
            if time() - path.stat().st_mtime > _KEPT_DAYS * DAY_S:
                path.unlink()
                path.parent.rmdir()
