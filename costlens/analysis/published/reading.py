"""A YAML file → a document of published figures that knows where everything stands in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from costlens.analysis.published.document import Document, FigureEntry, Rows, TableEntry
from costlens.errors import Problem, SpecError, UsageError, did_you_mean

Location = tuple[int | str, ...]

_EXPECTED = {
    "too_short": "at least one",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "tuple_type": "a list",
    "string_type": "a text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
}
_FIELDS = sorted({name for part in (Document, TableEntry, FigureEntry, Rows) for name in part.model_fields})


@dataclass(frozen=True, slots=True)
class Places:
    """A file, and the 1-based line and column of every value in it."""

    file: str
    found: dict[Location, tuple[int, int]] = field(default_factory=dict)

    def problem(self, at: Location, message: str, inside: Location | None = None) -> Problem:
        """Return a problem at a place of the document, or of what holds it; ``inside`` is the field it names."""
        known = next(at[:length] for length in range(len(at), -1, -1) if at[:length] in self.found)
        return Problem(self.file, *self.found[known], _path(at if inside is None else inside), message)


@dataclass(frozen=True, slots=True)
class Source:
    """A document, its file, and where everything stands in it."""

    path: Path
    document: Document
    places: Places


def read(path: Path) -> Source:
    """Read a document; SpecError with every problem found: file, line, column, field, what and remedy."""
    reader = _Reader(Places(str(path)))
    tree = reader.plain(_composed(path), ())
    if reader.problems:
        raise SpecError(reader.problems)
    try:
        return Source(path, Document.model_validate(tree), reader.places)
    except ValidationError as error:
        raise SpecError(list(_explained(error.errors(), reader.places))) from None


def _composed(path: Path) -> Any:
    """Return the nodes of a file."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file; name a table (*.yaml) or a folder of them") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as UTF-8 text: {error}") from None
    line, column = 1, 1
    try:
        if node := YAML(typ="safe", pure=True).compose(text):
            return node
        why = "the file is empty; a table has title:, source: and tables:"
    except MarkedYAMLError as error:
        if mark := error.problem_mark or error.context_mark:
            line, column = mark.line + 1, mark.column + 1
        why = f"not valid YAML: {error.problem or error.context}"
    except (YAMLError, ValueError, RecursionError) as error:
        why = f"not valid YAML: {error}"
    raise SpecError([Problem(str(path), line, column, "", why)])


@dataclass(frozen=True, slots=True)
class _Reader:
    places: Places
    problems: list[Problem] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def plain(self, node: Any, at: Location) -> Any:
        """Return a node as mappings, lists and the text of its scalars, so that a figure stays as it is printed."""
        self.places.found.setdefault(at, _place(node))
        if isinstance(node.value, str):
            return node.value
        if id(node) in self.seen:
            self.problems.append(self.places.problem(at, "aliases are not supported; write it out"))
            return None
        self.seen.add(id(node))
        if node.id == "sequence":
            return [self.plain(item, (*at, i)) for i, item in enumerate(node.value)]
        made: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if isinstance(key.value, str) else ""
            if not name or name in made:
                why = f"{name}: written twice; keep one" if name else "expected a word as key"
                self.problems.append(Problem(self.places.file, *_place(key), _path(at), why))
                continue
            self.places.found[(*at, name)] = _place(key)
            made[name] = self.plain(value, (*at, name))
        return made


def _explained(errors: Sequence[ErrorDetails], places: Places) -> Iterator[Problem]:
    for found in errors:
        at, kind, given = found["loc"], found["type"], found["input"]
        if kind == "too_short" and given:  # each of its items has been named
            continue
        if kind == "extra_forbidden":
            hint = "; it belongs elsewhere" if at[-1] in _FIELDS else did_you_mean(str(at[-1]), _FIELDS)
            yield places.problem(at, f"{at[-1]}: unknown field{hint}", inside=at[:-1])
        elif kind == "missing":
            yield places.problem(at[:-1], f"{at[-1]}: missing")
        elif kind == "value_error":
            yield places.problem(at, found["msg"].removeprefix("Value error, "))
        else:
            received = "a list" if isinstance(given, list) else "a mapping" if isinstance(given, dict) else f"{given!r}"
            yield places.problem(at, f"expected {_EXPECTED.get(kind, found['msg'])}, received {received}")


def _place(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _path(at: Location) -> str:
    """Write a place as ``tables[0].figures[2].published``."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
