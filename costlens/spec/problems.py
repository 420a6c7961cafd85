"""Collects what is wrong with a spec, each thing once, to be reported all at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from costlens.errors import Problem, SpecError
from costlens.spec import elsewhere
from costlens.spec.tree import Entry, Line, Mapping, Place, Position, shorten, what

MAX_PROBLEMS = 200
START = Place(1, 1, "")


class ValuesError(ValueError):
    """What is wrong with values: of each the position, the path and the message."""

    def __init__(self, *found: tuple[Position, str, str]) -> None:
        self.found = found
        super().__init__()


class Problems:
    """The problems of a spec and of the files it includes; the same message at the same place counts once.

    Two hundred are enough for one report: the next one raises all of them.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self._found: dict[tuple[str, int, int, str, str], Problem] = {}

    def copy(self) -> Problems:
        """Return the same problems, to which others can be added."""
        made = Problems(self.file)
        made._found = dict(self._found)
        return made

    def add(self, at: Position, path: str, message: str, call: str = "") -> None:
        """Note a problem; ``call`` says which call of a block it is found in."""
        file = at.line.file if isinstance(at.line, Line) else self.file
        key = file, at.line, at.column, path, message
        if key not in self._found:
            context = "; ".join(filter(None, (call, f"included by {self.file}" if file != self.file else "")))
            self._found[key] = Problem(file, at.line, at.column, path, f"{message} ({context})" if context else message)
            if len(self._found) >= MAX_PROBLEMS:
                raise self.error()

    def add_all(self, error: ValuesError, call: str = "") -> None:
        """Note all that an error says."""
        for at, path, message in error.found:
            self.add(at, path, message, call)

    def unknown(
        self, at: Position, path: str, name: str, known: Iterable[str], otherwise: str, noun: str = "field"
    ) -> None:
        """Note an unknown name, with the known one that was probably meant, or what to say otherwise."""
        self.add(at, path, f"{shorten(name)}: unknown {noun}{elsewhere.guess(name, known, otherwise)}")

    def entries(self, entry: Entry | None, path: str, expected: str, empty: str = "") -> dict[str, Entry]:
        """Return the entries of an optional mapping; anything else is a problem, as is an empty one if ``empty``."""
        if entry is None:
            return {}
        if isinstance(entry.value, Mapping):
            if empty and not entry.value.entries:
                self.add(entry.value, path, empty)
            return entry.value.entries
        self.add(entry.value, path, f"expected {expected}, received {what(entry.value)}")
        return {}

    def stop(self, at: Position, path: str, message: str) -> NoReturn:
        """Note a problem behind which nothing can be read: raise SpecError."""
        self.add(at, path, message)
        raise self.error()

    def __len__(self) -> int:
        return len(self._found)

    def error(self) -> SpecError:
        """Return all problems as one error."""
        return SpecError(list(self._found.values()))

    def check(self) -> None:
        """Raise SpecError when there is any."""
        if self._found:
            raise self.error()
