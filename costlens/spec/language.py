"""The words of the language, read from the folders of layers and of convolution kinds."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from costlens.layers import Layer, layer_kind, layer_names
from costlens.layers._elementwise import Elementwise
from costlens.variants import kind_names

STRUCTURES = {
    "repeat": ("times", "layers", "name", "from"),
    "residual": ("body", "shortcut", "join", "activation", "name", "from"),
    "branches": ("paths", "join", "axis", "name", "from"),
}
"""The statements that hold others, with their fields."""

EVERY_STATEMENT = ("name", "from")
STANDARD = "standard"
CONVOLUTION = "conv"
"""The layer whose fields every kind of convolution has; its defaults go to all of them."""
_NORM = "_norm"


class Kind(NamedTuple):
    """What a statement's word stands for: a layer class, and the kind of convolution if it is one."""

    layer: type[Layer]
    convolution: str = ""

    @property
    def own_fields(self) -> tuple[str, ...]:
        """The layer's own fields."""
        return tuple(self.layer.model_fields)

    @property
    def added_fields(self) -> tuple[str, ...]:
        """The fields the statement has besides."""
        tail = ("norm", "activation") if self.layer.folds_norm else ()
        fixed = ("fixed",) if self.convolution else ()
        return (*tail, *fixed, *EVERY_STATEMENT)

    @property
    def takes_convolution_defaults(self) -> bool:
        """Whether ``defaults: conv`` applies."""
        return self.layer.folds_norm and "kernel" in self.layer.model_fields


@cache
def layer_words() -> tuple[str, ...]:
    """Return every word that stands for a layer: the layer kinds and the further kinds of convolution."""
    return (*layer_names(), *(name for name in kind_names() if name != STANDARD))


@cache
def words() -> frozenset[str]:
    """Return every word a statement can start with, blocks aside."""
    return frozenset((*layer_words(), *STRUCTURES))


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


def listed(names: Collection[str]) -> str:
    """Write names for a message."""
    return ", ".join(names)
