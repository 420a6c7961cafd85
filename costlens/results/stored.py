"""Results as JSON text and back: the same text for the same value, checked field by field when it is read."""

from __future__ import annotations

from typing import Any, TypeVar

from costlens.errors import UsageError

_T = TypeVar("_T")


def to_json(value: Any) -> str:
    """Return a frozen dataclass as JSON text with a newline at its end."""
    from pydantic import TypeAdapter

    return TypeAdapter(type(value)).dump_json(value, indent=2).decode() + "\n"


def from_json(kind: type[_T], text: str, *, what: str, remedy: str) -> _T:
    """Read a dataclass from its JSON text; UsageError ``what: where: why; remedy`` where the text is something else."""
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(kind).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{what}: {where}: {first['msg']}; {remedy}") from None
