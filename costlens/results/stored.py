"""Results as JSON text and back: the same text for the same value, checked field by field when it is read.

A ``Document`` that other programs read has its JSON Schema in ``schemas/NAME.json``, named as its module.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar, get_type_hints

from costlens.discovery import class_in
from costlens.errors import UsageError
from costlens.results.shown import Shown

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_T = TypeVar("_T")
_SCHEMAS = Path(__file__).parent / "schemas"
DOCUMENTS = tuple(sorted(file.stem for file in _SCHEMAS.glob("*.json")))
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_IN_ONE_PIECE = 1_000
_MOST_DIGITS = 20
"""Digits and sign of a 64-bit number; no count reaches a longer one, and a float may not hold it."""
_MAY_BE_LONG = re.compile(rf"(?<![.\d])\d{{{_MOST_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class Document(Shown):
    """A result that is stored; its first field says which version of ``SCHEMA`` wrote it. UsageError for another one.

    REMEDY: what to do about a text that is not such a result.
    """

    SCHEMA: ClassVar[str]
    REMEDY: ClassVar[str]

    schema: str

    def __post_init__(self) -> None:
        if self.schema != self.SCHEMA:
            expected = f"expected schema {self.SCHEMA}, received {self.schema!r}"
            raise UsageError(f"{self.word()}: {expected}; {self.REMEDY}")

    @classmethod
    def word(cls) -> str:
        """Return what it is: ``layer times`` of ``costlens.layer-times/1``."""
        return cls.SCHEMA.split("/")[0].removeprefix("costlens.").replace("-", " ")

    @classmethod
    def from_json(cls, text: str, *, what: str = "") -> Self:
        """Read one from its text; UsageError ``what: where: why; remedy`` where the text is something else."""
        from pydantic import ValidationError

        what = what or cls.word()
        try:
            found = _adapter(cls).validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise UsageError(f"{what}: {where}: {first['msg']}; {cls.REMEDY}") from None
        if _MAY_BE_LONG.search(text):
            try:
                json.loads(text, parse_int=_require_possible)
            except ValueError as error:
                raise UsageError(f"{what}: {error}; {cls.REMEDY}") from None
        return found


def to_json(value: Any) -> str:
    """Return a frozen dataclass as JSON text with a newline at its end."""
    made = {each.name: held[:] for each in fields(value) if _is_several(held := getattr(value, each.name))}
    return _adapter(type(value)).dump_json(replace(value, **made), indent=2).decode() + "\n"


def json_pieces(value: Any) -> Iterator[str]:
    """Yield the text of :func:`to_json` in pieces: those of a long sequence one after another, so that few are held."""
    head, kinds = "{", get_type_hints(type(value))
    for each in fields(value):
        held = getattr(value, each.name)
        yield f'{head}\n  "{each.name}": '
        head = ","
        if _is_several(held) and len(held) > _IN_ONE_PIECE:
            yield from _parts(kinds[each.name], held)
        else:
            yield _text(kinds[each.name], held[:] if _is_several(held) else held)
    yield "\n}\n"


def _is_several(held: object) -> bool:
    """Say whether a value is a sequence; a slice of one that makes its parts when they are looked at is a tuple."""
    return isinstance(held, Sequence) and not isinstance(held, str | bytes)


def _parts(kind: Any, held: Sequence[Any]) -> Iterator[str]:
    for start in range(0, len(held), _IN_ONE_PIECE):
        part = held[start : start + _IN_ONE_PIECE]
        yield ("," if start else "[") + _text(kind, part)[1:-4]
    yield "\n  ]"


def _text(kind: Any, value: Any) -> str:
    """Return a value as JSON text within a document."""
    return _adapter(kind).dump_json(value, indent=2).decode().replace("\n", "\n  ")


def _require_possible(digits: str) -> None:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number of {len(digits)} digits, where counts have 19 at most")


def _adapter(kind: type[_T]) -> TypeAdapter[_T]:
    """Return what reads and writes a dataclass. It is made once: that takes longer than a text takes."""
    from pydantic import TypeAdapter

    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def stored_schema(name: str) -> str:
    """Return the JSON Schema of a document as it lies in the package."""
    return (_SCHEMAS / f"{name}.json").read_text(encoding="utf-8")


def made_schema(name: str) -> dict[str, Any]:
    """Make the JSON Schema of a document from its type: draft 2020-12, every field required, no other allowed."""
    from pydantic import TypeAdapter

    kind = class_in("costlens.results", name, Document)
    document = TypeAdapter(kind).json_schema(mode="serialization")
    for each in (document, *document.get("$defs", {}).values()):
        if "properties" in each:
            each |= {"required": sorted(each["properties"]), "additionalProperties": False}
    document["properties"]["schema"] = {"const": kind.SCHEMA, "description": "the version of this document"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{kind.SCHEMA.replace('.', ':').replace('/', ':')}",
        **document,
        "title": kind.SCHEMA,
    }


def document_of(held: Any, what: str) -> Document | None:
    """Return the result that a JSON value is, by what its ``schema`` says; None where it is none of ours.

    UsageError where it is one of another version, or is not whole.
    """
    schema = held.get("schema") if isinstance(held, dict) else None
    if not isinstance(schema, str):
        return None
    name = schema.partition("/")[0].removeprefix("costlens.").replace("-", "_")
    try:
        kind = class_in("costlens.results", name, Document)
    except ImportError:  # a document of no room of ours
        return None
    return kind.from_json(json.dumps(held), what=what)
