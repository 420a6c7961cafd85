"""Results as JSON text and back: the same text for the same value, checked field by field when it is read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TypeVar

from costlens.errors import UsageError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_T = TypeVar("_T")
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}
_MAY_BE_LONG = re.compile(r"(?<![.\d])\d{20}")


def to_json(value: Any) -> str:
    """Return a frozen dataclass as JSON text with a newline at its end."""
    return _adapter(type(value)).dump_json(value, indent=2).decode() + "\n"


def from_json(kind: type[_T], text: str, *, what: str, remedy: str) -> _T:
    """Read a dataclass from its JSON text; UsageError ``what: where: why; remedy`` where the text is something else."""
    from pydantic import ValidationError

    try:
        found = _adapter(kind).validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{what}: {where}: {first['msg']}; {remedy}") from None
    if _MAY_BE_LONG.search(text):
        try:
            json.loads(text, parse_int=_whole_number)
        except ValueError as error:
            raise UsageError(f"{what}: {error}; {remedy}") from None
    return found


def _whole_number(digits: str) -> None:
    """Refuse a number that no count reaches, and that a float may not hold."""
    if len(digits) > 20:  # noqa: PLR2004  # digits and sign of a 64-bit number
        raise ValueError(f"a number of {len(digits)} digits, where counts have 19 at most")


def _adapter(kind: type[_T]) -> TypeAdapter[_T]:
    """Return what reads and writes a dataclass. It is made once: that takes longer than a text takes."""
    from pydantic import TypeAdapter

    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]
