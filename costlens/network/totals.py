"""Graph → totals alone, for the many graphs of a family: what their structure decides is worked out once.

``count`` adds up rows; this adds up nodes by a plan, on any sizes of the inputs. Tests compare the two.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from math import prod
from operator import itemgetter, mul
from typing import NamedTuple

from costlens.arithmetic.cost import BYTES_PER_INT8, BYTES_PER_VALUE
from costlens.arithmetic.shapes import Shape
from costlens.network import figures
from costlens.network.graph import Graph, Row, folded_norms
from costlens.network.layers import Layer
from costlens.results.counts import Totals


class _Facts(NamedTuple):
    """What one node makes and costs; ``scales`` are the output channels of weights that are stored with it."""

    made: tuple[Shape, ...]
    trainable: int
    non_trainable: int
    kernels: int
    statistics: int
    scales: int
    macs: int
    flops: int
    deployed: int
    inside: int


class _Row(NamedTuple):
    """One row: its nodes by place, and by place the tensors that it makes, that outlive it and that die with it.

    ``reused``: it writes over what it reads.
    """

    first: int
    end: int
    made: tuple[int, ...]
    kept: tuple[int, ...]
    dying: tuple[int, ...]
    reused: bool


class _Stored(NamedTuple):
    """The nodes whose numbers a file stores and those whose numbers it reads; then the norms whose biases these are.

    A norm stands for the tensor that it makes.
    """

    stored: tuple[int, ...]
    used: tuple[int, ...]
    stored_biases: tuple[int, ...]
    used_biases: tuple[int, ...]


class Plan:
    """How the figures of a graph's nodes and the sizes of its tensors add up, whatever the sizes of its inputs are."""

    def __init__(self, graph: Graph) -> None:
        places = {name: place for place, name in enumerate(graph.shapes)}
        rows = tuple(graph.rows())
        moved = [0] * len(places)
        for row in rows:
            for name in (*row.inputs, *graph.writes(row)):
                moved[places[name]] += 1
        self._moved = moved
        self._nodes = [
            (node.layer, tuple(places[name] for name in node.inputs), bool(node.weights)) for node in graph.nodes
        ]
        self._rows = [*_rows(graph, rows, places)]
        self._parts = _stored(graph, places)

    def totals(self, inputs: Iterable[Shape]) -> tuple[Totals, list[Shape]]:
        """Return the totals on inputs of these shapes, for one example, and the shape of each tensor.

        ShapeError where a layer cannot take its input.
        """
        shapes = [*inputs]
        held = sum(map(prod, shapes))
        facts: list[_Facts] = []
        for layer, places, shared in self._nodes:
            reads = (shapes[places[0]],) if len(places) == 1 else tuple([shapes[place] for place in places])
            found = _facts(layer, reads, shared)
            facts.append(found)
            shapes += found.made
        sizes = [*map(prod, shapes)]
        return _added(facts, self._parts, shapes, self._live(held, sizes, facts), sum(map(mul, sizes, self._moved)))

    def _live(self, held: int, sizes: Sequence[int], facts: Sequence[_Facts]) -> int:
        """Return the most activation values that are alive while a row runs (see ``count.live_values``)."""
        inside = [*map(itemgetter(_INSIDE), facts)]
        most = 0
        for first, end, made, kept, dying, reused in self._rows:
            makes = 0 if reused else sum([sizes[place] for place in made])
            most = max(most, held + max(makes, *inside[first:end]))
            held += sum([sizes[place] for place in kept]) - sum([sizes[place] for place in dying])
        return most


_INSIDE = _Facts._fields.index("inside")


def totals(graph: Graph) -> Totals:
    """Return the totals of a graph for one example: those that ``count`` finds."""
    return Plan(graph).totals(shape for _, shape in graph.inputs)[0]


