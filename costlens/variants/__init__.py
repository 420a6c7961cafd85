"""Graph → graph: every convertible convolution realised by one kind. One file per kind; a new kind is a new file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from costlens.discovery import class_in, module_names
from costlens.errors import UsageError, did_you_mean
from costlens.graph import Convolution, Graph, Node
from costlens.results.counts import LeftAlone
from costlens.shapes import Shape
from costlens.variants._kind import ConvolutionKind

__all__ = [
    "AS_WRITTEN",
    "ConvolutionKind",
    "LeftAlone",
    "Variant",
    "convolution_kind",
    "kind_names",
    "realise",
    "variant",
]

AS_WRITTEN = "as-written"


@cache
def kind_names() -> tuple[str, ...]:
    """Return the kinds of convolution, ``standard`` first, the others by name."""
    return ("standard", *(name for name in module_names(__path__) if name != "standard"))


@cache
def convolution_kind(name: str) -> ConvolutionKind:
    """Return a kind by name; UsageError with the known ones otherwise."""
    if name not in kind_names():
        known = ", ".join((AS_WRITTEN, *kind_names()))
        raise UsageError(
            f"variant {name}: unknown kind of convolution{did_you_mean(name, kind_names())}; known: {known}"
        )
    found = class_in(__name__, name, ConvolutionKind)  # type: ignore[type-abstract]  # a base to look for
    return found(name)


@dataclass(frozen=True, slots=True)
class Variant:
    """A graph with one kind of convolution, and what was left alone.

    ``theory`` is the ratio of its MACs to those of the standard variant that the kinds' formulas predict, with
    the convolutions left alone taken as they are.
    """

    name: str
    graph: Graph
    converted: int
    left_alone: tuple[LeftAlone, ...]
    theory: float
    notes: tuple[str, ...] = ()


def realise(convolution: Convolution, source: str, shape: Shape, section: str = "") -> tuple[Node, ...]:
    """Return the nodes that realise a convolution on the tensor ``source`` of the given shape.

    Raises UsageError with the reason where its kind cannot realise it.
    """
    kind = convolution_kind(convolution.kind)
    reason = kind.refusal(convolution.layer, shape)
    if reason:
        raise UsageError(f"{kind.name}: {reason}")
    nodes: list[Node] = []
    for suffix, layer in kind.parts(convolution.layer, shape):
        row = f"{convolution.name}.{suffix}" if suffix else convolution.name
        for name, part in ((row, layer), *((f"{row}.{tail}", tail_layer) for tail, tail_layer in convolution.tail)):
            nodes.append(Node(name, part, (source,), row, section, convolution))
            source = name
    return tuple(nodes)


def variant(graph: Graph, name: str) -> Variant:
    """Give every convertible convolution of a graph one kind; ``as-written`` changes nothing.

    Postcondition: the graph's inputs, outputs and the shapes between blocks are unchanged.
    """
    nodes: list[Node] = []
    renamed: dict[str, str] = {}
    left: list[LeftAlone] = []
    overheads: list[int] = []
    converted = 0
    predicted = standard = 0.0
    for convolution, members in groupby(graph.nodes, key=lambda node: node.convolution):
        run = list(members)
        if convolution is None:
            nodes += [replace(node, inputs=tuple(renamed.get(i, i) for i in node.inputs)) for node in run]
            if name != AS_WRITTEN:
                left += [LeftAlone(node.name, reason) for node in run if (reason := _not_a_kind(node))]
            macs = sum(node.layer.cost(*graph.input_shapes(node)).macs for node in run)
            predicted += macs
            standard += macs
            continue
        source = run[0].inputs[0]
        shape = graph.shapes[source]
        reason = None if name == AS_WRITTEN else _reason(convolution, name, shape)
        if reason:
            left.append(LeftAlone(convolution.name, reason))
        chosen = convolution if reason or name == AS_WRITTEN else replace(convolution, kind=name)
        realised = realise(chosen, renamed.get(source, source), shape, run[0].section)
        kind = convolution_kind(chosen.kind)
        overheads += [extra] if (extra := kind.overhead(convolution.layer, shape)) else []
        converted += chosen.kind != convolution.kind
        renamed[run[-1].name] = realised[-1].name
        nodes += realised
        full = convolution.layer.cost(shape).macs
        standard += full
        predicted += full * kind.theory(convolution.layer, shape)
    outputs = tuple(renamed.get(output, output) for output in graph.outputs)
    result = Graph(graph.name, graph.inputs, tuple(nodes), outputs)
    theory = predicted / standard if standard else 1.0
    return Variant(name, result, converted, tuple(left), theory, _notes(nodes, overheads))


def _notes(nodes: list[Node], overheads: list[int]) -> tuple[str, ...]:
    kinds = {node.convolution.kind for node in nodes if node.convolution}
    reasons = [reason for kind in sorted(kinds) if (reason := convolution_kind(kind).overhead_reason)]
    if not overheads:
        return ()
    why = "; ".join(reasons)
    return (f"{sum(overheads):,} MACs beside the formula, on {len(overheads)} with more rows in than out: {why}",)


def _reason(convolution: Convolution, kind: str, shape: Shape) -> str | None:
    if convolution.fixed:
        return "fixed in the spec"
    if convolution.layer.groups > 1:
        return "grouped"
    if convolution.layer.area(shape) == 1:
        return "kernel of area 1"
    return convolution_kind(kind).refusal(convolution.layer, shape)


def _not_a_kind(node: Node) -> str | None:
    return {"depthwise": "grouped", "conv_transpose": "transposed"}.get(node.layer.kind())
