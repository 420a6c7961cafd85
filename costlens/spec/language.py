"""The words of the language, read from the folders of layers and of convolution kinds."""

from collections.abc import Callable, Collection
from functools import cache
from typing import NamedTuple

from costlens.network.layers import Layer, layer_kind, layer_names
from costlens.network.variants import kind_names

TOP_LEVEL = {
    "name": "the network's name: letters, digits, _ and -",
    "title": "what reports call it",
    "source": "where the architecture is published",
    "include": "a file of blocks (its name ends in .blocks.yaml), or a list of them, relative to this file",
    "knobs": "names with a number, a word, true, false, or a list each, for expressions; --set NAME=VALUE changes them",
    "input": "the sizes of the only input, without the batch, channels last: [96, 64, 1]",
    "inputs": "names with the sizes of each input",
    "defaults": "fields by layer kind; those of conv go to every kind of convolution",
    "blocks": "names with params and layers, to be used like a layer kind",
    "layers": "the layers, from input to output",
    "sections": "names with lists of layers, in order; a report gives each its subtotal",
    "outputs": "names of the layers whose outputs the network returns; the last one unless given",
    "kinds": "names of convolutions, or of blocks of them, whose kind is another than the one written",
    "variants": "names of variants, each with kinds as above; --variant NAME is the network so",
    "precision": "fp32, fp16 or int8 of all sizes in bytes, or names of layers and blocks with one each",
    "expect": "published figures and their source",
    "budget": "what the network may cost at most",
}
"""The keys of a spec, with what they hold."""
BLOCKS_FILE = ("defaults", "blocks")
"""The keys of a file that specs include."""

STRUCTURES = {
    "repeat": {
        "times": "how often the layers are repeated",
        "for": "instead of times: names with lists, in step: {dilation: [1, 2, 4]}; 'a, b' takes rows apart",
        "index": "a name for the number of the turn, from 0",
        "layers": "the layers that are repeated; a name x inside becomes x1, x2, …",
        "shared": "true: every time has the weights of the first",
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
    "shared": {"of": "the name of an earlier layer or block call, which runs again with its fields and its weights"},
}
"""The statements that hold others: their fields, with what they hold."""

ADDED = {
    "norm": "the norm after the layer: batch, layer, none, or one with its fields",
    "activation": "the activation after the norm, none, or a list of activations",
    "fixed": "leave this convolution as it is in every variant",
    "name": "the layer's name: letters, digits and _",
    "from": "the name of the layer it reads, instead of the one before; a list for joins",
    "when": "the condition under which it is there; otherwise the next layer reads the one before",
    "shared": "the name of an earlier one of this kind: it runs again with its fields and its weights",
    "like": "the name of a tensor whose spatial sizes the output has",
}
"""The fields of statements that are no fields of a layer, with what they hold."""

EVERY_STATEMENT = ("name", "from", "when")
SHARED = "shared"
"""The field of layers and of block calls, and the statement, that run an earlier one again."""
LIKE = "like"
"""The field that gives a layer the spatial sizes of another tensor."""
STANDARD = "standard"
CONVOLUTION = "conv"
"""The layer whose fields every kind of convolution has; its defaults go to all of them."""


class Kind(NamedTuple):
    """What a statement's word stands for: a layer class, and the kind of convolution if it is one."""

    layer: type[Layer]
    convolution: str = ""

    @property
    def added_fields(self) -> tuple[str, ...]:
        """The fields of the statement that are not the layer's own."""
        tail = ("norm", "activation") if self.layer.folds_norm else ()
        fixed = ("fixed",) if self.convolution else ()
        like = (LIKE,) if self.layer.fits_by else ()
        return (*tail, *fixed, *like, *EVERY_STATEMENT, SHARED)

    @property
    def fields(self) -> tuple[str, ...]:
        """All fields of the statement."""
        return (*self.layer.fields(), *self.added_fields)

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


@cache
def kind(word: str) -> Kind:
    """Return what a layer word stands for, importing that layer alone."""
    if word in kind_names() and word != STANDARD:
        return Kind(layer_kind(CONVOLUTION), word)
    return Kind(layer_kind(word), STANDARD if word == CONVOLUTION else "")


def default_fields(word: str, wanted: Collection[str] | None = None) -> dict[str, Kind]:
    """Return the fields that ``defaults`` of a word may set, each with a kind of layer that has it.

    Those of ``conv`` go to all kinds of convolution; they are asked only where ``conv`` lacks a field that is wanted.
    """
    found = dict.fromkeys(kind(word).fields, kind(word))
    if word == CONVOLUTION and (wanted is None or not found.keys() >= set(wanted)):
        for other in map(kind, layer_words()):
            for name in other.fields if other.takes_convolution_defaults else ():
                found.setdefault(name, other)
    return {name: each for name, each in found.items() if name not in (*EVERY_STATEMENT, SHARED, LIKE)}


class Family(NamedTuple):
    """The layers that a field such as ``norm:`` names, by words without their common ending."""

    holds: Callable[[type[Layer]], bool]
    ending: str = ""

    def words(self) -> tuple[str, ...]:
        """Return the words of the field."""
        names = (name for name in layer_names() if name.endswith(self.ending))
        return tuple(name.removesuffix(self.ending) for name in names if self.holds(layer_kind(name)))

    def layer(self, word: str) -> type[Layer] | None:
        """Return the layer of a word, or None."""
        name = f"{word}{self.ending}"
        return layer_kind(name) if name in layer_names() and self.holds(layer_kind(name)) else None


NORMS = Family(lambda layer: layer.is_norm, "_norm")
ACTIVATIONS = Family(lambda layer: layer.is_activation)
JOINS = Family(lambda layer: layer.joins())
