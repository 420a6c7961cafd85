"""Graph → graph: every convertible convolution realised by one kind. One file per kind; a new kind is a new file."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from costlens.arithmetic.shapes import Shape
from costlens.discovery import class_in, module_names
from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.network.graph import Convolution, Graph, Node
from costlens.network.variants._kind import ConvolutionKind, only_form
from costlens.results.counts import AS_WRITTEN, LeftAlone


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
    """A graph with its convolutions in one kind, and those that were left alone.

    ``formless`` holds the kind's own reasons against convolutions that other kinds may rewrite, where the graph has no
    convolution of the kind.
    """

    name: str
    graph: Graph
    left_alone: tuple[LeftAlone, ...] = ()
    formless: tuple[str, ...] = ()

    @property
    def realised(self) -> bool:
        """Whether any convolution has the kind."""
        return any(node.convolution.kind == self.name for node in self.graph.nodes if node.convolution)


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
        for name, part in ((row, layer), *((f"{row}.{ending}", after) for ending, after in tail)):
            nodes.append(Node(name, part, (source,), row, section, convolution))
            source = name
    return tuple(nodes)


def rewrite(graph: Graph, name: str) -> Variant:
    """Give every convertible convolution of a graph one kind; ``as-written`` changes nothing.

    Postcondition: the graph's inputs, outputs and the shapes between blocks are unchanged.
    """
    if name == AS_WRITTEN:
        return Variant(name, graph)
    nodes: list[Node] = []
    renamed: dict[str, str] = {}
    left: list[LeftAlone] = []
    refusals: list[str] = []
    for convolution, run in _runs(graph):
        if convolution is None:
            nodes += [replace(node, inputs=tuple(renamed.get(i, i) for i in node.inputs)) for node in run]
            forms = ((node.name, node.layer.is_form_of_its_own) for node in run)
            left += [LeftAlone(where, reason) for where, reason in forms if reason]
            continue
        source = run[0].inputs[0]
        shape = graph.shapes[source]
        shared = "fixed in the spec" if convolution.fixed else only_form(convolution.layer, shape)
        refusal = None if shared else refusal_of(convolution, name, shape)
        refusals += [refusal] if refusal else []
        if reason := shared or refusal:
            left.append(LeftAlone(convolution.name, reason))
        else:
            convolution = replace(convolution, kind=name)  # noqa: PLW2901
        realised = realise(convolution, renamed.get(source, source), shape, run[0].section)
        renamed[run[-1].name] = realised[-1].name
        nodes += realised
    outputs = tuple(renamed.get(output, output) for output in graph.outputs)
    made = Variant(name, Graph(graph.name, graph.inputs, tuple(nodes), outputs), tuple(left))
    return made if made.realised else replace(made, formless=tuple(dict.fromkeys(refusals)))


def theory(graph: Graph) -> float:
    """Return MACs ÷ those of the standard variant as the formulas of the kinds predict; other layers as they are."""
    predicted = standard = 0.0
    for convolution, run in _runs(graph):
        shape = graph.shapes[run[0].inputs[0]]
        if convolution is None:
            macs, ratio = graph.cost(run).macs, 1.0
        else:
            macs = convolution.layer.cost(shape).macs
            ratio = convolution_kind(convolution.kind).theory(convolution.layer, shape)
        standard += macs
        predicted += macs * ratio
    return predicted / standard if standard else 1.0


def overheads(graph: Graph) -> tuple[str, ...]:
    """Return a sentence for each kind on the MACs that its formula leaves out."""
    found: dict[str, list[int]] = {}
    for convolution, run in _runs(graph):
        if convolution is None:
            continue
        shape = graph.shapes[run[0].inputs[0]]
        if macs := convolution_kind(convolution.kind).overhead(convolution.layer, shape):
            found.setdefault(convolution.kind, []).append(macs)
    return tuple(
        f"{sum(macs):,} MACs beside the formula, on {len(macs)} {convolution_kind(kind).overhead_reason}"
        for kind, macs in sorted(found.items())
    )


def _runs(graph: Graph) -> Iterator[tuple[Convolution | None, list[Node]]]:
    """Yield the nodes of each convolution, and the runs of nodes between convolutions, in order."""
    for convolution, members in groupby(graph.nodes, key=lambda node: node.convolution):
        yield convolution, list(members)


def refusal_of(convolution: Convolution, name: str, shape: Shape) -> str | None:
    """Say why a kind cannot realise a convolution with its tail, or None."""
    kind = convolution_kind(name)
    if reason := kind.refusal(convolution.layer, shape):
        return reason
    for _, part in kind.parts(convolution.layer, shape):
        shape = part.output_shape(shape)
        for _, after in convolution.tail if part.folds_norm else ():
            try:
                after.output_shape(shape)
            except ShapeError:
                return f"{after.kind()} does not fit its parts"
    return None