@lru_cache(maxsize=2**16)
def _facts(layer: Layer, shapes: figures.Shapes, shared: bool) -> _Facts:
    output, further = figures.outputs(layer, shapes)
    cost = layer.cost(*shapes)
    if shared:
        cost = cost.with_weights_of("another")
    return _Facts(
        (output, *(shape for _, shape in further)),
        cost.trainable,
        cost.non_trainable,
        cost.kernels,
        cost.statistics,
        sum(each.channels for each in cost.contractions if each.weights and not each.of),
        cost.macs,
        cost.flops,
        layer.deployed(*shapes),
        layer.inside(*shapes),
    )


def _added(
    facts: Sequence[_Facts], parts: _Stored, shapes: list[Shape], live: int, moved: int
) -> tuple[Totals, list[Shape]]:
    columns = [*zip(*facts, strict=True)] or [()] * len(_Facts._fields)
    trainable, non_trainable, kernels, statistics, scales, macs, flops = map(sum, columns[1:8])
    deployed = columns[8]
    stored = _picked(deployed, parts.stored) + sum([shapes[place][-1] for place in parts.stored_biases])
    used = _picked(deployed, parts.used) + sum([shapes[place][-1] for place in parts.used_biases])
    weights = kernels + non_trainable - statistics
    traffic = BYTES_PER_VALUE * (used + moved)
    found = Totals(
        params=trainable + non_trainable,
        trainable=trainable,
        non_trainable=non_trainable,
        kernels=kernels,
        deployed_params=stored,
        macs=macs,
        flops=flops,
        weight_bytes=BYTES_PER_VALUE * stored,
        traffic_bytes=traffic,
        peak_activation_bytes=BYTES_PER_VALUE * live,
        intensity=flops / traffic if traffic else 0.0,
        weight_bytes_int8=BYTES_PER_INT8 * weights + BYTES_PER_VALUE * (scales + stored - weights),
        peak_activation_bytes_int8=BYTES_PER_INT8 * live,
    )
    return found, shapes


def _picked(numbers: Sequence[int], places: Sequence[int]) -> int:
    return sum([numbers[place] for place in places])


def _rows(graph: Graph, rows: Sequence[Row], places: Mapping[str, int]) -> Iterator[_Row]:
    last_read = dict.fromkeys(graph.shapes, -1)
    for index, row in enumerate(rows):
        last_read |= dict.fromkeys(row.inputs, index)
    last_read |= dict.fromkeys(graph.outputs, len(rows))
    alive = {name for name, _ in graph.inputs}
    for index, (row, end) in enumerate(zip(rows, accumulate(len(row.nodes) for row in rows), strict=True)):
        dying = {name for name in alive if last_read[name] <= index}
        made = graph.writes(row)
        kept = {name for name in made if last_read[name] > index}
        reused = all(node.layer.in_place for node in row.nodes) and set(row.inputs) <= dying
        outlive, die = (tuple(places[name] for name in names) for names in (kept, dying))
        yield _Row(end - len(row.nodes), end, tuple(places[name] for name in made), outlive, die, reused)
        alive = alive - dying | kept


def _stored(graph: Graph, places: Mapping[str, int]) -> _Stored:
    """Return what adds up to deployed parameters, as ``deployed_params`` has it."""
    folded = folded_norms(graph)
    owners = {node.name: node.owner for node in graph.nodes}
    biased = {node.name for node in graph.nodes if getattr(node.layer, "bias", False)}
    pieces: dict[str, dict[tuple[str, str], int]] = {name: {} for name in owners}
    for place, node in enumerate(graph.nodes):
        if node.name not in folded:
            pieces[node.name][node.owner, ""] = place
        elif (target := folded[node.name]) not in biased:
            pieces[target][owners[target], "bias"] = places[node.name]
            biased.add(target)
    stored: dict[tuple[str, str], int] = {}
    for read in pieces.values():
        stored = {**read, **stored}
    used = [(what, place) for read in pieces.values() for (_, what), place in read.items()]
    first = [(what, place) for (_, what), place in stored.items()]
    return _Stored(
        *(
            tuple(place for what, place in found if bool(what) == is_bias)
            for is_bias in (False, True)
            for found in (first, used)
        )
    )
