"""Fields of layers: what each one takes, read from its annotation once; values, words and schemas follow from it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cache
from math import isfinite
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

from costlens.arithmetic.shapes import Limits
from costlens.errors import UsageError

REQUIRED: Any = object()
"""The default of a field that has none."""


class Scalar(NamedTuple):
    """A bool, an int or a float within limits."""

    sort: type
    limits: Limits = Limits()


class Words(NamedTuple):
    """One of some words: a collection may find out what it holds when it is asked."""

    words: Collection[str]


class Text(NamedTuple):
    """A text of one form: a pattern that matches all of it, and what the form is called."""

    pattern: str
    called: str

    def holds(self, value: object) -> bool:
        """Say whether a value is such a text."""
        return isinstance(value, str) and re.fullmatch(self.pattern, value) is not None


class Items(NamedTuple):
    """A list: as many items as limits allow, all of the first type, or one item of each type."""

    types: tuple[Type, ...]
    limits: Limits | None = None


Type = tuple[Scalar | Words | Text | Items | None, ...]
"""Alternatives; None stands for no value."""


class FieldError(UsageError):
    """Fields that a layer cannot take; ``wrong`` says by name what was expected."""

    def __init__(self, kind: str, wrong: Mapping[str, str]) -> None:
        self.wrong = wrong
        super().__init__("\n".join(f"{kind}: {name}: {message}" for name, message in wrong.items()))


class Field(NamedTuple):
    """One field of a layer kind: what its class says of it, and the ``type`` that is read from its annotation."""

    default: Any
    description: str
    limits: Limits
    type: Type = ()
    example: Any = None

    @property
    def required(self) -> bool:
        """Whether the field has no default."""
        return self.default is REQUIRED

    @property
    def expected(self) -> str:
        """What the field takes, in words."""
        return words(self.type)

    def take(self, value: Any) -> Any:
        """Return a value as the field holds it: a list as a tuple, a number as its sort; ValueError if it cannot be."""
        return _taken(self.type, value)


def field(
    *,
    default: Any = REQUIRED,
    description: str,
    ge: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
    example: Any = None,
) -> Any:
    """Declare a field of a layer: its default, what it means, and the least and most of a number.

    example: what the kind's example in the reference sets it to; a field that is required has one.
    """
    return Field(default, description, Limits(ge=ge, gt=gt, lt=lt), example=example)


@cache
def fields_of(cls: type) -> Mapping[str, Field]:
    """Return the fields of a layer kind, those of its bases first."""
    annotations = get_type_hints(cls, include_extras=True)
    declared = ((name, getattr(cls, name, None)) for name in annotations)
    return {
        name: each._replace(type=type_of(annotations[name], each.limits))
        for name, each in declared
        if isinstance(each, Field)
    }


def type_of(annotation: Any, limits: Limits = Limits()) -> Type:  # noqa: B008  # a value
    """Read an annotation.

    >>> type_of(Literal["same", "valid"] | None)
    (Words(words=('same', 'valid')), None)
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return (parts[1],) if isinstance(parts[1], Words | Text) else type_of(parts[0], parts[1])
    if origin is Literal:
        return (Words(parts),)
    if origin in (Union, UnionType):
        return tuple(one for part in parts for one in type_of(part))
    if origin is tuple:
        return (Items(tuple(type_of(part) for part in parts if part is not ...), limits if ... in parts else None),)
    return (None,) if annotation is NoneType else (Scalar(annotation, limits),)


def _taken(wanted: Type, value: Any) -> Any:
    for one in wanted:
        if isinstance(one, Items):
            if isinstance(value, list | tuple) and _fits(one, len(value)):
                types = one.types * len(value) if one.limits else one.types
                with suppress(ValueError):
                    return tuple(_taken(each, item) for each, item in zip(types, value, strict=True))
        elif isinstance(one, Scalar):
            if _is_number(one, value):
                return one.sort(value)
        elif isinstance(one, Text):
            if one.holds(value):
                return value
        elif value is None if one is None else value in one.words:
            return value
    raise ValueError(value)


def _fits(wanted: Items, length: int) -> bool:
    if wanted.limits is None:
        return length == len(wanted.types)
    return wanted.limits.min_length <= length <= wanted.limits.max_length


def _is_number(wanted: Scalar, value: Any) -> bool:
    if isinstance(value, bool) or wanted.sort is bool:
        return isinstance(value, bool) and wanted.sort is bool
    sorts = (int, float) if wanted.sort is float else int
    return isinstance(value, sorts) and isfinite(value) and wanted.limits.hold(value)


def words(wanted: Type) -> str:
    """Say what a type takes.

    >>> words(type_of(Annotated[int, Limits(ge=1)] | Annotated[tuple[int, ...], Limits(min_length=1, max_length=2)]))
    'a whole number from 1, or a list of 1 or 2 of: a whole number'
    >>> words(type_of(bool)), words(type_of(Literal["same", "valid"]))
    ('true or false', 'same or valid')
    """
    return _either(_alternatives(wanted))


def _alternatives(wanted: Type) -> list[str]:
    found: list[str] = []
    for one in wanted:
        if isinstance(one, Words):
            found += one.words
        elif isinstance(one, Text):
            found.append(one.called)
        elif isinstance(one, Items):
            found.append(_list(one, found))
        elif one is not None:
            found.append(_number(one))
    return found


def _number(wanted: Scalar) -> str:
    if wanted.sort is bool:
        return "true or false"
    limits = wanted.limits
    least = f" from {limits.ge}" if limits.ge is not None else f" above {limits.gt}" if limits.gt is not None else ""
    most = f"{',' if least else ''} below {limits.lt}" if limits.lt is not None else ""
    return f"a {'whole ' if wanted.sort is int else ''}number{least}{most}"


def _list(wanted: Items, before: Sequence[str]) -> str:
    """Write a list; ``before`` are the alternatives in front of it, which it can refer to as "them"."""
    if wanted.limits is None:
        return f"a pair [{', '.join(map(words, wanted.types))}]"
    least, most = wanted.limits.min_length, wanted.limits.max_length
    size = f"{least} {'or' if most == least + 1 else 'to'} {most}"
    items = _alternatives(wanted.types[0])
    if not before or not set(before) <= set(items):
        return f"a list of {size} of: {_either(items)}"
    rest = [item for item in items if item not in before]
    return f"a list of {size}: any of them, or {_either(rest)}" if rest else f"a list of {size} of them"


def _either(alternatives: Sequence[str]) -> str:
    if len(alternatives) == 1:
        return alternatives[0]
    plain = all(" " not in word for word in alternatives)
    return f"{', '.join(alternatives[:-1])}{'' if plain else ','} or {alternatives[-1]}"
