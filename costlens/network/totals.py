"""Graph → totals alone, for the many graphs of a family: what their structure decides is worked out once.

``count`` adds up rows; this adds up nodes by a plan, on any sizes of the inputs. Tests compare the two.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import accumulate
from math import prod
from operator import itemgetter, mul
from typing import NamedTuple

from costlens.arithmetic import arena
from costlens.arithmetic.precision import INT8, WIDTHS, Precision, Stored
from costlens.arithmetic.shapes import Shape
from costlens.network import figures, memory
from costlens.network.graph import Graph, Row, folded_norms
from costlens.network.layers import Layer
from costlens.network.precisions import FLOAT, Precisions
from costlens.results.counts import Totals


class _Facts(NamedTuple):
    """What one node makes, stores and costs."""

    made: tuple[Shape, ...]
    trainable: int
    non_trainable: int
    kernels: int
    macs: int
    flops: int
    inside: int
    weights: int
    scales: int
    biases: int
    constants: int
    between: tuple[int, ...]


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


class _Parts(NamedTuple):
    """The nodes whose numbers are stored in a precision, or read; then the norms whose biases these are.

    A norm stands for the tensor that it makes. ``zeros`` are the nodes whose biases are zeros.
    """

    precision: Precision
    stored: tuple[int, ...]
    used: tuple[int, ...]
    stored_biases: tuple[int, ...]
    used_biases: tuple[int, ...]
    zeros: tuple[int, ...]
    used_zeros: tuple[int, ...]

    @property
    def is_shared(self) -> bool:
        """Whether nodes read numbers that others store."""
        return len(self.used) > len(self.stored) or len(self.used_biases) > len(self.stored_biases)


class _Form(NamedTuple):
    """A graph in its precisions: what is stored in each, the width of each tensor, of each row, and of all or 0."""

    parts: tuple[_Parts, ...]
    widths: tuple[int, ...]
    of_rows: tuple[int, ...]
    of_row: Mapping[str, Precision]
    width: int


class Plan:
    """How the figures of a graph's nodes and the sizes of its tensors add up, whatever the sizes of its inputs are.

    with_arena: plans an arena, too, which takes as long as all the rest.
    """

    def __init__(self, graph: Graph, precisions: Precisions = FLOAT, *, with_arena: bool = True) -> None:
        places = {name: place for place, name in enumerate(graph.shapes)}
        rows = tuple(graph.rows())
        self._nodes = [
            (node.layer, tuple(places[name] for name in node.inputs), bool(node.weights)) for node in graph.nodes
        ]
        self._rows = [*_rows(graph, rows, places)]
        own = precisions.of(rows)
        int8 = dict.fromkeys(own, INT8)
        self._own = _form(graph, rows, places, own)
        self._int8 = self._own if own == int8 else _form(graph, rows, places, int8)
        moved = [0] * len(places)
        for row in rows:
            for name in (*row.inputs, *graph.writes(row)):
                moved[places[name]] += self._own.widths[places[name]]
        self._moved = moved
        self._run = memory.run(graph) if with_arena else None
        self._held = [*_held(self._run, graph, places)] if self._run else []
        self._planned = [
            memory.sizes(graph, self._run, [1] * len(self._held), each.of_row)
            for each in (self._own, self._int8)
            if self._run
        ]

    def totals(self, inputs: Iterable[Shape]) -> tuple[Totals, list[Shape]]:
        """Return the totals on inputs of these shapes, for one example, and the shape of each tensor.

        ShapeError where a layer cannot take its input.
        """
        shapes = [*inputs]
        given = len(shapes)
        facts: list[_Facts] = []
        for layer, places, shared in self._nodes:
            reads = (shapes[places[0]],) if len(places) == 1 else tuple([shapes[place] for place in places])
            found = _facts(layer, reads, shared)
            facts.append(found)
            shapes += found.made
        sizes = [*map(prod, shapes)]
        return self._added(facts, shapes, sizes, given), shapes

    def _added(self, facts: Sequence[_Facts], shapes: Sequence[Shape], sizes: Sequence[int], inputs: int) -> Totals:
        columns = [*zip(*facts, strict=True)] or [()] * len(_Facts._fields)
        trainable, non_trainable, kernels, macs, flops = map(sum, columns[1 : _Facts._fields.index("inside")])
        stored = columns[_WEIGHTS : _WEIGHTS + 4]
        numbers, weights, used, flash = _stored(self._own.parts, stored, shapes)
        traffic = used + sum(map(mul, sizes, self._moved))
        live = self._live(self._own, sizes, facts, inputs)
        same = self._own is self._int8
        arenas = self._arenas(sizes, facts)
        return Totals(
            params=trainable + non_trainable,
            trainable=trainable,
            non_trainable=non_trainable,
            kernels=kernels,
            deployed_params=numbers,
            macs=macs,
            flops=flops,
            weight_bytes=weights,
            traffic_bytes=traffic,
            peak_activation_bytes=live,
            intensity=flops / traffic if traffic else 0.0,
            weight_bytes_int8=weights if same else _stored(self._int8.parts, stored, shapes)[1],
            peak_activation_bytes_int8=live if same else self._live_in_int8(live, sizes, facts, inputs),
            arena_bytes=arenas[0],
            arena_bytes_int8=arenas[1],
            flash_bytes=flash,
        )

    def _live_in_int8(self, live: int, sizes: Sequence[int], facts: Sequence[_Facts], inputs: int) -> int:
        """Return the same in int8, which follows from the other where each is in one precision."""
        own, int8 = self._own.width, self._int8.width
        return live // own * int8 if own and int8 else self._live(self._int8, sizes, facts, inputs)

    def _live(self, form: _Form, sizes: Sequence[int], facts: Sequence[_Facts], inputs: int) -> int:
        """Return the most bytes of activations that are alive while a row runs (see ``count.live``)."""
        inside = [*map(itemgetter(_INSIDE), facts)]
        width = form.width
        if not width:
            sizes = [*map(mul, sizes, form.widths)]
        held, most = sum(sizes[:inputs]), 0
        for (first, end, made, kept, dying, reused), wide in zip(self._rows, form.of_rows, strict=True):
            makes = 0 if reused else sum([sizes[place] for place in made])
            most = max(most, held + max(makes, *inside[first:end] if width else [wide * max(inside[first:end])]))
            held += sum([sizes[place] for place in kept]) - sum([sizes[place] for place in dying])
        return most * (width or 1)

    def _arenas(self, sizes: Sequence[int], facts: Sequence[_Facts]) -> list[int | None]:
        """Return the sizes of the plans in both precisions."""
        if self._run is None:
            return [None, None]
        values = [each(sizes, facts) for each in self._held]
        return [arena.size([*map(mul, values, widths)], *memory.steps(self._run)) for widths in self._planned]


_INSIDE, _WEIGHTS = map(_Facts._fields.index, ("inside", "weights"))


def totals(graph: Graph, precisions: Precisions = FLOAT) -> Totals:
    """Return the totals of a graph for one example: those that ``count`` finds."""
    return Plan(graph, precisions).totals(shape for _, shape in graph.inputs)[0]


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
        cost.macs,
        cost.flops,
        layer.inside(*shapes),
        *layer.stored(*shapes)[:4],
        layer.between(*shapes),
    )


def _stored(
    parts: Sequence[_Parts], columns: Sequence[Sequence[int]], shapes: Sequence[Shape]
) -> tuple[int, int, int, int]:
    """Return how many numbers are stored, in how many bytes, in how many they are read, and those of a file.

    ``columns``: the weights, scales, biases and constants of each node.
    """
    numbers = weights = used = flash = 0
    lengths: set[int] = set()
    for part in parts:
        own = read = _sum(columns, part.stored, part.stored_biases, part.zeros, shapes)
        if part.is_shared:
            read = _sum(columns, part.used, part.used_biases, part.used_zeros, shapes)
            zeros = read.zeros - own.zeros
            own = own._replace(again=read.biases - own.biases + zeros, same=zeros)
        own = own._replace(same=own.same + _same([columns[1][place] for place in part.zeros], lengths))
        numbers += own.numbers
        weights += own.bytes(part.precision)
        used += read.bytes(part.precision)
        flash += own.flash(part.precision)
    return numbers, weights, used, flash


def _same(zeros: Sequence[int], lengths: set[int]) -> int:
    """Return how many zeros are stored already, among those of these lengths; note the lengths."""
    new = {*zeros} - lengths
    lengths |= new
    return sum(zeros) - sum(new)


def _sum(
    columns: Sequence[Sequence[int]],
    places: Sequence[int],
    norms: Sequence[int],
    zeros: Sequence[int],
    shapes: Sequence[Shape],
) -> Stored:
    """Return what nodes store together, the biases that norms become, and the zeros of others."""
    weights, scales, biases, constants = (sum([column[place] for place in places]) for column in columns)
    biases += sum([shapes[place][-1] for place in norms])
    return Stored(weights, scales, biases, constants, sum([columns[1][place] for place in zeros]))


def _form(graph: Graph, rows: Sequence[Row], places: Mapping[str, int], of_row: Mapping[str, Precision]) -> _Form:
    """Return what a graph is in precisions by row."""
    wide = {name: WIDTHS[precision] for name, precision in of_row.items()}
    widths = [next(iter(wide.values()), 1)] * len(places)
    for row in reversed(rows):
        for name in row.inputs:
            widths[places[name]] = wide[row.name]
    for node in graph.nodes:
        for name in graph.makes(node):
            widths[places[name]] = wide[node.row]
    of_rows = tuple(wide[row.name] for row in rows)
    width = widths[0] if len({*widths, *of_rows}) == 1 else 0
    return _Form(tuple(_parts(graph, places, of_row)), tuple(widths), of_rows, of_row, width)


def _parts(graph: Graph, places: Mapping[str, int], of_row: Mapping[str, Precision]) -> Iterator[_Parts]:
    """Yield what adds up to deployed parameters, as ``deployed_params`` has it, for each precision."""
    folded = folded_norms(graph)
    nodes = {node.name: node for node in graph.nodes}
    biased = {node.name for node in graph.nodes if getattr(node.layer, "bias", False)}
    pieces: dict[str, dict[tuple[str, str], int]] = {name: {} for name in nodes}
    for place, node in enumerate(graph.nodes):
        if node.name not in folded:
            pieces[node.name][node.owner, ""] = place
        elif (target := folded[node.name]) not in biased:
            pieces[target][nodes[target].owner, "bias"] = places[node.name]
            biased.add(target)
    for place, node in enumerate(graph.nodes):
        if node.layer.convolves and node.name not in biased:
            pieces[node.name][node.owner, "zeros"] = place
    seen: set[tuple[str, str]] = set()
    used: dict[Precision, dict[str, list[int]]] = {precision: {} for precision in dict.fromkeys(of_row.values())}
    first: dict[Precision, dict[str, list[int]]] = {precision: {} for precision in used}
    for name, read in pieces.items():
        precision = of_row[nodes[name].row]
        for (owner, what), place in read.items():
            used[precision].setdefault(what, []).append(place)
            if (owner, what) not in seen:
                first[precision].setdefault(what, []).append(place)
        seen |= read.keys()
    for precision in used:
        yield _Parts(
            precision,
            *(tuple(found[precision].get(what, ())) for what in ("", "bias", "zeros") for found in (first, used)),
        )


def _held(found: memory.Run, graph: Graph, places: Mapping[str, int]) -> Iterator[Callable[..., int]]:
    """Yield what tells how many values each piece holds, of the sizes of tensors and the facts of nodes."""
    for one in found.held:
        if one.in_int8 or not (one.between or one.scratch):
            yield partial(_tensor, places[one.name])
        elif one.between:
            yield partial(_between, one.node, one.between - 1)
        else:
            yield partial(_inside, one.node, tuple(places[name] for name in graph.makes(graph.nodes[one.node])))


def _tensor(place: int, sizes: Sequence[int], facts: Sequence[_Facts]) -> int:
    return sizes[place]


def _between(node: int, number: int, sizes: Sequence[int], facts: Sequence[_Facts]) -> int:
    return facts[node].between[number]


def _inside(node: int, made: Sequence[int], sizes: Sequence[int], facts: Sequence[_Facts]) -> int:
    return max(0, facts[node].inside - sum([sizes[place] for place in made]))


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
