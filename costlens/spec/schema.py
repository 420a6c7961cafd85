"""The JSON Schema of the spec language, made from the layers' own fields: what editors complete from.

Every field also takes a string: an expression, or the name of a knob or a parameter. No field is required, since
``defaults`` may give it. Draft 7, which editors know best.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from costlens.network.layers import Layer, layer_kind
from costlens.spec import language
from costlens.spec.json_types import json_type
from costlens.spec.kinds import help_line
from costlens.spec.model import EXPECTED, LIMITED

Json = dict[str, Any]

_NAME = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
_REFERENCES: Json = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}
_FIGURE = {"type": ["number", "string"], "description": "a figure such as 4.2M, 569M or 3751369"}
_LIMIT = {"type": ["number", "string"], "description": "at most: a figure such as 600M, of bytes also 14MB or 2MiB"}
_SIZES: Json = {"type": "array", "items": {"type": ["integer", "string"]}, "minItems": 1, "maxItems": 4}
_PLAIN: Json = {"type": ["number", "string"]}
_LAYERS = {"$ref": "#/definitions/layers"}


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
    kinds = {word: _object(_default_fields(word)) for word in language.layer_words()}
    block = _object({"params": _open({}), "layers": _LAYERS}) | {"required": ["layers"]}
    types: Json = {
        "name": {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_-]*$"},
        "title": {"type": ["string", "number"]},
        "source": {"type": ["string", "number"]},
        "include": _REFERENCES,
        "knobs": _open(_PLAIN),
        "input": _SIZES,
        "inputs": _open(_SIZES),
        "defaults": _object(kinds),
        "blocks": _open(block),
        "layers": _LAYERS,
        "sections": _open(_LAYERS),
        "outputs": _REFERENCES,
        "expect": {
            **_object({**dict.fromkeys(EXPECTED, _FIGURE), "source": {"type": ["string", "number"]}}),
            "anyOf": [{"required": [name]} for name in EXPECTED],
        },
        "budget": {**_object(dict.fromkeys(LIMITED, _LIMIT)), "minProperties": 1},
    }
    return {key: {"description": text, **types[key]} for key, text in language.TOP_LEVEL.items()}


def _definitions() -> Json:
    words = language.layer_words()
    one = {word: {"$ref": f"#/definitions/{word}"} for word in (*words, *language.STRUCTURES)}
    return {
        "layers": {"type": "array", "items": {"$ref": "#/definitions/statement"}},
        "statement": {
            "anyOf": [
                {"enum": list(words)},
                _NAME,
                {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "properties": one,
                    "additionalProperties": {"$ref": "#/definitions/block"},
                },
            ]
        },
        "block": {
            "description": "A block with its parameters.",
            "type": ["object", "null"],
            "properties": _added(language.EVERY_STATEMENT),
        },
        "norm": _tail(language.norm_words(), lambda word: layer_kind(f"{word}_norm")),
        "activation": {
            "anyOf": [
                {"$ref": "#/definitions/one_activation"},
                {"type": "array", "items": {"$ref": "#/definitions/one_activation"}},
            ]
        },
        "one_activation": _tail(language.activation_words(), layer_kind),
        **{word: _statement(word) for word in words},
        **_structures(),
    }


def _statement(word: str) -> Json:
    kind = language.kind(word)
    fields = {**_layer_fields(kind.layer), **_added(kind.added_fields)}
    return {"description": help_line(word), "anyOf": [*_shorthand(kind.layer), _object(fields), {"type": "null"}]}


def _shorthand(layer: type[Layer]) -> list[Json]:
    return [json_type(layer.fields()[layer.shorthand])] if layer.shorthand else []


def _layer_fields(layer: type[Layer]) -> Json:
    return {name: json_type(info) for name, info in layer.fields().items()}


def _added(names: Iterable[str]) -> Json:
    types: Json = {
        "norm": {"allOf": [{"$ref": "#/definitions/norm"}]},
        "activation": {"allOf": [{"$ref": "#/definitions/activation"}]},
        "fixed": {"type": ["boolean", "string"]},
        "name": _NAME,
        "from": _REFERENCES,
    }
    return {name: {"description": language.ADDED[name], **types[name]} for name in names}


def _default_fields(word: str) -> Json:
    kinds = [language.kind(word)]
    if word == language.CONVOLUTION:
        every = map(language.kind, language.layer_words())
        kinds += [kind for kind in every if kind.takes_convolution_defaults]
    fields: Json = {}
    for kind in kinds:
        added = [name for name in kind.added_fields if name not in language.EVERY_STATEMENT]
        fields = {**_layer_fields(kind.layer), **_added(added), **fields}
    return fields


def _tail(words: tuple[str, ...], find: Any) -> Json:
    fields = {word: {"anyOf": [*_shorthand(find(word)), _object(_layer_fields(find(word)))]} for word in words}
    one: Json = {"type": "object", "minProperties": 1, "maxProperties": 1, "properties": fields}
    return {"anyOf": [{"enum": [*words, "none"]}, {"type": ["string", "null"]}, {**one, "additionalProperties": False}]}


def _structures() -> Json:
    several = {"type": "array", "items": _LAYERS, "minItems": 2}
    types: Json = {
        "times": {"type": ["integer", "string"], "minimum": 0},
        "layers": {"allOf": [_LAYERS]},
        "body": {"allOf": [_LAYERS]},
        "shortcut": {"anyOf": [_LAYERS, {"type": "null"}]},
        "paths": several,
        "join": {"enum": list(language.join_words())},
        "axis": {"type": ["integer", "string"]},
        "activation": {"allOf": [{"$ref": "#/definitions/activation"}]},
    }
    made: Json = {}
    for word, texts in language.STRUCTURES.items():
        fields = {name: {"description": text, **types[name]} for name, text in texts.items()}
        made[word] = _object({**fields, **_added(language.EVERY_STATEMENT)})
    made["branches"] = {"anyOf": [several, made["branches"]]}
    return made


def _object(properties: Mapping[str, Any]) -> Json:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _open(values: Json) -> Json:
    return {"type": "object", "additionalProperties": values}
