"""What a Keras tensor was made as: the node of a graph, noted on the tensor by what builds the model.

Keras has no layer for many kinds, so one node may be several Keras layers, or one that runs a function. The note says
which kind they are together. It is on the tensors of this process: a file does not keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.network.graph import Node

_PLACE = "_costlens_made"


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A node as Keras tensors: those that it reads, and those that it makes; its place in the graph."""

    node: Node
    place: int
    reads: tuple[Any, ...]
    makes: tuple[Any, ...]

    def layers(self) -> Iterator[Any]:
        """Yield the Keras layers between them, each once, from its output on."""
        ends = {id(tensor) for tensor in self.reads}
        found: set[int] = set()
        left = [*self.makes]
        while left:
            operation, index, _ = left.pop()._keras_history
            if id(operation) not in found:
                found.add(id(operation))
                yield operation
                left += [each for each in operation._inbound_nodes[index].input_tensors if id(each) not in ends]


def note(node: Node, place: int, reads: Sequence[Any], makes: Sequence[Any]) -> None:
    """Note on the tensors that a node makes that it makes them."""
    made = Made(node, place, tuple(reads), tuple(makes))
    for tensor in makes:
        setattr(tensor, _PLACE, made)


def made_as(tensor: Any) -> Made | None:
    """Return what was noted on a Keras tensor; None for one of another's making."""
    return getattr(tensor, _PLACE, None)
