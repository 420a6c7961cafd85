"""A YAML file → a document of published figures that knows where everything stands in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from costlens.analysis.published.document import Document, FigureEntry, Rows, TableEntry
from costlens.errors import Problem, UsageError, did_you_mean

Location = tuple[int | str, ...]
Places = Mapping[Location, tuple[int, int]]

_EXPECTED = {
    "too_short": "at least one",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "a text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}
_FIELDS = sorted({field for part in (Document, TableEntry, FigureEntry, Rows) for field in part.model_fields})


@dataclass(frozen=True, slots=True)
class Source:
    """A document, its file, and the 1-based line and column of every value in it."""

    path: Path
    document: Document
    places: Places

    def problem(self, at: Location, message: str) -> Problem:
        """Return a problem at a place of the document, or of what holds it."""
        return _problem(str(self.path), self.places, at, message)


def read(path: Path) -> Source:
    """Read a document; UsageError with every problem found: file, line, column, field, what and remedy."""
    text = _text(path)
    places: dict[Location, tuple[int, int]] = {}
    problems: list[Problem] = []
    tree = _plain(_composed(path, text), (), places, problems, set(), str(path))
    if problems:
        raise refused(problems)
    try:
        return Source(path, Document.model_validate(tree), places)
    except ValidationError as error:
        raise refused(list(_explained(error.errors(), str(path), places))) from None


def refused(problems: Sequence[Problem]) -> UsageError:
    """Return all problems as one error, in the order of the file."""
    return UsageError("\n".join(map(str, sorted(problems))))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name a table (*.yaml) or a folder of them") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text: {error}") from None


def _composed(path: Path, text: str) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        why = f"not valid YAML: {error.problem or error.context}"
        raise refused([Problem(str(path), line, column, "", why)]) from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise refused([Problem(str(path), 1, 1, "", f"not valid YAML: {error}")]) from None
    if node is None:
        raise refused([Problem(str(path), 1, 1, "", "the file is empty; a table has title:, source: and tables:")])
    return node


def _plain(
    node: Any,
    at: Location,
    places: dict[Location, tuple[int, int]],
    problems: list[Problem],
    seen: set[int],
    file: str,
) -> Any:
    """Return a node as mappings, lists and the text of its scalars, so that a figure stays as it is printed."""
    mark = node.start_mark
    places.setdefault(at, (mark.line + 1, mark.column + 1))
    if isinstance(node.value, str):
        return node.value
    if id(node) in seen:
        problems.append(_problem(file, places, at, "aliases are not supported; write it out"))
        return None
    seen.add(id(node))
    if node.id == "sequence":
        return [_plain(item, (*at, i), places, problems, seen, file) for i, item in enumerate(node.value)]
    made: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value if isinstance(key.value, str) else ""
        if not name or name in made:
            why = f"{name}: written twice; keep one" if name else "expected a word as key"
            problems.append(Problem(file, key.start_mark.line + 1, key.start_mark.column + 1, _path(at), why))
            continue
        places[(*at, name)] = key.start_mark.line + 1, key.start_mark.column + 1
        made[name] = _plain(value, (*at, name), places, problems, seen, file)
    return made


def _explained(errors: Sequence[ErrorDetails], file: str, places: Places) -> Iterator[Problem]:
    for found in errors:
        at, kind, shown = found["loc"], found["type"], found["input"]
        if kind == "too_short" and shown:  # each of its items has been named
            continue
        if kind == "extra_forbidden":
            hint = did_you_mean(str(at[-1]), _FIELDS)
            yield _problem(file, places, at, f"{at[-1]}: unknown field{hint}", inside=at[:-1])
        elif kind == "missing":
            yield _problem(file, places, at[:-1], f"{at[-1]}: missing")
        elif kind == "value_error":
            yield _problem(file, places, at, found["msg"].removeprefix("Value error, "))
        else:
            received = "a list" if isinstance(shown, list) else "a mapping" if isinstance(shown, dict) else f"{shown!r}"
            yield _problem(file, places, at, f"expected {_EXPECTED.get(kind, found['msg'])}, received {received}")


def _problem(file: str, places: Places, at: Location, message: str, inside: Location | None = None) -> Problem:
    known = next(at[:length] for length in range(len(at), -1, -1) if at[:length] in places)
    return Problem(file, *places[known], _path(at if inside is None else inside), message)


def _path(at: Location) -> str:
    """Write a place as ``tables[0].figures[2].published``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
