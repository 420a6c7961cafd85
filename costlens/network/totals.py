"""Graph → totals alone, for the many graphs of a family: what their structure decides is worked out once.

``count`` adds up rows; this adds up nodes, by a plan that graphs of one structure share. Tests compare the two.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from math import prod
from typing import NamedTuple

from costlens.arithmetic.cost import BYTES_PER_INT8, BYTES_PER_VALUE
from costlens.network import figures
from costlens.network.graph import Graph, Row, folded_norms
from costlens.network.layers import Layer
from costlens.results.counts import Totals

_PLANS = 256


class _Numbers(NamedTuple):
    """What one node costs; ``scales`` are the output channels of weights that are stored with it."""

    trainable: int
    non_trainable: int
    kernels: int
    statistics: int
    scales: int
    macs: int
    flops: int


class _RowPlan(NamedTuple):
    """One row: its nodes by place, and by place the tensors that it makes and that die with it.

    ``reused``: it writes over what it reads.
    """

    first: int
    end: int
    made: tuple[int, ...]
    dying: tuple[int, ...]
    kept: tuple[int, ...]
    reused: bool


class _Plan(NamedTuple):
    """How figures of nodes and sizes of tensors, both by place, add up to totals.

    ``moved`` says how often each tensor is read or written. ``stored`` and ``used`` are the nodes whose numbers the
    exported file holds, and that it reads; of biases that were norms the tensors that the norms made.
    """

    inputs: int
    moved: tuple[int, ...]
    rows: tuple[_RowPlan, ...]
    stored: tuple[int, ...]
    used: tuple[int, ...]
    stored_biases: tuple[int, ...]
    used_biases: tuple[int, ...]


def totals(graph: Graph) -> Totals:
    """Return the totals of a graph for one example: those that ``count`` finds."""
    shapes = [*graph.shapes.values()]
    reads = [graph.input_shapes(node) for node in graph.nodes]
    plan = _plan(_Structure(graph))
    layers = [node.layer for node in graph.nodes]
    numbers = map(_numbers, layers, reads, [bool(node.weights) for node in graph.nodes])
    sums = _Numbers(*map(sum, zip(*numbers, strict=True))) if layers else _Numbers(*(0,) * len(_Numbers._fields))
    held = [*map(figures.deployed, layers, reads)]
    stored = _picked(held, plan.stored) + sum(shapes[place][-1] for place in plan.stored_biases)
    used = _picked(held, plan.used) + sum(shapes[place][-1] for place in plan.used_biases)
    sizes = [*map(prod, shapes)]
    moved = sum(map(int.__mul__, sizes, plan.moved))
    live = max(_live(plan, sizes, [*map(figures.inside, layers, reads)]), default=0)
    weights = sums.kernels + sums.non_trainable - sums.statistics
    traffic = BYTES_PER_VALUE * (used + moved)
    return Totals(
        params=sums.trainable + sums.non_trainable,
        trainable=sums.trainable,
        non_trainable=sums.non_trainable,
        kernels=sums.kernels,
        deployed_params=stored,
        macs=sums.macs,
        flops=sums.flops,
        weight_bytes=BYTES_PER_VALUE * stored,
        traffic_bytes=traffic,
        peak_activation_bytes=BYTES_PER_VALUE * live,
        intensity=sums.flops / traffic if traffic else 0.0,
        weight_bytes_int8=BYTES_PER_INT8 * weights + BYTES_PER_VALUE * (sums.scales + stored - weights),
        peak_activation_bytes_int8=BYTES_PER_INT8 * live,
    )


@lru_cache(maxsize=2**15)
def _numbers(layer: Layer, shapes: figures.Shapes, shared: bool) -> _Numbers:
    cost = figures.cost(layer, shapes)
    if shared:
        cost = cost.with_weights_of("another")
    scales = sum(each.channels for each in cost.contractions if each.weights and not each.of)
    return _Numbers(cost.trainable, cost.non_trainable, cost.kernels, cost.statistics, scales, cost.macs, cost.flops)


def _picked(numbers: Sequence[int], places: Iterable[int]) -> int:
    return sum(numbers[place] for place in places)


def _live(plan: _Plan, sizes: Sequence[int], inside: Sequence[int]) -> Iterator[int]:
    """Yield how many activation values are alive while each row runs (see ``count.live_values``)."""
    held = sum(sizes[: plan.inputs])
    for row in plan.rows:
        made = 0 if row.reused else _picked(sizes, row.made)
        yield held + max(made, *inside[row.first : row.end])
        held += _picked(sizes, row.kept) - _picked(sizes, row.dying)


class _Structure:
    """A graph as far as its plan needs it: two are equal where only sizes and costs may differ."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        nodes = tuple((node.inputs, node.row, node.weights, _traits(node.layer)) for node in graph.nodes)
        self._key = tuple(graph.shapes), len(graph.inputs), graph.outputs, nodes
        self._hash = hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Structure) and self._key == other._key


@lru_cache(maxsize=2**12)
def _traits(layer: Layer) -> tuple[bool, ...]:
    """Return what decides which norms fold and which rows work in place."""
    bias = bool(getattr(layer, "bias", False))
    return layer.in_place, layer.becomes_bias, layer.vanishes, layer.folds_norm, bias


@lru_cache(maxsize=_PLANS)
def _plan(structure: _Structure) -> _Plan:
    graph = structure.graph
    places = {name: place for place, name in enumerate(graph.shapes)}
    rows = tuple(graph.rows())
    moved = [0] * len(places)
    for row in rows:
        for name in (*row.inputs, *graph.writes(row)):
            moved[places[name]] += 1
    return _Plan(len(graph.inputs), tuple(moved), tuple(_row_plans(graph, rows, places)), *_stored(graph, places))


def _row_plans(graph: Graph, rows: Sequence[Row], places: dict[str, int]) -> Iterator[_RowPlan]:
    last_read = dict.fromkeys(graph.shapes, -1)
    for index, row in enumerate(rows):
        last_read |= dict.fromkeys(row.inputs, index)
    last_read |= dict.fromkeys(graph.outputs, len(rows))
    alive = {name for name, _ in graph.inputs}
    ends = [*accumulate(len(row.nodes) for row in rows)]
    for index, (row, end) in enumerate(zip(rows, ends, strict=True)):
        dying = {name for name in alive if last_read[name] <= index}
        made = graph.writes(row)
        kept = {name for name in made if last_read[name] > index} - (alive - dying)
        reused = all(node.layer.in_place for node in row.nodes) and set(row.inputs) <= dying
        yield _RowPlan(
            end - len(row.nodes), end, *(tuple(places[name] for name in names) for names in (made, dying, kept)), reused
        )
        alive = alive - dying | kept


def _stored(graph: Graph, places: dict[str, int]) -> tuple[tuple[int, ...], ...]:
    """Return the nodes whose numbers a file stores and reads, and the norms whose biases (see ``deployed_params``)."""
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
    found: tuple[list[int], ...] = ([], [], [], [])
    stored: set[tuple[str, str]] = set()
    for read in pieces.values():
        for (owner, what), place in read.items():
            found[3 if what else 1].append(place)
            if (owner, what) not in stored:
                found[2 if what else 0].append(place)
        stored |= read.keys()
    return tuple(map(tuple, found))
