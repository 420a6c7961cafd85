"""Dataclasses as lines of JSON and back, for measuring processes, which import as little as they can."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from functools import cache
from itertools import repeat
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints


def write(message: Any) -> str:
    """Write a dataclass, or a mapping that may hold one, as one line."""
    return json.dumps(message, default=_plain)


def read(kind: Any, plain: Any) -> Any:
    """Return the value of a type whose JSON was read: dataclasses, tuples, mappings, paths, and what JSON holds itself.

    >>> read(tuple[int | None, ...], [1, None]), read(Mapping[str, tuple[str, float]], {"a": ["b", 0.5]})
    ((1, None), {'a': ('b', 0.5)})
    """
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{name: read(_hints(kind)[name], value) for name, value in plain.items()})
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return None if plain is None else read(next(each for each in inside if each is not NoneType), plain)
    if origin is tuple:
        kinds = repeat(inside[0]) if inside[-1] is ... else inside
        return tuple(read(each, one) for each, one in zip(kinds, plain, strict=False))
    if origin is Mapping:
        return {key: read(inside[1], one) for key, one in plain.items()}
    return Path(plain) if kind is Path else plain


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else asdict(value)


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
