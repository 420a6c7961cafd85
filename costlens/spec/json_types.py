"""The type of a layer's field as JSON Schema; every scalar also takes a string, an expression or a name."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic.fields import FieldInfo

Json = dict[str, Any]

_SCALARS = {bool: "boolean", int: "integer", float: "number"}


def json_type(info: FieldInfo) -> Json:
    """Return the schema of a field, with its description and its default.

    >>> from costlens.network.layers.conv import Conv
    >>> json_type(Conv.model_fields["filters"])
    {'description': 'output channels', 'type': ['integer', 'string'], 'minimum': 1}
    """
    default = {} if info.is_required() or info.default is None else {"default": info.default}
    schema = _schema(info.annotation, info.metadata)
    if schema.get("type") == "array":
        schema = {"anyOf": [schema, {"type": "string"}]}
    return {"description": info.description or "", **default, **schema}


def _schema(annotation: Any, limits: Iterable[Any] = ()) -> Json:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        return _schema(inner, [limit for item in extra for limit in _limits(item)])
    if origin is Literal:
        return {"anyOf": [{"enum": list(get_args(annotation))}, {"type": "string"}]}
    if origin in (Union, UnionType):
        return {"anyOf": [_schema(part) for part in get_args(annotation) if part is not NoneType]}
    if origin is tuple:
        return _array(get_args(annotation), limits)
    return {"type": [_SCALARS[annotation], "string"], **_range(limits)}


def _limits(item: Any) -> list[Any]:
    return list(item.metadata) if isinstance(item, FieldInfo) else [item]


def _array(parts: tuple[Any, ...], limits: Iterable[Any]) -> Json:
    if Ellipsis not in parts:
        items = [_schema(part) for part in parts]
        return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
    sizes: Json = {}
    for limit in limits:
        if isinstance(limit, MinLen):
            sizes["minItems"] = limit.min_length
        elif isinstance(limit, MaxLen):
            sizes["maxItems"] = limit.max_length
    return {"type": "array", "items": _schema(parts[0]), **sizes}


def _range(limits: Iterable[Any]) -> Json:
    bounds: Json = {}
    for limit in limits:
        if isinstance(limit, Ge):
            bounds["minimum"] = limit.ge
        elif isinstance(limit, Gt):
            bounds["exclusiveMinimum"] = limit.gt
        elif isinstance(limit, Le):
            bounds["maximum"] = limit.le
        elif isinstance(limit, Lt):
            bounds["exclusiveMaximum"] = limit.lt
    return bounds
