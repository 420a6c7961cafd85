"""``[tool.costlens]``: the specs that are checked where none is named, and budgets for those that a glob matches."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costlens.budgets import Limit, strictest
from costlens.errors import Problem, did_you_mean
from costlens.project.places import Keys, places
from costlens.spec import files_in
from costlens.spec.model import LIMITED, limit, other_figure
from costlens.spec.source import SUFFIX
from costlens.spec.tree import shorten

FILE = "pyproject.toml"
_TABLE = ("tool", "costlens")
_KNOWN = ("specs", "budgets")
_BUDGET = '"specs/*.yaml" = {params = "5M", macs = "600M"}'


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits of one glob, and the specs it matches."""

    limits: tuple[Limit, ...]
    files: frozenset[Path]


@dataclass(frozen=True, slots=True)
class Project:
    """A project's settings; ``problems`` is what is wrong with them, and is left out of the rest.

    ``places`` are the paths and globs that ``specs`` were found at, some of which may be gone.
    """

    file: str
    specs: tuple[Path, ...] = ()
    guards: tuple[Guard, ...] = ()
    problems: tuple[Problem, ...] = ()
    places: tuple[Path, ...] = ()

    def limits(self, spec: Path) -> list[Limit]:
        """Return the limits of a spec: of each figure the strictest of all globs that match it."""
        here = spec.resolve()
        return strictest(limit for guard in self.guards if here in guard.files for limit in guard.limits)


def find(start: Path) -> Path | None:
    """Return the nearest pyproject.toml with ``[tool.costlens]`` in a folder or above it, within its repository."""
    for folder in (start, *start.parents):
        path = folder / FILE
        try:
            if b"costlens" in path.read_bytes() and _settings(path.read_text(encoding="utf-8")) is not None:
                return path
        except (OSError, UnicodeDecodeError):
            pass
        if (folder / ".git").exists():
            break
    return None


def read(path: Path) -> Project:
    """Read a project's settings; all that is wrong with them is in ``problems``, each at its line."""
    return _Reader(path).project()


def _settings(text: str) -> Any:
    """Return the table, None where there is none; a text that is no TOML has one if it says so."""
    try:
        document: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {} if "tool.costlens" in text else None
    tool = document.get("tool")
    return tool.get("costlens") if isinstance(tool, Mapping) else None


class _Reader:
    """Reads one file and collects what is wrong with it."""

    def __init__(self, path: Path) -> None:
        self.root = path.parent
        self.file = Path(os.path.relpath(path)).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.places = places(self.text, _TABLE)
        self.problems: list[Problem] = []

    def project(self) -> Project:
        try:
            tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"line (\d+), column (\d+)", str(error))
            line, column = (int(at[1]), int(at[2])) if at else (self.text.count("\n") or 1, 1)
            return Project(self.file, problems=(Problem(self.file, line, column, "", f"not valid TOML: {error}"),))
        table = self._mapping((), _settings(self.text), "a table with specs and budgets")
        for key in table:
            if key not in _KNOWN:
                self._add((key,), f"unknown key{did_you_mean(key, _KNOWN) or '; known: ' + ', '.join(_KNOWN)}")
        specs, guards = self._specs(table.get("specs", [])), self._guards(table.get("budgets", {}))
        named = tuple(Path(os.path.relpath(self.root / word)) for word in table["specs"]) if specs else ()
        return Project(self.file, specs, guards, tuple(self.problems), named)

    def _specs(self, given: Any) -> tuple[Path, ...]:
        if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
            self._add(("specs",), f'expected a list of paths and globs, such as ["specs/"], received {_shown(given)}')
            return ()
        return tuple(dict.fromkeys(path for word in given for path in self._matching(word, ("specs",))))

    def _guards(self, given: Any) -> tuple[Guard, ...]:
        found = []
        for glob, figures in self._mapping(("budgets",), given, f"globs with their budgets, such as {_BUDGET}").items():
            path = ("budgets", glob)
            limits = self._limits(path, self._mapping(path, figures, "figures, such as {macs = \"600M\"}"))
            files = frozenset(file.resolve() for file in self._matching(glob, path))
            found.append(Guard(limits, files))
        return tuple(found)

    def _limits(self, path: Keys, given: Mapping[str, Any]) -> tuple[Limit, ...]:
        found = []
        for name, value in given.items():
            at = (*path, name)
            if name not in LIMITED:
                self._add(at, f"unknown figure{other_figure(name)}")
                continue
            written = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
            try:
                amount = limit(name, written)
            except ValueError as error:
                self._add(at, f"{str(error).partition(', received')[0]}, received {_shown(value)}")
                continue
            line, column = self._place(at)
            found.append(Limit("pyproject", name, amount, self.file, line, column))
        return tuple(found)

    def _matching(self, word: str, path: Keys) -> list[Path]:
        """Return the specs that a path or a glob stands for; a problem where there are none."""
        try:
            found = sorted(self.root.glob(word))
        except (ValueError, NotImplementedError, IndexError, OSError):
            self._add(path, f"{word}: expected a path or a glob relative to this file")
            return []
        specs = [spec for each in found for spec in (files_in(each) if each.is_dir() else _spec(each, self.root))]
        if not specs:
            self._add(path, f"{word}: matches no spec (*.yaml); correct it, or take it out")
        return list(dict.fromkeys(Path(os.path.relpath(spec)) for spec in specs))

    def _mapping(self, path: Keys, given: Any, expected: str) -> Mapping[str, Any]:
        if isinstance(given, Mapping):
            return given
        self._add(path, f"expected {expected}, received {_shown(given)}")
        return {}

    def _add(self, path: Keys, message: str) -> None:
        line, column = self._place(path)
        self.problems.append(Problem(self.file, line, column, ".".join(map(shorten, (*_TABLE, *path))), message))

    def _place(self, path: Keys) -> tuple[int, int]:
        return self.places.get((*_TABLE, *path), (0, 0))


def _shown(value: Any) -> str:
    return shorten(repr(value))


def _spec(path: Path, root: Path) -> list[Path]:
    hidden = any(part.startswith(".") and part != ".." for part in path.relative_to(root).parts)
    return [] if hidden or path.suffix != ".yaml" or path.name.endswith(SUFFIX) else [path]
