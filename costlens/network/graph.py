"""The graph: frozen nodes in topological order, each a primitive layer with a hierarchical name."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from types import MappingProxyType

from costlens.arithmetic.cost import Cost, total
from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError, UsageError
from costlens.network import figures
from costlens.network.layers import Layer
from costlens.network.layers.conv import Conv


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution as the architecture means it, whatever kind realises it.

    ``layer`` holds its fields as one standard convolution, ``tail`` the norm and activations after it (suffix of
    the node's name, layer), which every part of a realisation repeats. ``fixed`` ones are never rewritten.
    ``weights`` names the convolution whose weights it uses, where these are not its own: they have one kind.
    ``place`` is its name with that of a statement for each number that a ``repeat`` gives: copies have one place.
    """

    name: str
    layer: Conv
    tail: tuple[tuple[str, Layer], ...] = ()
    kind: str = "standard"
    fixed: bool = False
    weights: str = ""
    place: str = field(default="", compare=False, repr=False)

    @property
    def owner(self) -> str:
        """The convolution that stores its weights."""
        return self.weights or self.name


@dataclass(frozen=True, slots=True)
class Node:
    """One primitive layer: ``block3.depthwise.norm`` belongs to row ``block3.depthwise`` of convolution ``block3``.

    ``weights`` names the earlier node whose weights it uses, where these are not its own.
    """

    name: str
    layer: Layer
    inputs: tuple[str, ...]
    row: str
    section: str = ""
    convolution: Convolution | None = None
    weights: str = ""

    @property
    def owner(self) -> str:
        """The node that stores its weights."""
        return self.weights or self.name


@dataclass(frozen=True)
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

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The tensors the row reads that it does not make itself, in order, each once."""
        if len(self.nodes) == 1:
            return tuple(dict.fromkeys(self.nodes[0].inputs))
        own = {node.name for node in self.nodes}
        return tuple(dict.fromkeys(name for node in self.nodes for name in node.inputs if name not in own))


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in topological order with named inputs and outputs; checked when made.

    Raises UsageError for a name used twice or not yet defined, and for weights that are another layer's and do not fit;
    ShapeError for a layer that cannot take its input.
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
        runs = Runs()
        for node in self.nodes:
            if wrong := _wrong_inputs(node, shapes):
                raise UsageError(f"{self.name}: {node.name}: {wrong}")
            try:
                made = output_shapes(node, [shapes[name] for name in node.inputs])
            except ShapeError as error:
                raise ShapeError(f"{self.name}: {node.name}: {error}") from error
            if taken := made.keys() & shapes.keys():
                raise UsageError(f"{self.name}: {node.name}: its output {min(taken)} has the name of another tensor")
            shapes |= made
            if len(made) > 1:
                further[node.name] = tuple(made)[1:]
            if wrong := runs.add(node, shapes):
                raise UsageError(f"{self.name}: {node.name}: {wrong}")
        for place, wrong in wrong_integers([name for name, _ in self.inputs], self.nodes):
            raise UsageError(f"{self.name}: {self.nodes[place].name}: {wrong}")
        for name in self.outputs:
            if name not in shapes:
                raise UsageError(f"{self.name}: output {name} is not defined")
        object.__setattr__(self, "shapes", MappingProxyType(shapes))
        object.__setattr__(self, "further", MappingProxyType(further))

    @property
    def integers(self) -> frozenset[str]:
        """The inputs that are of whole numbers: those that a layer reads as such."""
        return frozenset(name for node in self.nodes if node.layer.reads_integers for name in node.inputs)

    def input_shapes(self, node: Node) -> tuple[Shape, ...]:
        """Return the shapes a node reads."""
        shapes = self.shapes
        return tuple([shapes[name] for name in node.inputs])  # a list is quicker, and a count asks for every node

    def writes(self, row: Row) -> tuple[str, ...]:
        """Return the tensors that a row makes for others: its output, then the further ones of its nodes."""
        return (row.output, *(name for node in row.nodes for name in self.further.get(node.name, ())))

    def makes(self, node: Node) -> tuple[str, ...]:
        """Return the tensors that a node makes: its output, then its further ones."""
        return (node.name, *self.further.get(node.name, ()))

    def cost(self, nodes: Iterable[Node]) -> Cost:
        """Return what some of its nodes cost together, for one example; weights of other nodes are not stored again."""
        return total([self._cost(node) for node in nodes])

    def _cost(self, node: Node) -> Cost:
        cost = figures.cost(node.layer, self.input_shapes(node))
        return cost.with_weights_of(node.weights) if node.weights else cost

    def rows(self) -> Iterator[Row]:
        """Yield the rows: runs of nodes that share a row name."""
        for name, nodes in groupby(self.nodes, key=lambda node: node.row):
            yield Row(name, tuple(nodes))


def output_shapes(node: Node, shapes: Sequence[Shape]) -> dict[str, Shape]:
    """Return the shape of each tensor that a node makes of inputs of these shapes; ShapeError where it cannot.

    Its output has its name, ``state`` of ``lstm1`` is ``lstm1.state``.
    """
    output, more = figures.outputs(node.layer, tuple(shapes))
    return {node.name: output, **{f"{node.name}.{name}": shape for name, shape in more}}


def _wrong_inputs(node: Node, shapes: Mapping[str, Shape]) -> str:
    """Say what is wrong with a node's name or with what it reads; nothing mostly."""
    if node.name in shapes:
        return "name used twice; every layer needs its own"
    missing = [name for name in node.inputs if name not in shapes]
    if missing:
        return f"reads {missing[0]}, which is not defined before it"
    least, most = node.layer.takes_with(node.layer.chosen() if node.layer.alone_with else ())
    if not least <= len(node.inputs) <= (most or len(node.inputs)):
        takes = f"{node.layer.kind()} takes {_inputs(least, most)}"
        return f"{takes}, received {len(node.inputs)}; join them with add, multiply or concat first"
    return ""


