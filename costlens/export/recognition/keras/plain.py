"""What most Keras layers need: the kind whose name they have, and its fields under their names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.keras.found import Found
from costlens.network.layers import Layer, layer_kind, layer_names
from costlens.network.layers._elementwise import Activation

KERAS_NAMES = {
    "kernel": ("kernel_size", "pool_size"),
    "stride": ("strides",),
    "dilation": ("dilation_rate",),
    "bias": ("use_bias",),
    "multiplier": ("depth_multiplier",),
    "keep_axes": ("keepdims",),
    "slope": ("negative_slope",),
    "units": ("units", "output_dim"),
    "size": ("input_dim",),
    "shape": ("target_shape",),
    "initial": ("init_values",),
}
"""What Keras calls a field, where its name is another."""
_AXIS = "axis"
_DIMENSIONS = re.compile(r"[123]d$")
_NOTHING = ("linear", None)


def plain(found: Found, kind: str = "", **fields: Any) -> str:
    """Add the layer of the kind that has the class's name, with the fields that are settings of that or another name.

    kind: it, where it has another name. fields: those that were worked out already. An activation is a layer behind it.
    NoKindError where there is no such kind, or a setting that it has no field for.
    """
    word = kind or kind_of(type(found.layer).__name__)
    cls = layer_kind(word)
    settings = found.settings
    given = {name: value for name, value in _fields(found, cls).items() if name not in fields}
    has_own = "activation" in cls.fields() or "activation" not in settings
    activation = None if has_own else settings.take("activation")
    refuse_left(found)
    output = found.add(word, **given, **fields)
    return activate(found, output, activation) if activation not in _NOTHING else output


def refuse_left(found: Found) -> None:
    """Raise NoKindError for settings that nothing has read and that change what is computed."""
    if left := found.settings.left():
        raise NoKindError(", ".join(f"{name}: {value}" for name, value in left.items()))


def _fields(found: Found, cls: type[Layer]) -> dict[str, Any]:
    given = {}
    for name in cls.fields():
        for theirs in (*KERAS_NAMES.get(name, ()), name):
            if theirs in found.settings:
                value = found.settings.take(theirs)
                given[name] = axis(value, found) if name == _AXIS else as_field(value)
                break
    return given


def axis(value: Any, found: Found) -> Any:
    """Return an axis that Keras counts from the batch as one counted behind it; the last one is -1."""
    if isinstance(value, list | tuple):
        return tuple(axis(each, found) for each in value)
    if value == 0:
        raise NoKindError("works along the batch")
    return -1 if value in (-1, found.rank) else value - 1 if value > 0 else value


def as_field(value: Any) -> Any:
    """Return a setting as fields have it: lists are tuples, and equal values for all axes are one value."""
    if isinstance(value, list | tuple):
        parts = tuple(map(as_field, value))
        return parts[0] if len(set(parts)) == 1 and not isinstance(parts[0], tuple) else parts
    return value


@cache
def kinds_by_word() -> Mapping[str, str]:
    """Return every kind by its names, as classes are called."""
    words = {_plainly(word): name for name in layer_names() for word in layer_kind(name).also_called}
    return words | {_plainly(name): name for name in layer_names()}


def kind_of(cls: str) -> str:
    """Return the kind that a class is called as; NoKindError where there is none.

    >>> kind_of("GlobalAveragePooling2D"), kind_of("Conv1D")
    ('global_avg_pool', 'conv')
    """
    word = _plainly(cls)
    known = kinds_by_word()
    found = known.get(word) or known.get(_DIMENSIONS.sub("", word))
    if found is None:
        raise NoKindError("no kind is called so")
    return found


def _plainly(word: str) -> str:
    return word.replace("_", "").lower()


@cache
def _activations() -> Mapping[str, str]:
    """Return the kinds that Keras has as activations, by its words."""
    kinds = ((name, layer_kind(name)) for name in layer_names())
    words = {kind.word(): name for name, kind in kinds if issubclass(kind, Activation)}
    return words | {"leaky_relu": "leaky_relu", "elu": "elu", "celu": "celu", "exponential": "exp", "swish": "silu"}


def activate(found: Found, tensor: str, activation: Any, *, part: str | None = None) -> str:
    """Add the activation that a setting names behind a tensor."""
    word = activation if isinstance(activation, str) else None
    if isinstance(activation, dict) and not activation.get("config"):
        word = str(activation.get("class_name"))
    if isinstance(activation, dict) and isinstance(activation.get("config"), str):
        word = activation["config"]
    if word in _NOTHING:
        if word is None:
            raise NoKindError(f"activation: {activation}")
        return tensor
    kind = _activations().get(word)
    if kind is None:
        raise NoKindError(f"activation: {word}")
    return found.add(kind, tensor, part=kind if part is None else part, weights=())
