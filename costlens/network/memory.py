"""Graph → what its activations take in memory: tensors, from the step that writes them to the last that reads them.

A step is an operator as TensorFlow Lite's converter makes them: a folded norm and a ReLU are part of the operator
before them; whatever else a row consists of is an operator of its own, with a tensor of its own (``Layer.between``).

Convolutions and pools over a sequence are operators on images of height 1. The converter leaves an image what it is
until a layer reads it that does not work on images; then a reshape makes it a sequence, directly behind its maker.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from costlens.arithmetic import arena
from costlens.arithmetic.precision import FP32, INT8, WIDTHS, Precision
from costlens.arithmetic.shapes import elements
from costlens.network import figures
from costlens.network.graph import Graph, Node, folded_norms
from costlens.network.layers import Layer

_SEQUENCE = 2
"""Axes of a sequence."""
_FLOATS = 6
"""Bytes of a value that is read and of one that is made, both in fp32, less those that the graph's tensors have."""


class Held(NamedTuple):
    """A piece of memory that is in use from step ``first`` to step ``last``.

    node: the place of the node that asks for it; -1 for an input of the graph. between: which of the tensors between
    the operators of that node it is, from 1 on; 0 is a tensor of the graph. over: the place of the tensor, among those
    held, over which it can be written; -1 for none. scratch: what the node's kernel needs meanwhile. in_int8: bytes of
    each value that it needs in int8 alone. reshaped: a sequence as an image, or an image as a sequence again.
    """

    name: str
    node: int
    first: int
    last: int
    between: int = 0
    over: int = -1
    scratch: bool = False
    in_int8: int = 0
    reshaped: bool = False


class Run(NamedTuple):
    """The steps of a graph, by the places of their nodes, and what is held in the order in which it is written.

    It is the same for all sizes of the graph's inputs.
    """

    steps: tuple[int, ...]
    held: tuple[Held, ...]


def run(graph: Graph) -> Run:
    """Return the steps of a graph, and what is held in them."""
    walk = _Walk(graph)
    walk.over_all()
    if walk.flattened:
        walk = _Walk(graph, walk.flattened)
        walk.over_all()
    made = zip(walk.names, walk.last, walk.held, strict=True)
    return Run(tuple(walk.steps), tuple([Held(name, one.node, one.first, last, *one[4:]) for name, last, one in made]))


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
    if one.scratch or one.reshaped:
        return f"{one.name} ({'scratch' if one.scratch else 'reshaped'})"
    return f"{one.name} (part {one.between})" if one.between else one.name


class _Walk:
    """The state of a walk over a graph's nodes.

    flattened: the makers of images that something reads as sequences, which shows at the end of a walk.
    """

    def __init__(self, graph: Graph, flattened: Iterable[str] = ()) -> None:
        self.steps: list[int] = []
        self.held: list[Held] = []
        self.names: list[str] = []
        self.last: list[int] = []
        self.flattened = {*flattened}
        self._graph = graph
        self._folded = folded_norms(graph)
        self._readers = Counter([*(name for node in graph.nodes for name in node.inputs), *graph.outputs])
        self._places: dict[str, int] = {}
        self._images: set[int] = set()
        self._reshaped: dict[int, int] = {}
        """The place of what is held, too, in the other form: a sequence for an image, an image for a sequence."""
        self._open: set[str] = set()
        """The tensors to whose operator an activation can still be added."""

    def over_all(self) -> None:
        """Walk over all nodes."""
        for name, _ in self._graph.inputs:
            self.add(Held(name, -1, 0, 0))
        for place, node in enumerate(self._graph.nodes):
            self.node(place, node)
        for name in self._graph.outputs:
            held = self._places[name]
            if held in self._images:
                held = self._other_form(held, len(self._graph.nodes) - 1)
            self._use(held, len(self.steps) - 1)
        for held, other in self._reshaped.items():
            self.names[other] = self.names[held]

    def node(self, place: int, node: Node) -> None:
        """Add the operators of a node, each of which reads what the one before it made."""
        if self._joined(node):
            return
        layer = node.layer
        is_single = type(layer).between is Layer.between
        more = 0 if is_single else len(figures.between(layer, self._graph.input_shapes(node)))
        on_image = self._is_on_image(node)
        read: list[int] = []
        for number in range(1, more + 1):
            if number == 1:
                read = self._read_by(node, place, on_image=on_image and not layer.over_images)
            else:
                self.steps.append(place)
            self.add(Held(node.name, place, len(self.steps) - 1, len(self.steps), number))
        if layer.keeps_input or not more:
            read = self._read_by(node, place, on_image=on_image)
        else:
            self.steps.append(place)
        over = read[0] if layer.in_place and len(node.inputs) == 1 and not more else -1
        self._hold(place, node, over, on_image=on_image)

    def _hold(self, place: int, node: Node, over: int, *, on_image: bool) -> None:
        """Hold what the last step of a node makes, and what its kernel needs meanwhile."""
        layer, step, made = node.layer, len(self.steps) - 1, self._graph.makes(node)
        for name in made:
            self.add(Held(name, place, step, step, over=over if name == node.name else -1))
        if type(layer).inside is not Layer.inside:
            self.add(Held(node.name, place, step, step, scratch=True))
        if wide := layer.scratch_int8 + (_FLOATS if layer.stays_float else 0):
            self.add(Held(node.name, place, step, step, scratch=True, in_int8=wide))
        if layer.takes_activation:
            self._open.add(node.name)
        if on_image:
            self._images |= {self._places[name] for name in made}
            for name in self.flattened.intersection(made):
                self._other_form(self._places[name], place)

    def add(self, one: Held) -> None:
        """Hold a piece."""
        if not (one.between or one.scratch or one.reshaped):
            self._places[one.name] = len(self.held)
        self.held.append(one)
        self.names.append(one.name)
        self.last.append(one.last)

    def _is_on_image(self, node: Node) -> bool:
        """Say whether a layer works on a sequence, or on sequences, as on images of height 1."""
        layer = node.layer
        if len(self._graph.shapes[node.inputs[0]]) != _SEQUENCE or len(self._graph.shapes[node.name]) != _SEQUENCE:
            return False
        if layer.over_images or not layer.keeps_images:
            return layer.over_images
        moves_past = len(node.inputs) > 1 or self._readers[node.inputs[0]] == 1  # a reshape that others read stays
        return moves_past and all(self._places[name] in self._images for name in node.inputs)

    def _read_by(self, node: Node, place: int, *, on_image: bool) -> list[int]:
        """Add a step that reads what a node reads, in the form that it works on; return the places of that."""
        held = [self._places[name] for name in node.inputs]
        if not node.layer.only_reshapes:
            held = [
                self._other_form(each, place)
                if on_image is not (each in self._images) and len(self._graph.shapes[name]) == _SEQUENCE
                else each
                for name, each in zip(node.inputs, held, strict=True)
            ]
        self.steps.append(place)
        for each in held:
            self._use(each, len(self.steps) - 1)
        return held

    def _other_form(self, held: int, place: int) -> int:
        """Return the place of a sequence as an image, or of an image as a sequence, by a step where it is the first."""
        if held not in self._reshaped:
            if held in self._images:
                self.flattened.add(self.held[held].name)
            self.steps.append(place)
            step = len(self.steps) - 1
            self._use(held, step)
            self._reshaped[held] = len(self.held)
            self.add(Held(self.held[held].name, place, step, step, reshaped=True))
        return self._reshaped[held]

    def _use(self, held: int, step: int) -> None:
        """Note that a step reads a piece."""
        self.last[held] = max(self.last[held], step)

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
