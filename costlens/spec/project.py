"""``[tool.costlens]``: the specs that are checked where none is named; budgets and sizes for what a glob matches."""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from typing import Any

from costlens.analysis.budgets import Limit, strictest
from costlens.arithmetic.figures import FigureError
from costlens.errors import Problem, SpecError, UsageError, did_you_mean, first_line
from costlens.spec.model import LIMITED, limit, other_figure
from costlens.spec.paths import ending_in, files_in, files_of, folder_of
from costlens.spec.source import OUTSIDE, held, is_outside, text_of
from costlens.spec.toml_places import Keys, places
from costlens.spec.tree import shorten

FILE = "pyproject.toml"
_TABLE = ("tool", "costlens")
_KNOWN = ("specs", "budgets", "sizes", "record", "db")
_KEEPING = (b"record", b"db")
_SIZES = '"models/*.onnx" = {time = 100}'
_BUDGET = '"specs/*.yaml" = {params = "5M", macs = "600M"}'


@dataclass(frozen=True, slots=True)
class Guard:
    """The limits of one glob, and the specs it matches, wherever links lead."""

    limits: tuple[Limit, ...]
    files: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sized:
    """The sizes that one glob gives to axes and inputs, and the model files it matches, wherever links lead."""

    sizes: Mapping[str, str]
    files: frozenset[str]


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
    sized: tuple[Sized, ...] = ()

    def sizes(self, file: Path) -> dict[str, str]:
        """Return the sizes of a model file's axes and inputs; of two globs that match it, the later one's."""
        here = os.path.realpath(file)
        return {name: size for each in self.sized if here in each.files for name, size in each.sizes.items()}

    def limits(self, spec: Path) -> list[Limit]:
        """Return the limits of a spec: of each figure the strictest of all globs that match it."""
        here = os.path.realpath(spec)
        return strictest(limit for guard in self.guards if here in guard.files for limit in guard.limits)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Whether a project records what commands find, and the file of its history, where it has its own."""

    record: bool = False
    db: Path | None = None


def keeping(start: Path) -> Keeping:
    """Read what the project of a folder says of its history; SpecError where that is not valid."""
    path = find(start)
    try:
        content = path.read_bytes() if path else b""
        if path is None or not any(word in content for word in _KEEPING):
            return Keeping()
        file = Path(os.path.relpath(path)).as_posix()
        text = text_of(content, file)
        table = _table(text)
    except (OSError, ValueError, RecursionError, SpecError):
        return Keeping()  # a check says what is wrong with the file
    reader = _Reader(path, file, text)
    found = reader.keeping(table if isinstance(table, Mapping) else {})
    if reader.problems:
        raise SpecError(reader.problems)
    return found


def find(start: Path) -> Path | None:
    """Return the nearest pyproject.toml with ``[tool.costlens]`` in a folder or above it, within its repository.

    A file that may have the table counts too: one that cannot be opened, or that says costlens and is not TOML.
    """
    for folder in (start, *start.parents):
        path = folder / FILE
        if os.path.isfile(path) and _is_meant(path):
            return path
        if (folder / ".git").exists():
            break
    return None


def read(path: Path) -> Project:
    """Read a project's settings; all that is wrong with them is in ``problems``, each at its line."""
    file = Path(os.path.relpath(path)).as_posix()

    def refused(message: str, line: int = 0, column: int = 0) -> Project:
        return Project(file, problems=(Problem(file, line, column, "", message),))

    if is_outside(str(path), str(path)):
        return refused(OUTSIDE)
    try:
        text = text_of(path.read_bytes(), file)
    except SpecError as error:
        return Project(file, problems=error.problems)
    except OSError as error:
        return refused(f"cannot be read: {(error.strerror or str(error)).lower()}; correct its rights")
    try:
        table = _table(text)
    except (ValueError, RecursionError) as error:
        at = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = map(int, at.groups()) if at else (text.count("\n") or 1, 1)
        return refused(f"not valid TOML: {error}", line, column)
    return _Reader(path, file, text).project(table)


def _is_meant(path: Path) -> bool:
    try:
        content = path.read_bytes()
        return b"costlens" in content.replace(b"\0", b"") and _table(content.decode("utf-8-sig")) is not None
    except (OSError, ValueError, RecursionError):
        return True


def _table(text: str) -> Any:
    """Return the table, None where there is none; ValueError for a text that is not TOML."""
    tool = tomllib.loads(text).get("tool")
    return tool.get("costlens") if isinstance(tool, Mapping) else None


