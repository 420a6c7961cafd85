"""The graph: frozen nodes in topological order, each a primitive layer with a hierarchical name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from types import MappingProxyType

from costlens.arithmetic.cost import Cost, total
from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError, UsageError
from costlens.network.layers import Layer
from costlens.network.layers.conv import Conv


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution as the architecture means it, whatever kind realises it.

    ``layer`` holds its fields as one standard convolution, ``tail`` the norm and activations after it (suffix of
    the node's name, layer), which every part of a realisation repeats. ``fixed`` ones are never rewritten.
    """

    name: str
    layer: Conv
    tail: tuple[tuple[str, Layer], ...] = ()
    kind: str = "standard"
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One primitive layer: ``block3.depthwise.norm`` belongs to row ``block3.depthwise`` of convolution ``block3``."""

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    row: str
    section: str = ""
    convolution: Convolution | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The nodes of one table line: a layer with its norm and its activations."""

    name: str
    nodes: tuple[Node, ...]

    @property
    def head(self) -> Node:
        """The layer itself."""
        return self.nodes[0]

    @property
    def output(self) -> str:
        """The tensor that the row makes."""
        return self.nodes[-1].name

    @property
    def inputs(self) -> tuple[str, ...]:
        """The tensors the row reads that it does not make itself, in order, each once."""
        own = {node.name for node in self.nodes}
        return tuple(dict.fromkeys(name for node in self.nodes for name in node.inputs if name not in own))


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order with named inputs and outputs; checked when made.

    Raises UsageError for a name used twice or not yet defined and ShapeError for a layer that cannot take its input.
    """

    name: str
    inputs: tuple[tuple[str, Shape], ...]
    nodes: tuple[Node, ...]
    outputs: tuple[str, ...]
    shapes: Mapping[str, Shape] = field(init=False, compare=False, repr=False)
    further: Mapping[str, tuple[str, ...]] = field(init=False, compare=False, repr=False)
    """The tensors beside its output that a node makes, for nodes that make some."""

    def __post_init__(self) -> None:
        shapes: dict[str, Shape] = dict(self.inputs)
        further: dict[str, tuple[str, ...]] = {}
        for node in self.nodes:
            if node.name in shapes:
                raise UsageError(f"{self.name}: {node.name}: name used twice; every layer needs its own")
            missing = [name for name in node.inputs if name not in shapes]
            if missing:
                raise UsageError(f"{self.name}: {node.name}: reads {missing[0]}, which is not defined before it")
            least, most = node.layer.takes_with(node.layer.chosen() if node.layer.alone_with else ())
            if not least <= len(node.inputs) <= (most or len(node.inputs)):
                raise UsageError(
                    f"{self.name}: {node.name}: {node.layer.kind()} takes {_inputs(least, most)}, "
                    f"received {len(node.inputs)}; join them with add, multiply or concat first"
                )
            try:
                made = output_shapes(node, [shapes[name] for name in node.inputs])
            except ShapeError as error:
                raise ShapeError(f"{self.name}: {node.name}: {error}") from error
            if taken := made.keys() & shapes.keys():
                raise UsageError(f"{self.name}: {node.name}: its output {min(taken)} has the name of another tensor")
            shapes |= made
            if len(made) > 1:
                further[node.name] = tuple(made)[1:]
        for name in self.outputs:
            if name not in shapes:
                raise UsageError(f"{self.name}: output {name} is not defined")
        object.__setattr__(self, "shapes", MappingProxyType(shapes))
        object.__setattr__(self, "further", MappingProxyType(further))

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """Return the shapes a node reads."""
        return tuple(self.shapes[name] for name in node.inputs)

    def writes(self, row: Row) -> tuple[str, ...]:
        """Return the tensors that a row makes for others: its output, then the further ones of its nodes."""
        return (row.output, *(name for node in row.nodes for name in self.further.get(node.name, ())))

    def cost(self, nodes: Iterable[Node]) -> Cost:
        """Return what some of its nodes cost together, for one example."""
        return total([node.layer.cost(*self.input_shapes(node)) for node in nodes])

    def rows(self) -> Iterator[Row]:
        """Yield the rows: runs of nodes that share a row name."""
        for name, nodes in groupby(self.nodes, key=lambda node: node.row):
            yield Row(name, tuple(nodes))


def output_shapes(node: Node, shapes: Sequence[Shape]) -> dict[str, Shape]:
    """Return the shape of each tensor that a node makes of inputs of these shapes; ShapeError where it cannot.

    Its output has its name, ``state`` of ``lstm1`` is ``lstm1.state``.
    """
    output = node.layer.output_shape(*shapes)
    more = node.layer.more_outputs(*shapes)
    return {node.name: output, **{f"{node.name}.{name}": shape for name, shape in more.items()}}


def _inputs(least: int, most: int | None) -> str:
    if least == most:
        return "one input" if least == 1 else f"{least} inputs"
    return f"{least} or more inputs" if most is None else f"{least} to {most} inputs"


def folded_norms(graph: Graph) -> dict[str, str]:
    """Return the BatchNorms an exporter folds away: norm's node name → the layer whose bias it becomes.

    Precondition of a fold: only layers that vanish at inference and other folded norms stand between the two, and no
    one else reads what lies between; to be an output of the graph is to be read.
    """
    readings = Counter([*(name for node in graph.nodes for name in node.inputs), *graph.outputs])
    nodes = {node.name: node for node in graph.nodes}
    folded: dict[str, str] = {}
    for node in graph.nodes:
        if not node.layer.becomes_bias:
            continue
        source = node.inputs[0]
        while source in nodes and nodes[source].layer.vanishes and readings[source] == 1:
            source = nodes[source].inputs[0]
        if source not in nodes or readings[source] != 1:
            continue
        if nodes[source].layer.folds_norm:
            folded[node.name] = source
        elif source in folded:
            folded[node.name] = folded[source]
    return folded
