"""The words of the language, read from the folders of layers and of convolution kinds."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from costlens.network.layers import Layer, layer_kind, layer_names
from costlens.network.layers._elementwise import Elementwise
from costlens.network.variants import kind_names

TOP_LEVEL = {
    "name": "the network's name: letters, digits, _ and -",
    "title": "what reports call it",
    "source": "where the architecture is published",
    "include": "a file of blocks (its name ends in .blocks.yaml), or a list of them, relative to this file",
    "knobs": "names with a number or a word each, for expressions; --set NAME=VALUE changes them",
    "input": "the sizes of the only input, without the batch, channels last: [96, 64, 1]",
    "inputs": "names with the sizes of each input",
    "defaults": "fields by layer kind; those of conv go to every kind of convolution",
    "blocks": "names with params and layers, to be used like a layer kind",
    "layers": "the layers, from input to output",
    "sections": "names with lists of layers, in order; a report gives each its subtotal",
    "outputs": "names of the layers whose outputs the network returns; the last one unless given",
    "expect": "published figures and their source",
    "budget": "what the network may cost at most",
}
"""The keys of a spec, with what they hold."""
BLOCKS_FILE = ("defaults", "blocks")
"""The keys of a file that specs include."""

STRUCTURES = {
    "repeat": {
        "times": "how often the layers are repeated",
        "layers": "the layers that are repeated; a name x inside becomes x1, x2, …",
    },
    "residual": {
        "body": "the layers of the long way",
        "shortcut": "the layers of the short way; none: the identity",
        "join": "the layer that joins the two; add unless given",
        "activation": "the activation after the join",
    },
    "branches": {
        "paths": "lists of layers that start from the same tensor; an empty one is the identity",
        "join": "the layer that joins them; concat unless given",
        "axis": "the axis of a concat; the channels unless given",
    },
}
"""The statements that hold others: their fields, with what they hold."""

ADDED = {
    "norm": "the norm after the layer: batch, layer, none, or one with its fields",
    "activation": "the activation after the norm, none, or a list of activations",
    "fixed": "leave this convolution as it is in every variant",
    "name": "the layer's name: letters, digits and _",
    "from": "the name of the layer it reads, instead of the one before; a list for joins",
}
"""The fields of statements that are no fields of a layer, with what they hold."""

EVERY_STATEMENT = ("name", "from")
STANDARD = "standard"
CONVOLUTION = "conv"
"""The layer whose fields every kind of convolution has; its defaults go to all of them."""
_NORM = "_norm"
_FIELDS_ELSEWHERE = {
    "out_channels": "filters", "kernel_size": "kernel", "pool_size": "kernel", "strides": "stride", "pad": "padding",
    "dilation_rate": "dilation", "use_bias": "bias", "depth_multiplier": "multiplier", "out_features": "units",
    "eps": "epsilon", "p": "rate", "inputs": "from", "act": "activation",
}  # fmt: skip
"""What frameworks call the fields of layers."""


class Kind(NamedTuple):
    """What a statement's word stands for: a layer class, and the kind of convolution if it is one."""

    layer: type[Layer]
    convolution: str = ""

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The layer's own fields."""
        return tuple(self.layer.fields())

    @property
    def added_fields(self) -> tuple[str, ...]:
        """The further fields of the statement."""
        tail = ("norm", "activation") if self.layer.folds_norm else ()
        fixed = ("fixed",) if self.convolution else ()
        return (*tail, *fixed, *EVERY_STATEMENT)

    @property
    def takes_convolution_defaults(self) -> bool:
        """Whether ``defaults: conv`` applies."""
        return self.layer.folds_norm and "kernel" in self.layer.fields()


@cache
def layer_words() -> tuple[str, ...]:
    """Return every word that stands for a layer: the layer kinds and the further kinds of convolution."""
    return (*layer_names(), *(name for name in kind_names() if name != STANDARD))


@cache
def words() -> frozenset[str]:
    """Return every word a statement can start with, blocks aside."""
    return frozenset((*layer_words(), *STRUCTURES))


def meant(word: str) -> str:
    """Return the layer word that another word for the same thing stands for; any other word as it is.

    >>> meant("swish"), meant("relou")
    ('silu', 'relou')
    """
    names = (name for name in layer_names() if word.lower() in layer_kind(name).also_called)
    return next(names, word)


def field_meant(name: str) -> str:
    """Return the field that another word for the same thing stands for; any other word as it is."""
    return _FIELDS_ELSEWHERE.get(name, name)


@cache
def kind(word: str) -> Kind:
    """Return what a layer word stands for, importing that layer alone."""
    if word == CONVOLUTION:
        return Kind(layer_kind(CONVOLUTION), STANDARD)
    if word in kind_names() and word != STANDARD:
        return Kind(layer_kind(CONVOLUTION), word)
    return Kind(layer_kind(word))


@cache
def norm_words() -> tuple[str, ...]:
    """Return the words of ``norm:``, ``none`` aside: the norm layers without their ending."""
    names = (name for name in layer_names() if name.endswith(_NORM))
    return tuple(name.removesuffix(_NORM) for name in names if layer_kind(name).is_norm)


def norm_layer(word: str) -> type[Layer] | None:
    """Return the layer of a word of ``norm:``, or None."""
    name = f"{word}{_NORM}"
    found = layer_kind(name) if name in layer_names() else None
    return found if found is not None and found.is_norm else None


@cache
def activation_words() -> tuple[str, ...]:
    """Return the words of ``activation:``, ``none`` aside: the layers that change each value by itself."""
    return tuple(name for name in layer_names() if activation_layer(name))


def activation_layer(word: str) -> type[Layer] | None:
    """Return the layer of a word of ``activation:``, or None."""
    found = layer_kind(word) if word in layer_names() else None
    return found if found is not None and issubclass(found, Elementwise) else None


@cache
def join_words() -> tuple[str, ...]:
    """Return the layers that join several tensors."""
    return tuple(name for name in layer_names() if layer_kind(name).joins)


def join_layer(word: str) -> type[Layer] | None:
    """Return the layer of a word of ``join:``, or None."""
    found = layer_kind(word) if word in layer_names() else None
    return found if found is not None and found.joins else None


def structure_fields(word: str) -> tuple[str, ...]:
    """Return the fields of a statement that holds others."""
    return (*STRUCTURES[word], *EVERY_STATEMENT)


def listed(names: Collection[str]) -> str:
    """Write names for a message."""
    return ", ".join(names)