class _Reader:
    """Reads the settings of one file and collects what is wrong with them."""

    def __init__(self, path: Path, file: str, text: str) -> None:
        self.root = path.parent
        self.path = path
        self.file = file
        self.places = places(text, _TABLE)
        self.problems: list[Problem] = []

    def project(self, given: Any) -> Project:
        table = self._mapping((), given, "a table with specs and budgets")
        for key in table:
            if key not in _KNOWN:
                self._add((key,), f"unknown key{did_you_mean(key, _KNOWN) or '; known: ' + ', '.join(_KNOWN)}")
        specs, guards = self._specs(table.get("specs", [])), self._guards(table.get("budgets", {}))
        named = tuple(Path(os.path.relpath(self.root / word)) for word in table["specs"]) if specs else ()
        sized = tuple(self._sized(table.get("sizes", {})))
        self.keeping(table)
        return Project(self.file, specs, guards, tuple(self.problems), named, sized)

    def keeping(self, table: Mapping[str, Any]) -> Keeping:
        """Read whether commands record, and where."""
        record, db = table.get("record", False), table.get("db")
        if not isinstance(record, bool):
            self._add(("record",), f"expected true or false, received {_shown(record)}")
        if db is None:
            return Keeping(record is True)
        if not isinstance(db, str) or not db or "\0" in db:
            self._add(("db",), f'expected a file, such as "history.db", received {_shown(db)}')
        elif "://" in db:
            self._add(("db",), "expected a file: a server is named by --db or COSTLENS_DB, not by a repository")
        elif is_outside(str(self.root / db), str(self.path)):
            self._add(("db",), f"{db}: lies outside the repository; --db and COSTLENS_DB may name any file")
        else:
            return Keeping(record is True, self.root / db)
        return Keeping(record is True)

    def _sized(self, given: Any) -> Iterator[Sized]:
        globs = self._mapping(("sizes",), given, f"globs with sizes of axes, such as {_SIZES}")
        for glob, named in globs.items():
            path = ("sizes", glob)
            sizes = dict[str, str]()
            for name, value in self._mapping(path, named, "sizes of axes, such as {time = 100}").items():
                if isinstance(value, int | str) and not isinstance(value, bool):
                    sizes[name] = str(value)
                else:
                    self._add((*path, name), f'expected 100 or "1x3x224x224", received {_shown(value)}')
            yield Sized(sizes, frozenset(map(os.path.realpath, self._matching(glob, path))))

    def _specs(self, given: Any) -> tuple[Path, ...]:
        if not isinstance(given, list) or not all(isinstance(word, str) for word in given):
            self._add(("specs",), f'expected a list of paths and globs, such as ["specs/"], received {_shown(given)}')
            return ()
        return tuple(dict.fromkeys(path for word in given for path in self._matching(word, ("specs",))))

    def _guards(self, given: Any) -> tuple[Guard, ...]:
        found = []
        for glob, figures in self._mapping(("budgets",), given, f"globs with their budgets, such as {_BUDGET}").items():
            path = ("budgets", glob)
            if figures == {}:
                self._add(path, 'limits nothing; give it figures, such as {macs = "600M"}, or take it out')
            if ".." in Path(glob).parts:
                self._add(path, "leaves this file's folder; write limits in a pyproject.toml at or above their specs")
                continue
            limits = tuple(self._limits(path, self._mapping(path, figures, 'figures, such as {macs = "600M"}')))
            found.append(Guard(limits, frozenset(map(os.path.realpath, self._matching(glob, path)))))
        return tuple(found)

    def _limits(self, path: Keys, given: Mapping[str, Any]) -> Iterator[Limit]:
        for name, value in given.items():
            at = (*path, name)
            written = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
            if name not in LIMITED:
                self._add(at, f"unknown figure{other_figure(name)}")
                continue
            try:
                yield Limit("pyproject", name, limit(name, written), self.file, *self._place(at))
            except FigureError as error:
                self._add(at, f"{error.expected}, received {_shown(value)}")

    def _matching(self, word: str, path: Keys) -> list[Path]:
        """Return the specs, or the model files, that a path or a glob stands for; a problem where there are none."""
        specs: list[Path] = []
        why = "expected a path or a glob relative to this file"
        if word and not Path(word).is_absolute():
            try:
                specs = self._named(word)
                why = "matches no spec (*.yaml) and no model file; correct it, or take it out"
            except UsageError:
                why = OUTSIDE
            except ValueError as error:  # not a glob, or a path with a zero byte
                why = f"{why}: {first_line(error)}"
            except OSError as error:
                why = f"cannot be read: {error.strerror}"
        if not specs:
            self._add(path, f"{word or 'nothing'}: {why}")
        return list(dict.fromkeys(Path(os.path.relpath(spec)) for spec in specs))

    def _named(self, word: str) -> list[Path]:
        held(str(self.root / folder_of(word)), str(self.path))
        named = Path(word)
        if has_magic(word):
            return files_of(named.as_posix(), self.root, ending_in(word))
        if (self.root / named).is_dir():
            return files_in(self.root / named)
        is_there = (self.root / named).exists() and ending_in(word)(named.as_posix(), named.parent.as_posix())
        return [self.root / named] if is_there else []

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
