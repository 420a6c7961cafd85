"""The type of a layer's field in words: ``a whole number from 1, or a list of 1 to 2 of them``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo


def type_words(info: FieldInfo) -> str:
    """Say what a field takes.

    >>> from costlens.network.layers.conv import Conv
    >>> type_words(Conv.model_fields["filters"])
    'a whole number from 1'
    >>> type_words(Conv.model_fields["kernel"])
    'a whole number from 1, or a list of 1 or 2 of them'
    >>> type_words(Conv.model_fields["bias"])
    'true or false'
    """
    return _either(_alternatives(info.annotation, info.metadata))


def _alternatives(annotation: Any, limits: Iterable[Any] = (), before: Sequence[str] = ()) -> list[str]:
    """Return what an annotation takes, one by one; ``before`` are those a list can refer to as "them"."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return _alternatives(inner, [limit for item in extra for limit in _limits(item)], before)
    if origin is Literal:
        return [str(word) for word in get_args(annotation)]
    if origin is tuple:
        return [_list(get_args(annotation), limits, before)]
    if origin in (Union, UnionType):
        words: list[str] = []
        for part in get_args(annotation):
            words += [] if part is NoneType else _alternatives(part, before=words)
        return words
    return [_scalar(annotation, limits)]


def _scalar(annotation: Any, limits: Iterable[Any]) -> str:
    if annotation in (int, float):
        return f"a {'whole ' if annotation is int else ''}number{_range(limits)}"
    return "true or false" if annotation is bool else str(getattr(annotation, "__name__", annotation))


def _limits(item: Any) -> list[Any]:
    return list(item.metadata) if isinstance(item, FieldInfo) else [item]


def _either(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    plain = all(" " not in word for word in words)
    return f"{', '.join(words[:-1])}{'' if plain else ','} or {words[-1]}"


def _list(parts: tuple[Any, ...], limits: Iterable[Any], before: Sequence[str]) -> str:
    if Ellipsis not in parts:
        return f"a pair [{', '.join(_either(_alternatives(part)) for part in parts)}]"
    least = next((limit.min_length for limit in limits if isinstance(limit, MinLen)), 0)
    most = next((limit.max_length for limit in limits if isinstance(limit, MaxLen)), None)
    size = f"{least} or more" if most is None else f"{least} {'or' if most == least + 1 else 'to'} {most}"
    items = _alternatives(parts[0])
    if not before or not set(before) <= set(items):
        return f"a list of {size} of: {_either(items)}"
    rest = [item for item in items if item not in before]
    return f"a list of {size}: any of them, or {_either(rest)}" if rest else f"a list of {size} of them"


def _range(limits: Iterable[Any]) -> str:
    text = ""
    for limit in limits:
        if isinstance(limit, Ge):
            text += f" from {limit.ge}"
        elif isinstance(limit, Gt):
            text += f" above {limit.gt}"
        elif isinstance(limit, Le):
            text += f" to {limit.le}"
        elif isinstance(limit, Lt):
            text += f"{',' if text else ''} below {limit.lt}"
    return text
