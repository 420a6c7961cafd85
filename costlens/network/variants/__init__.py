"""Graph → graph: every convertible convolution realised by one kind. One file per kind; a new kind is a new file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from costlens.arithmetic.shapes import Shape
from costlens.discovery import class_in, module_names
from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.network.graph import Convolution, Graph, Node
from costlens.network.variants._kind import ConvolutionKind, only_form
from costlens.results.counts import AS_WRITTEN, LeftAlone

__all__ = [
    "AS_WRITTEN",
    "ConvolutionKind",
    "LeftAlone",
    "Variant",
    "convolution_kind",
    "kind_names",
    "realise",
    "refusal_of",
    "variant",
]


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
    the convolutions left alone taken as they are. ``realised`` says whether any convolution has the kind; where none
    has, ``formless`` holds the kind's own reasons against those that other kinds may rewrite.
    """

    name: str
    graph: Graph
    converted: int
    left_alone: tuple[LeftAlone, ...]
    theory: float
    notes: tuple[str, ...] = ()
    realised: bool = True
    formless: tuple[str, ...] = ()


def realise(convolution: Convolution, source: str, shape: Shape, section: str = "") -> tuple[Node, ...]:
    """Return the nodes that realise a convolution on the tensor ``source`` of the given shape.

    Raises UsageError with the reason where its kind cannot realise it.
    """
    kind = convolution_kind(convolution.kind)
    reason = kind.refusal(convolution.layer, shape)
    if reason:
        raise UsageError(f"{kind.name}: {reason}; {kind.remedy(convolution.layer)}")
    nodes: list[Node] = []
    for suffix, layer in kind.parts(convolution.layer, shape):
        row = f"{convolution.name}.{suffix}" if suffix else convolution.name
        tail = convolution.tail if layer.folds_norm else ()
        for name, part in ((row, layer), *((f"{row}.{ending}", behind) for ending, behind in tail)):
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
    refusals: list[str] = []
    overheads: dict[str, list[int]] = {}
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
        shared, refusal = _reasons(convolution, name, shape)
        reason = shared or refusal
        left += [LeftAlone(convolution.name, reason)] if reason else []
        refusals += [refusal] if refusal else []
        chosen = convolution if reason or name == AS_WRITTEN else replace(convolution, kind=name)
        realised = realise(chosen, renamed.get(source, source), shape, run[0].section)
        kind = convolution_kind(chosen.kind)
        if extra := kind.overhead(convolution.layer, shape):
            overheads.setdefault(kind.name, []).append(extra)
        converted += chosen.kind != convolution.kind
        renamed[run[-1].name] = realised[-1].name
        nodes += realised
        full = convolution.layer.cost(shape).macs
        standard += full
        predicted += full * kind.theory(convolution.layer, shape)
    outputs = tuple(renamed.get(output, output) for output in graph.outputs)
    result = Graph(graph.name, graph.inputs, tuple(nodes), outputs)
    theory = predicted / standard if standard else 1.0
    found = any(node.convolution.kind == name for node in nodes if node.convolution)
    formless = () if found else tuple(dict.fromkeys(refusals))
    return Variant(name, result, converted, tuple(left), theory, _notes(overheads), found, formless)


def _notes(overheads: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    return tuple(
        f"{sum(macs):,} MACs beside the formula, on {len(macs)} {convolution_kind(kind).overhead_reason}"
        for kind, macs in sorted(overheads.items())
    )


def _reasons(convolution: Convolution, name: str, shape: Shape) -> tuple[str | None, str | None]:
    """Say why no kind may rewrite a convolution, and why this one cannot."""
    if name == AS_WRITTEN:
        return None, None
    shared = "fixed in the spec" if convolution.fixed else only_form(convolution.layer, shape)
    return shared, None if shared else refusal_of(convolution, name, shape)


def refusal_of(convolution: Convolution, name: str, shape: Shape) -> str | None:
    """Say why a kind cannot realise a convolution with its tail, or None."""
    kind = convolution_kind(name)
    if reason := kind.refusal(convolution.layer, shape):
        return reason
    for _, part in kind.parts(convolution.layer, shape):
        shape = part.output_shape(shape)
        for _, behind in convolution.tail if part.folds_norm else ():
            try:
                behind.output_shape(shape)
            except ShapeError:
                return f"{behind.kind()} does not fit its parts"
    return None


def _not_a_kind(node: Node) -> str | None:
    return {"depthwise": "in groups already", "conv_transpose": "transposed"}.get(node.layer.kind())
