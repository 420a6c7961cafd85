"""The JSON Schema of the spec language, made from the layers' own fields: what editors complete from.

Every field also takes a string: an expression, or the name of a knob or a parameter. No field is required, since
``defaults`` may give it. Draft 7, which editors know best.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from costlens.arithmetic.precision import PRECISIONS
from costlens.network.fields import Field, Items, Scalar, Text, Type, Words
from costlens.network.layers import Layer
from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from costlens.spec import language
from costlens.spec.kinds import help_line
from costlens.spec.language import Family
from costlens.spec.mixes import NAME, reserved
from costlens.spec.model import EXPECTED, LIMITED

Json = dict[str, Any]

_SCALARS = {bool: "boolean", int: "integer", float: "number"}
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}

_NAME = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
_TEXT = {"type": ["string", "number"]}
_REFERENCES: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_FIGURE = {"type": ["number", "string"], "description": "a figure such as 4.2M, 569M or 3751369"}
_LIMIT = {"type": ["number", "string"], "description": "at most: a figure such as 600M, of bytes also 14MB or 2MiB"}
_CONDITION = {"type": ["string", "boolean", "number"]}
_LISTS: Json = {
    "anyOf": [
        {"type": ["string", "array"]},
        {"type": "object", "additionalProperties": {"type": ["string", "array"]}, "minProperties": 1},
    ]
}
_SIZES: Json = {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": 4}


def _named(definition: str) -> Json:
    return {"$ref": f"#/definitions/{definition}"}


def _object(properties: Mapping[str, Any]) -> Json:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _open(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}


_LAYERS = _named("layers")
_PATHS = {"type": "array", "items": _LAYERS, "minItems": 2}
_ADDED: Json = {
    "norm": {"allOf": [_named("norm")]},
    "activation": {"allOf": [_named("activation")]},
    "fixed": {"type": ["boolean", "string"]},
    "name": _NAME,
    "from": _REFERENCES,
    "when": _CONDITION,
    "shared": _NAME,
    "like": {"type": "string"},
}
"""The fields of statements that are no fields of a layer."""


def schema() -> Json:
    """Return the JSON Schema of a spec."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "costlens spec",
        "type": "object",
        "properties": _top_level(),
        "anyOf": [{"required": ["name"]}, {"required": ["blocks"]}],  # the second is a file that specs include
        "additionalProperties": False,
        "definitions": _definitions(),
    }


def _top_level() -> Json:
    kinds = _open({"enum": [AS_WRITTEN, *kind_names()]})
    block = _object({"params": _open({}), "layers": _LAYERS}) | {"required": ["layers"]}
    types: Json = {
        "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]*$"},
        "title": _TEXT,
        "source": _TEXT,
        "include": _REFERENCES,
        "knobs": _open({"anyOf": [_named("scalar"), _named("list")]}),
        "input": _SIZES,
        "inputs": _open(_SIZES),
        "defaults": _object({word: _object(_defaults(word)) for word in language.layer_words()}),
        "blocks": _open(block),
        "layers": _LAYERS,
        "sections": _open(_LAYERS),
        "outputs": _REFERENCES,
        "kinds": kinds,
        "variants": {**_open(kinds), "propertyNames": {"pattern": f"^{NAME.pattern}$", "not": {"enum": [*reserved()]}}},
        "precision": {"anyOf": [{"enum": [*PRECISIONS]}, _open({"enum": [*PRECISIONS]})]},
        "expect": {
            **_object({**dict.fromkeys(EXPECTED, _FIGURE), "source": _TEXT}),
            "anyOf": [{"required": [name]} for name in EXPECTED],
        },
        "budget": {**_object(dict.fromkeys(LIMITED, _LIMIT)), "minProperties": 1},
    }
    return _described(language.TOP_LEVEL, types)


def _definitions() -> Json:
    words = language.layer_words()
    one = {word: _named(word) for word in (*words, *language.STRUCTURES)}
    statement = {**_exactly_one(one), "additionalProperties": _named("block")}
    several = {"type": "array", "items": _named("one_activation")}
    return {
        "scalar": {"type": ["number", "string", "boolean"]},
        "list": {"type": "array", "items": {"anyOf": [_named("scalar"), _named("list"), _named("row")]}},
        "row": _open({"anyOf": [_named("scalar"), _named("list")]}),
        "layers": {"type": "array", "items": _named("statement")},
        "statement": {"anyOf": [{"enum": list(words)}, _NAME, statement]},
        "block": {
            "description": "A block with its parameters.",
            "type": ["object", "null"],
            "properties": _added((*language.EVERY_STATEMENT, language.SHARED)),
        },
        "norm": _family(language.NORMS),
        "activation": {"anyOf": [_named("one_activation"), several]},
        "one_activation": _family(language.ACTIVATIONS),
        **{word: _statement(word) for word in words},
        **_structures(),
    }