def wrong_integers(inputs: Sequence[str], nodes: Sequence[Node]) -> Iterator[tuple[int, str]]:
    """Yield the place of each node that reads whole numbers that are none, or cannot read them, and say why."""
    tokens = {name: node for node in nodes if node.layer.reads_integers for name in node.inputs}
    for place, node in enumerate(nodes):
        kind = node.layer.kind()
        for name in node.inputs:
            if node.layer.reads_integers and name not in inputs:
                yield place, f"{kind} reads whole numbers, which {name} does not make; name an input in its from:"
            elif name in tokens and not node.layer.reads_integers:
                reader = tokens[name]
                yield place, f"{name} is of whole numbers for {reader.name} ({reader.layer.kind()}); read that one"


def _inputs(least: int, most: int | None) -> str:
    if least == most:
        return "one input" if least == 1 else f"{least} inputs"
    return f"{least} or more inputs" if most is None else f"{least} to {most} inputs"


class Runs:
    """The layers of a graph as they run, which tells whether one can run with the weights of another."""

    def __init__(self) -> None:
        self._owners: dict[str, Node] = {}
        self._first: dict[tuple[str, tuple[str, ...]], str] = {}

    def add(self, node: Node, shapes: Mapping[str, Shape]) -> str:
        """Note a run; say why the weights of another layer do not fit it, or nothing."""
        if not node.weights:
            self._owners[node.name] = node
        elif wrong := self._misfit(node, self._owners.get(node.weights), shapes):
            return wrong
        self._first.setdefault((node.owner, node.inputs), node.name)
        return ""

    def _misfit(self, node: Node, owner: Node | None, shapes: Mapping[str, Shape]) -> str:
        if owner is None:
            return f"has the weights of {node.weights}, which is no earlier layer with weights of its own"
        if node.layer != owner.layer:
            return f"has the weights of {owner.name} and is not the same layer"
        ours, theirs = ([shapes[name] for name in each.inputs] for each in (node, owner))
        cost, stored = (each.layer.cost(*given) for each, given in ((node, ours), (owner, theirs)))
        if not (cost.params or stored.params):
            return ""
        if cost.stored != stored.stored or [*map(len, ours)] != [*map(len, theirs)]:
            reads, read = (" and ".join(map(show, given)) for given in (ours, theirs))
            wanted = "give it an input of as many axes and channels"
            return f"reads {reads}, and the weights of {owner.name} are for {read}; {wanted}"
        other = self._first.get((node.owner, node.inputs))
        return f"has the weights and the input of {other}, so it makes the same; read {other} instead" if other else ""


def folded_norms(graph: Graph) -> dict[str, str]:
    """Return the BatchNorms an exporter folds away: norm's node name → the layer whose bias it becomes.

    Precondition of a fold: only layers that vanish at inference and other folded norms stand between the two, and no
    one else reads what lies between; to be an output of the graph is to be read. Layers of the same weights have the
    same norms folded or none: else the file would hold a folded kernel for each.
    """
    folded = norms_that_fold(graph)
    nodes = {node.name: node for node in graph.nodes}
    if not any(node.weights for node in graph.nodes):
        return folded
    norms: dict[str, list[str]] = {}
    for norm, target in folded.items():
        norms.setdefault(target, []).append(nodes[norm].owner)
    by_weights: dict[str, set[tuple[str, ...]]] = {}
    for node in graph.nodes:
        by_weights.setdefault(node.owner, set()).add(tuple(norms.get(node.name, ())))
    return {norm: target for norm, target in folded.items() if len(by_weights[nodes[target].owner]) == 1}


def norms_that_fold(graph: Graph) -> dict[str, str]:
    """Return the norms that can become a bias, whatever other layers of the same weights have behind them."""
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
