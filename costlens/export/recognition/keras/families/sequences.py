"""Layers that read sequences: recurrent ones in one direction and in two, and attention."""

from collections.abc import Sequence
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found
from costlens.export.recognition.keras.plain import kind_of, refuse_left
from costlens.export.recognition.keras.settings import Settings

_GATES = "sigmoid"
_BOTH = {"concat": "concat", "sum": "sum"}


def _recurrent(found: Found) -> Sequence[str]:
    fields = _cells(found.layer, found.settings)
    return found.add_all(kind_of(type(found.layer).__name__), **fields)


def _cells(layer: Any, settings: Settings) -> dict[str, Any]:
    """Return the fields of one direction."""
    fields = {name: settings.take(name) for name in ("units", "return_sequences", "go_backwards", "return_state")}
    fields |= {"inner": settings.take("activation"), "bias": settings.take("use_bias")}
    if "reset_after" in settings:
        fields["reset_after"] = settings.take("reset_after")
    gates = settings.take("recurrent_activation", _GATES)
    if gates != _GATES:
        raise NoKindError(f"recurrent_activation: {gates}")
    if settings.take("stateful"):
        raise NoKindError("stateful: True")
    for name in ("implementation", "use_cudnn", "time_major"):
        settings.take(name)
    if left := settings.left():
        raise NoKindError(", ".join(f"{name}: {value}" for name, value in left.items()))
    return {name: value for name, value in fields.items() if value is not False or name in ("bias", "reset_after")}


def _bidirectional(found: Found) -> Sequence[str]:
    wrapped, back = found.layer.forward_layer, found.layer.backward_layer
    merge = found.settings.take("merge_mode")
    fields, other = _cells(wrapped, Settings(wrapped)), _cells(back, Settings(back))
    if other.pop("go_backwards", False) is not True or other != fields:
        raise NoKindError("its two directions differ")
    if merge not in _BOTH:
        raise NoKindError(f"merge_mode: {merge}")
    kind = kind_of(type(wrapped).__name__)
    more = {} if merge == "concat" else {"merge": merge}
    return found.add_all(kind, bidirectional=True, **more, **fields)


def _attention(found: Found) -> str:
    """Say attention whose keys and values are one tensor; Keras's weights by their places in ours."""
    settings, layer = found.settings, found.layer
    heads, key, value = (settings.take(name) for name in ("num_heads", "key_dim", "value_dim"))
    shape, bias = settings.take("output_shape"), settings.take("use_bias")
    settings.take("dropout"), settings.take("attention_axes")
    refuse_left(found)
    given = {name: each for name, each in found.named.items() if each not in (None, False)}
    causal = given.pop("use_causal_mask", False)
    query, memory = _query_and_memory(found, given)
    if shape is not None and len(shape) != 1:
        raise NoKindError(f"output_shape: {shape}")
    parts = {"-query": "_query_dense", "-key": "_key_dense", "-value": "_value_dense", "": "_output_dense"}
    weights = {end: getattr(layer, name).weights for end, name in parts.items()}
    axes = getattr(layer, "_attention_axes", None)
    if axes is not None and tuple(axes) != (len(found.shape(query)) - 1,):
        raise NoKindError(f"attention_axes: {tuple(axes)}")
    inputs = (query,) if memory == query else (query, memory)
    return found.add(
        "attention", *inputs, weights=weights, heads=heads, key_size=key, bias=bias, units=shape and shape[0],
        value_size=value if value not in (None, key) else None, causal=True if causal else None,
    )  # fmt: skip


def _query_and_memory(found: Found, named: dict[str, Any]) -> tuple[str, str]:
    """Return what queries are made of, and what keys and values are; NoKindError where these are two tensors."""
    names = ("query", "value", "key")
    given = dict(zip(names, found.arguments, strict=False)) | {name: named.pop(name) for name in names if name in named}
    if more := [*named, *found.arguments[len(names) :]]:
        raise NoKindError(f"is called with {more[0]}")
    if given.get("key", given["value"]) != given["value"]:
        raise NoKindError("its keys and values are made of two tensors")
    return given["query"], given["value"]


OPERATORS = {
    "LSTM": _recurrent,
    "GRU": _recurrent,
    "SimpleRNN": _recurrent,
    "Bidirectional": _bidirectional,
    "MultiHeadAttention": _attention,
}
