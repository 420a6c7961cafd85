"""The type of a layer's field as JSON Schema; every scalar also takes a string, an expression or a name."""

from __future__ import annotations

from typing import Any

from costlens.network.fields import Field, Items, Scalar, Type, Words

Json = dict[str, Any]

_SCALARS = {bool: "boolean", int: "integer", float: "number"}
_LIMITS = {"ge": "minimum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def json_type(field: Field) -> Json:
    """Return the schema of a field, with its description and its default.

    >>> from costlens.network.layers.conv import Conv
    >>> json_type(Conv.fields()["filters"])
    {'description': 'output channels', 'type': ['integer', 'string'], 'minimum': 1}
    """
    default = {} if field.required or field.default is None else {"default": field.default}
    schema = _schema(field.type)
    if schema.get("type") == "array":
        schema = {"anyOf": [schema, {"type": "string"}]}
    return {"description": field.description, **default, **schema}


def _schema(wanted: Type) -> Json:
    parts = [_part(one) for one in wanted if one is not None]
    return parts[0] if len(wanted) == 1 else {"anyOf": parts}


def _part(one: Scalar | Words | Items) -> Json:
    if isinstance(one, Words):
        return {"anyOf": [{"enum": list(one.words)}, {"type": "string"}]}
    if isinstance(one, Items):
        return _array(one)
    limits = {word: limit for name, word in _LIMITS.items() if (limit := getattr(one.limits, name)) is not None}
    return {"type": [_SCALARS[one.sort], "string"], **limits}


def _array(wanted: Items) -> Json:
    if wanted.limits is None:
        items = [_schema(each) for each in wanted.types]
        return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
    sizes = {"minItems": wanted.limits.min_length, "maxItems": wanted.limits.max_length}
    return {"type": "array", "items": _schema(wanted.types[0]), **sizes}
