"""What a model is recognised as: the nodes of a graph, one after the other, and the weights that each holds."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.graph import Graph, Node, output_shapes
from costlens.network.layers import Layer

_OTHER = re.compile(r"[^A-Za-z0-9_.]+")
_LONGEST = 90


class NoKindError(Exception):
    """Why no kind of layer says what a layer of a model does."""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A layer of a model that no kind says: its name, its class and why."""

    name: str
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Recognised:
    """A model as a graph.

    weights: the variables of the model that a node holds, in the order in which the Keras layer of the node has them,
    by the layer's name: mostly that of the node.
    """

    graph: Graph
    weights: Mapping[str, tuple[Any, ...]]


@dataclass(slots=True)
class Builder:
    """Takes layers in the order in which they run, and gives each a name of its own."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    inputs: list[str] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    weights: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    """The rows of the nodes whose model says them."""
    _first: dict[Hashable, str] = field(default_factory=dict)

    def name(self, wanted: str) -> str:
        """Return a name that a spec can have and that is not taken: ``conv1/relu`` is ``conv1_relu``.

        >>> Builder().name("conv1/relu"), Builder().name("2nd")
        ('conv1_relu', 'x2nd')
        """
        cleaned = ".".join(part[:_LONGEST] for part in _OTHER.sub("_", wanted).split(".") if part) or "layer"
        cleaned = cleaned if cleaned[0].isalpha() else f"x{cleaned}"
        found, ordinal = cleaned, 1
        while found in self.shapes:
            ordinal += 1
            found = f"{cleaned}_{ordinal}"
        return found

    def add_input(self, name: str, shape: Shape) -> str:
        """Note an input of the model."""
        named = self.name(name)
        self.shapes[named] = shape
        self.inputs.append(named)
        return named

    def add(
        self,
        layer: Layer,
        inputs: Sequence[str],
        name: str,
        weights: Mapping[str, Sequence[Any]],
        key: Hashable,
        *,
        shares: bool = False,
    ) -> tuple[str, ...]:
        """Add a layer that reads these tensors; return the names of those it makes.

        key: what is equal for all runs with the same weights. weights: the model's variables by what the name of the
        Keras layer that holds them ends in. shares: whether it is of another's weights even where it shows none.
        NoKindError where the layer does not take such inputs.
        """
        named = self.name(name)
        tied = self._first.get(key, "") if shares or any(weights.values()) else ""
        node = Node(named, layer, tuple(inputs), named, weights=tied)
        try:
            made = output_shapes(node, [self.shapes[each] for each in inputs])
        except ShapeError as error:
            raise NoKindError(str(error)) from error
        self.shapes |= made
        self.nodes.append(node)
        if not tied:
            self._first[key] = named
            self.weights |= {f"{named}{end}": tuple(held) for end, held in weights.items() if held}
        return tuple(made)