def _statement(word: str) -> Json:
    kind = language.kind(word)
    forms = _forms(kind.layer, _added(kind.added_fields))
    return {"description": help_line(word), "anyOf": [*forms, {"type": "null"}]}


def _forms(layer: type[Layer], added: Json) -> list[Json]:
    """Return the shorthand of a layer, if it has one, and its fields."""
    fields = {name: _field(info) for name, info in layer.fields().items()}
    return [*([fields[layer.shorthand]] if layer.shorthand else []), _object({**fields, **added})]


def _defaults(word: str) -> Json:
    found: Json = {}
    for name, kind in language.default_fields(word).items():
        fields = kind.layer.fields()
        found |= {name: _field(fields[name])} if name in fields else _added([name])
    return found


def _family(family: Family) -> Json:
    words = family.words()
    fields = {word: {"anyOf": _forms(layer, {})} for word in words if (layer := family.layer(word))}
    one = {**_exactly_one(fields), "additionalProperties": False}
    return {"anyOf": [{"enum": [*words, "none"]}, {"type": ["string", "null"]}, one]}


def _structures() -> Json:
    types: Json = {
        "times": {"type": ["integer", "string"], "minimum": 0},
        "for": _LISTS,
        "index": _NAME,
        "layers": {"allOf": [_LAYERS]},
        "body": {"allOf": [_LAYERS]},
        "shortcut": {"anyOf": [_LAYERS, {"type": "null"}]},
        "paths": _PATHS,
        "join": {"enum": list(language.JOINS.words())},
        "axis": {"type": ["integer", "string"]},
        "activation": _ADDED["activation"],
        "shared": {"type": ["boolean", "string"]},
        "of": _NAME,
    }
    every = _added(language.EVERY_STATEMENT)
    made: Json = {word: _object({**_described(texts, types), **every}) for word, texts in language.STRUCTURES.items()}
    return made | {"branches": {"anyOf": [_PATHS, made["branches"]]}, "shared": {"anyOf": [_NAME, made["shared"]]}}


def _added(names: Iterable[str]) -> Json:
    return _described({name: language.ADDED[name] for name in names}, _ADDED)


def _described(texts: Mapping[str, str], types: Json) -> Json:
    return {name: {"description": text, **types[name]} for name, text in texts.items()}


def _exactly_one(properties: Json) -> Json:
    return {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": properties}


def _field(field: Field) -> Json:
    """Return the schema of a field, with its description and its default.

    >>> from costlens.network.layers.conv import Conv
    >>> _field(Conv.fields()["filters"])
    {'description': 'output channels', 'type': ['integer', 'string'], 'minimum': 1}
    """
    default = {} if field.required or field.default is None else {"default": field.default}
    schema = _type(field.type)
    if schema.get("type") == "array":
        schema = {"anyOf": [schema, {"type": "string"}]}
    return {"description": field.description, **default, **schema}


def _type(wanted: Type) -> Json:
    parts = [_part(one) for one in wanted if one is not None]
    return parts[0] if len(parts) == 1 else {"anyOf": parts}


def _item(wanted: Type) -> Json:
    return {"anyOf": [_type(wanted), {"type": "null"}]} if None in wanted else _type(wanted)


def _part(one: Scalar | Words | Text | Items) -> Json:
    if isinstance(one, Text):
        return {"type": "string"}
    if isinstance(one, Words):
        return {"anyOf": [{"enum": list(one.words)}, {"type": "string"}]}
    if isinstance(one, Items):
        if one.limits is None:
            items = [_type(each) for each in one.types]
            return {"type": "array", "items": items, "minItems": len(items), "maxItems": len(items)}
        sizes = {"minItems": one.limits.min_length, "maxItems": one.limits.max_length}
        return {"type": "array", "items": _item(one.types[0]), **sizes}
    limits = {word: limit for name, word in _BOUNDS.items() if (limit := getattr(one.limits, name)) is not None}
    return {"type": [_SCALARS[one.sort], "string"], **limits}
