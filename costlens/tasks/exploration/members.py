"""The networks of a family: each is expanded once for all sizes of its input that leave its layers as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from costlens.arithmetic.precision import Precision
from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.graph import Graph
from costlens.network.precisions import Precisions
from costlens.network.totals import Plan
from costlens.network.variants import Mix, rewrite
from costlens.results.counts import Totals
from costlens.spec.family import Family
from costlens.spec.fields import MAX_SIZE
from costlens.spec.statements import LayerStatement
from costlens.spec.tree import Scalar
from costlens.spec.values import frozen

if TYPE_CHECKING:
    from costlens.prediction import Table

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_KEPT = 512
_BY_SIZE = "does not fit its parts"
Inputs = tuple[tuple[str, Shape], ...]
Rules = tuple[tuple[str, str], ...]


def in_layers(family: Family) -> frozenset[str]:
    """Return the names in the values of a family's layers: those of knobs that they read, and others."""
    return frozenset(_names(_statements(family)))


class Member(NamedTuple):
    """A network of a family: what is equal for equal networks, its totals for one example, and what that would take."""

    identity: str
    totals: Totals
    predicted_ms: float | None = None


class Members:
    """Counts the networks of one family; layers are not expanded again for another size of the network's input.

    precision: of sizes; the spec's own where None. kernels: by which milliseconds are predicted, of its threads.
    """

    def __init__(
        self,
        family: Family,
        precision: Precision | None = None,
        *,
        with_arena: bool = True,
        kernels: Table | None = None,
    ) -> None:
        self.family = family
        self._precision, self._with_arena, self._kernels = precision, with_arena, kernels
        self._in_layers = in_layers(family)
        self._are_kept = not any(_sized_alike(_statements(family)))
        self._made: dict[object, _Made] = {}

    def member(self, settings: Mapping[str, object], kinds: Rules) -> Member:
        """Return the network of some settings with kinds by globs; SpecError or UsageError where there is none."""
        found = self.family.knobs(settings)
        key = tuple(frozen(value) for name, value in found.items() if name in self._in_layers), kinds
        if (made := self._made.get(key)) and (member := made.on(self.family.inputs(found))):
            return member
        spec = self.family.at(settings)
        variant = rewrite(spec.graph, Mix.of("mixed", kinds)) if kinds else None
        precisions = Precisions.all(self._precision) if self._precision else spec.precisions
        graph = variant.graph if variant else spec.graph
        made = _Made(graph, precisions, with_arena=self._with_arena, kernels=self._kernels)
        left = (*spec.left_alone, *(variant.left_alone if variant else ()))
        if self._are_kept and made.is_kept and not any(each.reason.endswith(_BY_SIZE) for each in left):
            if len(self._made) >= _KEPT:
                self._made.pop(next(iter(self._made)))
            self._made[key] = made
        return made.itself


class _Made:
    """A network that was expanded, and what another size of its input must leave as it is.

    Kinds of convolution look at the axes and the channels of what they read, and a residual at whether its parts are of
    one shape.
    """

    def __init__(self, graph: Graph, precisions: Precisions, *, with_arena: bool, kernels: Table | None) -> None:
        self._plan = Plan(graph, precisions, with_arena=with_arena)
        self._predicted, self._kernels = graph if kernels else None, kernels
        self._inputs = graph.inputs
        self._digest = sha256(repr((graph.nodes, graph.outputs)).encode()).hexdigest()[:32]
        self.is_kept = not any(node.weights for node in graph.nodes)
        places = {name: place for place, name in enumerate(graph.shapes)}
        convolved = {places[node.inputs[0]] for node in graph.nodes if node.convolution}
        shapes = [*graph.shapes.values()]
        self._convolved = [(place, len(shapes[place]), shapes[place][-1]) for place in convolved]
        joined = ([places[name] for name in node.inputs] for node in graph.nodes if len(node.inputs) > 1)
        self._equal = [one for one in joined if len({shapes[place] for place in one}) == 1]

    @property
    def itself(self) -> Member:
        """The network as it was expanded."""
        return self._member(self._inputs, self._plan.totals(shape for _, shape in self._inputs)[0])

    def on(self, inputs: Inputs) -> Member | None:
        """Return the network on other inputs; None where it may be another one, or cannot be."""
        try:
            totals, shapes = self._plan.totals(shape for _, shape in inputs)
        except ShapeError:
            return None
        if max(map(max, shapes)) > MAX_SIZE:
            return None
        if any(
            len(shapes[place]) != axes or shapes[place][-1] != channels for place, axes, channels in self._convolved
        ):
            return None
        if any(len({shapes[place] for place in places}) > 1 for places in self._equal):
            return None
        return self._member(inputs, totals)

    def _member(self, inputs: Inputs, totals: Totals) -> Member:
        shown = "_".join(f"{name}{'x'.join(map(str, shape))}" for name, shape in inputs)
        return Member(f"{self._digest}-{shown}", totals, self._milliseconds(inputs))

    def _milliseconds(self, inputs: Inputs) -> float | None:
        """Return what the network is predicted to take on these inputs; None without a table of kernels."""
        if self._predicted is None or self._kernels is None:
            return None
        from costlens.prediction import predict

        graph = self._predicted if inputs == self._inputs else replace(self._predicted, inputs=inputs)
        return predict(graph, self._kernels, self._kernels.conditions.threads).milliseconds


def _statements(family: Family) -> object:
    return family.blocks, family.sections, family.outputs


def _names(written: object) -> Iterator[str]:
    for part in _parts(written):
        if isinstance(part, Scalar) and isinstance(part.value, str):
            yield from _NAME.findall(part.text)


def _sized_alike(written: object) -> Iterator[bool]:
    """Yield whether layers take a field from the sizes of another tensor."""
    return (bool(part.like) for part in _parts(written) if isinstance(part, LayerStatement))


def _parts(written: object) -> Iterator[object]:
    yield written
    inside: list[object] = []
    if isinstance(written, Mapping):
        inside = [*written.values()]
    elif isinstance(written, tuple):
        inside = [*written]
    elif is_dataclass(written) and not isinstance(written, type):
        inside = [getattr(written, each.name) for each in fields(written)]
    for part in inside:
        yield from _parts(part)
