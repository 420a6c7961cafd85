"""Graph → the kernels that its exported file would run, row by row, without exporting it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from costlens.network.graph import Graph, Node, folded_norms, norms_that_fold
from costlens.network.layers import Layer
from costlens.network.layers._elementwise import Elementwise
from costlens.prediction.layout import Tensor
from costlens.prediction.rules import write
from costlens.prediction.rules._convolution import step_of
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operation


@dataclass(frozen=True, slots=True)
class Placed:
    """A kernel, and the row that it is run for."""

    row: str
    operation: Operation


def kernels(graph: Graph, *, block: int, batch: int = 1) -> tuple[Placed, ...]:
    """Return the kernels of a graph; ``block`` is how many channels the runtime keeps together, 1 where it does not.

    A kernel that changes a layout belongs to the row that reads what it makes.
    """
    graph = _once(graph)
    writer = Writer(block, batch)
    norms = folded_norms(graph)
    biased = set(norms.values())
    uses = Counter([*(name for node in graph.nodes for name in node.inputs), *graph.outputs])
    first_later = _needs_first(graph)
    forks = _forks(graph)
    tensors: dict[str, Tensor] = {
        name: Tensor(shape, {"last"}, uses[name], first_later.get(name, False)) for name, shape in graph.inputs
    }
    for name in graph.integers:
        tensors[name].dtype = "int32"
    for node in graph.nodes:
        writer.row, writer.forked = node.row, node.name in forks
        reads = [tensors[name] for name in node.inputs]
        names = (node.name, *graph.further.get(node.name, ()))
        if node.name in norms:
            made = [replace(reads[0], normed=True)]
        else:
            layer = node.layer
            if node.name in biased and not getattr(layer, "bias", True):
                layer = layer.changed(bias=True)
            made = write(writer, layer, reads, [graph.shapes[name] for name in names])
        for name, tensor in zip(names, made, strict=True):
            tensors[name] = replace(
                tensor, uses=uses[name], first_later=first_later.get(name, False), forked=name in forks
            )
    for name in graph.outputs:
        if "last" not in tensors[name].layouts:
            writer.lay(tensors[name], "last")
    return tuple(Placed(each.row, each.done()) for each in writer.kernels)


def stored_bytes(graph: Graph, placed: Iterable[Placed]) -> int:
    """Return the bytes of the weights that a graph's kernels read, without those that another row stores.

    The runtime takes a norm into the convolution before it, which then has weights of its own, unless the row that
    stores them has the same norm behind it.
    """
    owners = {node.name: node.owner for node in graph.nodes}
    norms = {target: owners[norm] for norm, target in norms_that_fold(graph).items()}
    borrowing = {node.row for node in graph.nodes if node.weights and norms.get(node.name) == norms.get(node.weights)}
    return sum(one.operation.weight_bytes for one in placed if one.row not in borrowing)


def _once(graph: Graph) -> Graph:
    """Return a graph without functions that an earlier node computes of the same tensor: the exporter merges those."""
    first: dict[tuple[Layer, tuple[str, ...]], str] = {}
    same: dict[str, str] = {}
    nodes = []
    for node in graph.nodes:
        inputs = tuple(same.get(name, name) for name in node.inputs)
        if isinstance(node.layer, Elementwise) and not node.layer.cost(graph.shapes[node.name]).params:
            twin = first.setdefault((node.layer, inputs), node.name)
            if twin != node.name:
                same[node.name] = twin
                continue
        nodes.append(replace(node, inputs=inputs))
    outputs = tuple(same.get(name, name) for name in graph.outputs)
    return replace(graph, nodes=tuple(nodes), outputs=outputs) if same else graph


def _needs_first(graph: Graph) -> Mapping[str, bool]:
    """Return which tensors reach a convolution or a pool through nothing but layers that keep the order of axes."""
    needed: dict[str, bool] = {}
    for node in reversed(graph.nodes):
        if _is_spatial(node) or (needed.get(node.name, False) and _keeps_order(node)):
            needed |= dict.fromkeys(node.inputs, True)
    return needed


def _forks(graph: Graph) -> set[str]:
    """Return the tensors that steps of different kinds read; convolutions read a sequence by one step for all.

    Behind a sum the exporter writes a transpose for each that reads it, so nothing is held up there.
    """
    readers: defaultdict[str, set[str]] = defaultdict(set)
    for node in graph.nodes:
        kind = step_of(node.layer)
        alike = kind in {"conv", "depthwise", "grouped"} and getattr(node.layer, "padding", "same") in {"same", "valid"}
        for name in node.inputs:
            readers[name].add(kind if alike else node.name)
    for name in graph.outputs:
        readers[name].add("")
    copied = {node.name for node in graph.nodes if node.layer.kind() in _JOINS or getattr(node.layer, "bias", False)}
    return {name for name, found in readers.items() if len(found) > 1 and name not in copied}


def _is_spatial(node: Node) -> bool:
    return node.layer.convolves or node.layer.kind() in {"max_pool", "avg_pool", "channel_shuffle"}


_STOPS = frozenset({
    "flatten", "reshape", "dense", "transpose", "softmax", "global_avg_pool", "global_norm", "group_norm",
    "instance_norm", "attention", "lstm", "gru", "mel", "frame", "class_token", "position_embedding",
})  # fmt: skip
"""Kinds that begin with another order of axes, or with other axes."""
_JOINS = frozenset({"add", "multiply", "subtract", "maximum", "minimum", "concat"})


def _keeps_order(node: Node) -> bool:
    return node.layer.kind() not in _STOPS
