"""Graph → graph: convolutions realised by other kinds, all by one or each by its own. A new kind is a new file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from costlens.arithmetic.shapes import Shape
from costlens.discovery import class_in, module_names
from costlens.errors import ShapeError, UsageError, did_you_mean
from costlens.network.graph import Convolution, Graph, Node
from costlens.network.variants._kind import ConvolutionKind, Parts, only_form
from costlens.network.variants._mix import Mix, Rules, kinds_among, kinds_of, reach, sites, unmatched, written
from costlens.results.counts import AS_WRITTEN, LeftAlone

__all__ = [
    "MIXED", "ConvolutionKind", "Mix", "Parts", "Rules", "Variant", "convolution_kind", "kind_names", "kinds_among",
    "kinds_of", "only_form", "overhead_notes", "overheads", "reach", "realise", "refusal_of", "require_kind", "rewrite",
    "sites", "theory", "unmatched", "written",
]  # fmt: skip

MIXED = "mixed"
"""The name of a mix that has no other."""


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
    """A graph with its convolutions in other kinds, and those that were left alone.

    ``formless`` holds the kind's own reasons against convolutions that other kinds may rewrite, where the graph has no
    convolution of the kind. ``rules`` define a mix, and are none where all convolutions have one kind.
    """

    name: str
    graph: Graph
    left_alone: tuple[LeftAlone, ...] = ()
    formless: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()

    @property
    def realised(self) -> bool:
        """Whether any convolution has the kind; a mix is what its rules make of the graph, whatever that is."""
        return bool(self.rules) or any(
            node.convolution.kind == self.name for node in self.graph.nodes if node.convolution
        )


def realise(convolution: Convolution, source: str, shape: Shape, section: str = "") -> tuple[Node, ...]:
    """Return the nodes that realise a convolution on the tensor ``source`` of the given shape.

    Its nodes use the weights of its owner's, part by part. Raises UsageError with the reason where its kind cannot
    realise it.
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
            weights = convolution.weights and f"{convolution.weights}{name.removeprefix(convolution.name)}"
            nodes.append(Node(name, part, (source,), row, section, convolution, weights))
            source = name
    return tuple(nodes)


def rewrite(graph: Graph, to: str | Rules | Mix) -> Variant:
    """Give the convertible convolutions of a graph one kind, or each the kind that rules give it.

    ``as-written`` changes nothing. UsageError for a kind that does not exist and for a rule that matches nothing.
    Convolutions with the same weights have the kind of the one that stores them, and stay as they are where one of them
    cannot have it. Postcondition: the graph's inputs, outputs and the shapes between blocks are unchanged.
    """
    if to == AS_WRITTEN:
        return Variant(AS_WRITTEN, graph)
    if isinstance(to, str):
        convolution_kind(to)
        made = _rewritten(graph, dict.fromkeys(sites(graph), to), Variant(to, graph))
        return replace(made, formless=()) if made.realised else made
    mix = to if isinstance(to, Mix) else Mix.of(MIXED, to.items())
    rules = dict(mix.rules)
    try:
        for pattern, kind in rules.items():
            require_kind(kind, pattern)
        kinds = kinds_of(graph, rules)
    except UsageError as error:
        where = "--kind" if mix.name == MIXED else f"variant {mix.name}:"
        raise UsageError(f"{where} {error}") from None
    return replace(_rewritten(graph, kinds, Variant(mix.name, graph, rules=mix.rules)), formless=())


def require_kind(kind: str, pattern: str) -> None:
    """Raise UsageError where what a rule gives is neither a kind of convolution nor ``as-written``."""
    known = (AS_WRITTEN, *kind_names())
    if kind not in known:
        guess = did_you_mean(kind, known) or f"; known: {', '.join(known)}"
        raise UsageError(f"{pattern}: {kind}: unknown kind of convolution{guess}")


def _rewritten(graph: Graph, kinds: Rules, made: Variant) -> Variant:
    """Give convolutions the kinds that they have by name; the others stay as they are."""
    nodes: list[Node] = []
    renamed: dict[str, str] = {}
    left: list[LeftAlone] = []
    reasons, refusals, stay = _reasons(graph, kinds)
    for convolution, run in _runs(graph):
        if convolution is None:
            nodes += [replace(node, inputs=tuple(renamed.get(i, i) for i in node.inputs)) for node in run]
            forms = ((node.name, node.layer.is_form_of_its_own) for node in run)
            left += [LeftAlone(where, reason) for where, reason in forms if reason and where in kinds]
            continue
        source, name = run[0].inputs[0], kinds.get(convolution.owner)
        shape = graph.shapes[source]
        if reason := reasons.get(convolution.name):
            left.append(LeftAlone(convolution.name, reason))
        if name and convolution.owner not in stay:
            convolution = replace(convolution, kind=name)  # noqa: PLW2901
        realised = realise(convolution, renamed.get(source, source), shape, run[0].section)
        renamed[run[-1].name] = realised[-1].name
        nodes += realised
    outputs = tuple(renamed.get(output, output) for output in graph.outputs)
    rewritten = Graph(graph.name, graph.inputs, tuple(nodes), outputs)
    return replace(made, graph=rewritten, left_alone=tuple(left), formless=tuple(dict.fromkeys(refusals)))


def _reasons(graph: Graph, kinds: Rules) -> tuple[dict[str, str], list[str], set[str]]:
    """Return why convolutions do not get the kinds that they have by name, and which reasons are the kind's own.

    Last are the owners of weights whose convolutions all stay as they are.
    """
    reasons: dict[str, str] = {}
    refusals: list[str] = []
    alike: dict[str, list[str]] = {}
    for convolution, run in _runs(graph):
        name = convolution and kinds.get(convolution.owner)
        if convolution is None or not (name or convolution.name in kinds):
            continue
        alike.setdefault(convolution.owner, []).append(convolution.name)
        shape = graph.shapes[run[0].inputs[0]]
        of_any = "fixed in the spec" if convolution.fixed else only_form(convolution.layer, shape)
        refusal = refusal_of(convolution, name, shape) if name and not of_any else None
        refusals += [refusal] if refusal else []
        if reason := of_any or refusal:
            reasons[convolution.name] = reason
    stay: set[str] = set()
    for owner, names in alike.items():
        if refused := next((each for each in names if each in reasons), None):
            stay.add(owner)
            reasons = {**dict.fromkeys(names, f"has the same weights as {refused}"), **reasons}
        others = (each for each in names if kinds.get(each, "") != kinds.get(owner, "") and each in kinds)
        reasons = {**dict.fromkeys(others, f"has the same weights as {owner}"), **reasons}
    return reasons, refusals, stay


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
    return overhead_notes(found)


def overhead_notes(found: Mapping[str, Sequence[int]]) -> tuple[str, ...]:
    """Return a sentence for each kind on the MACs that its formula leaves out of convolutions, which are given."""
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
