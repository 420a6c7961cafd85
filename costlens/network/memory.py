"""Graph → what its activations take in memory: tensors, from the step that writes them to the last that reads them.

A step is an operator as TensorFlow Lite's converter makes them: a folded norm and a ReLU are part of the operator
before them; whatever else a row consists of is an operator of its own, with a tensor of its own (``Layer.between``).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from costlens.arithmetic import arena
from costlens.arithmetic.precision import FP32, INT8, WIDTHS, Precision
from costlens.arithmetic.shapes import elements
from costlens.network import figures
from costlens.network.graph import Graph, Node, folded_norms
from costlens.network.layers import Layer

_FLOATS = 6
"""Bytes of a value that is read and of one that is made, both in fp32, less those that the graph's tensors have."""


class Held(NamedTuple):
    """A piece of memory that is in use from step ``first`` to step ``last``.

    node: the place of the node that asks for it; -1 for an input of the graph. between: which of the tensors between
    the operators of that node it is, from 1 on; 0 is a tensor of the graph. over: the place of the tensor, among those
    held, over which it can be written; -1 for none. scratch: what the node's kernel needs meanwhile. in_int8: bytes of
    each value that it needs in int8 alone.
    """

    name: str
    node: int
    first: int
    last: int
    between: int = 0
    over: int = -1
    scratch: bool = False
    in_int8: int = 0


class Run(NamedTuple):
    """The steps of a graph, by the places of their nodes, and what is held in the order in which it is written.

    It is the same for all sizes of the graph's inputs.
    """

    steps: tuple[int, ...]
    held: tuple[Held, ...]


def run(graph: Graph) -> Run:
    """Return the steps of a graph, and what is held in them."""
    walk = _Walk(graph)
    for name, _ in graph.inputs:
        walk.add(Held(name, -1, 0, 0))
    for place, node in enumerate(graph.nodes):
        walk.node(place, node)
    for name in graph.outputs:
        walk.read(name, len(walk.steps) - 1)
    made = zip(walk.names, walk.last, walk.held, strict=True)
    return Run(tuple(walk.steps), tuple(one._replace(name=name, last=last) for name, last, one in made))


def values(graph: Graph, found: Run) -> list[int]:
    """Return how many values each piece holds for one example."""
    return [_values(graph, one) for one in found.held]


def _values(graph: Graph, one: Held) -> int:
    if one.in_int8 or not (one.between or one.scratch):
        return elements(graph.shapes[one.name])
    node = graph.nodes[one.node]
    layer, shapes = node.layer, graph.input_shapes(node)
    if one.between:
        return figures.between(layer, shapes)[one.between - 1]
    return max(0, figures.inside(layer, shapes) - sum(elements(graph.shapes[name]) for name in graph.makes(node)))


def sizes(graph: Graph, found: Run, values: Sequence[int], precisions: Mapping[str, Precision]) -> list[int]:
    """Return the bytes of each piece, by the precision of the row that asks for it.

    An input of the graph has that of the row that reads it first. Some kernels need more in int8.
    """
    nodes, first = graph.nodes, dict[str, str]()
    any_row = next(iter(precisions), "")
    for node in reversed(nodes):
        first |= dict.fromkeys(node.inputs, node.row)
    made = []
    for one, number in zip(found.held, values, strict=True):
        row = nodes[one.node].row if one.node >= 0 else first.get(one.name, any_row)
        precision = precisions.get(row, FP32)
        made.append(number * ((one.in_int8 if precision == INT8 else 0) if one.in_int8 else WIDTHS[precision]))
    return made


def steps(found: Run) -> tuple[list[int], list[int]]:
    """Return the first and the last step of each piece."""
    return [one.first for one in found.held], [one.last for one in found.held]


def tensors(found: Run, sizes: Sequence[int]) -> list[arena.Tensor]:
    """Return what is held as an arena takes it; ``sizes`` are bytes."""
    names = [_called(one) for one in found.held]
    return [
        arena.Tensor(name, size, one.first, one.last, names[one.over] if one.over >= 0 else "", one.scratch)
        for name, one, size in zip(names, found.held, sizes, strict=True)
    ]


def _called(one: Held) -> str:
    """Name a piece: a tensor by its node, else by what it is to it."""
    if one.scratch:
        return f"{one.name} (scratch)"
    return f"{one.name} (part {one.between})" if one.between else one.name


class _Walk:
    """The state of a walk over a graph's nodes."""

    def __init__(self, graph: Graph) -> None:
        self.steps: list[int] = []
        self.held: list[Held] = []
        self.names: list[str] = []
        self.last: list[int] = []
        self._graph = graph
        self._folded = folded_norms(graph)
        self._readers = Counter([*(name for node in graph.nodes for name in node.inputs), *graph.outputs])
        self._places: dict[str, int] = {}
        self._open: set[str] = set()
        """The tensors to whose operator an activation can still be added."""

    def node(self, place: int, node: Node) -> None:
        """Add the operators of a node, each of which reads what the one before it made."""
        if self._joined(node):
            return
        layer = node.layer
        more = len(figures.between(layer, self._graph.input_shapes(node)))
        for number in range(1, more + 1):
            self._read_by(node, place) if number == 1 else self.steps.append(place)
            self.add(Held(node.name, place, len(self.steps) - 1, len(self.steps), number))
        if layer.keeps_input or not more:
            self._read_by(node, place)
        else:
            self.steps.append(place)
        step = len(self.steps) - 1
        over = self._places[node.inputs[0]] if layer.in_place and len(node.inputs) == 1 and not more else -1
        for name in self._graph.makes(node):
            self.add(Held(name, place, step, step, over=over if name == node.name else -1))
        if type(layer).inside is not Layer.inside:
            self.add(Held(node.name, place, step, step, scratch=True))
        if wide := layer.scratch_int8 + (_FLOATS if layer.stays_float else 0):
            self.add(Held(node.name, place, step, step, scratch=True, in_int8=wide))
        if layer.takes_activation:
            self._open.add(node.name)

    def add(self, one: Held) -> None:
        """Hold a piece."""
        if not one.between and not one.scratch:
            self._places[one.name] = len(self.held)
        self.held.append(one)
        self.names.append(one.name)
        self.last.append(one.last)

    def read(self, name: str, step: int) -> None:
        """Note that a step reads a tensor."""
        self.last[self._places[name]] = max(self.last[self._places[name]], step)

    def _read_by(self, node: Node, place: int) -> None:
        """Add a step that reads what a node reads."""
        self.steps.append(place)
        for name in node.inputs:
            self.read(name, len(self.steps) - 1)

    def _joined(self, node: Node) -> bool:
        """Say whether a node is no operator of its own: it does nothing, or is part of the one that it reads."""
        source = node.inputs[0]
        is_part = node.name in self._folded or (
            node.layer.is_fused and source in self._open and self._readers[source] == 1
        )
        if not is_part and not node.layer.vanishes:
            return False
        place = self._places[node.name] = self._places[source]
        if is_part:
            self.names[place] = node.name
        if source in self._open and not node.layer.is_fused:
            self._open.add(node.name)
        return True
