"""An arena plan explained: who is in memory at the peak, which row to change, and which order would need less."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod

from costlens.analysis.ordering import better_order, moves
from costlens.arithmetic import arena
from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.arithmetic.precision import Precision
from costlens.errors import ShapeError, UsageError
from costlens.network import memory
from costlens.network.graph import Graph
from costlens.network.precisions import Precisions
from costlens.readers.onnx.tensor import BITS, NAMES
from costlens.results.counts import ModelCount
from costlens.results.memory import Lowering, MemoryExplanation, PlacedTensor, Reordering

WORTH = 0.01
"""By how much an order has to lower the arena to be told."""


def of_graph(graph: Graph, count: ModelCount, precisions: Precisions) -> MemoryExplanation:
    """Explain the plan of a graph in precisions, for the batch of its count; another order is looked for."""
    of_row = precisions.of(tuple(graph.rows()))
    steps, tensors = _planned(graph, of_row, count.batch)
    called = {row.output: row.name for row in graph.rows()}  # as tables call what a row makes
    tensors = [
        one._replace(name=called.get(one.name, one.name), over=called.get(one.over, one.over)) for one in tensors
    ]
    rows = [graph.nodes[one.node].row if one.node >= 0 else "" for one in memory.run(graph).held]
    found = explained(count, steps, tensors, rows)
    return replace(found, reordered=_reordered(graph, of_row, count.batch, found))


def _planned(graph: Graph, of_row: Mapping[str, Precision], batch: int) -> tuple[list[str], list[arena.Tensor]]:
    run = memory.run(graph)
    values = [batch * each for each in memory.values(graph, run)]
    sizes = memory.sizes(graph, run, values, of_row)
    return [graph.nodes[place].row for place in run.steps], memory.tensors(run, sizes)


def explained(
    count: ModelCount, steps: Sequence[str], tensors: Sequence[arena.Tensor], rows: Sequence[str]
) -> MemoryExplanation:
    """Explain the plan of tensors with their rows, in steps that are named after rows."""
    some = [(one, row) for one, row in zip(tensors, rows, strict=True) if one.bytes]
    kept = [one for one, _ in some]
    plan = arena.plan(kept)
    return MemoryExplanation(
        model=count.name,
        title=count.title,
        variant=count.variant,
        precision=count.precision,
        batch=count.batch,
        steps=tuple(steps),
        tensors=tuple(
            PlacedTensor(one.name, row, place.size, place.offset, one.first, one.last, one.scratch)
            for (one, row), place in zip(some, plan.places, strict=True)
        ),
        arena_bytes=plan.bytes,
        peak_bytes=plan.peak,
        busiest=plan.busiest,
        in_place_bytes=arena.plan(kept, in_place=True).bytes,
        tight_bytes=arena.plan(kept, tight=True).bytes,
        alignment=arena.ALIGNMENT,
        lowering=_lowering(kept, steps, plan),
    )


def _lowering(tensors: Sequence[arena.Tensor], steps: Sequence[str], plan: arena.Arena) -> Lowering | None:
    """Return the row of the busiest step, and what the other rows need at least."""
    sums = arena.in_use(
        [arena.rounded(one.bytes) for one in tensors], [one.first for one in tensors], [one.last for one in tensors]
    )
    if not steps:
        return None
    row = steps[plan.busiest]
    others = [(held, name) for held, name in zip(sums, steps, strict=False) if name != row]
    if not others:
        return None
    most, next_row = max(others, key=lambda each: each[0])
    return Lowering(row, most, next_row)


def _reordered(
    graph: Graph, of_row: Mapping[str, Precision], batch: int, found: MemoryExplanation
) -> Reordering | None:
    """Return an order of the rows whose plan is smaller; None where none was found that is worth it."""
    rows = tuple(graph.rows())
    order = better_order(graph, rows, of_row, batch)
    if order is None:
        return None
    nodes = tuple(node for place in order for node in rows[place].nodes)
    try:
        other = Graph(graph.name, graph.inputs, nodes, graph.outputs)
    except (UsageError, ShapeError):  # weights are used before the row that has them
        return None
    _, tensors = _planned(other, of_row, batch)
    plan = arena.plan([one for one in tensors if one.bytes])
    if plan.bytes > (1 - WORTH) * found.arena_bytes:
        return None
    names = [row.name for row in rows]
    return Reordering(tuple(moves(names, [names[place] for place in order])), plan.bytes, plan.peak)


def of_rows(count: ModelCount) -> MemoryExplanation:
    """Explain the plan of what the rows of a count make, one tensor a row, by who reads them; inputs are taken as fp32.

    UsageError where the shape or the type of one is not known.
    """
    width = {name: BITS[code] // 8 for code, name in NAMES.items() if code in BITS and BITS[code] % 8 == 0}
    steps = [row.name for row in count.rows]
    first: dict[str, int] = dict.fromkeys(count.inputs, 0)
    last = dict(first)
    sizes: dict[str, int] = {}
    for index, row in enumerate(count.rows):
        wide = width.get(row.dtype or "float32")
        if row.output is None or wide is None or not all(isinstance(size, int) for size in row.output):
            raise UsageError(f"{row.name}: the size of what it makes is not known; give the sizes of the inputs")
        sizes[row.name] = wide * prod(row.output)
        first[row.name] = index
        for name in row.reads:
            last[name] = index
            if name not in first:
                raise UsageError(f"{row.name}: reads {name}, which is made by none of the rows before it")
    for name, shape in count.inputs.items():
        known = [size for size in shape if isinstance(size, int)]
        if len(known) < len(shape):
            raise UsageError(f"input {name}: its size is free; give it with --dim NAME=SIZE")
        sizes[name] = BYTES_PER_VALUE * prod(known)
    end = max(len(steps) - 1, 0)
    tensors = [
        arena.Tensor(name, size, first[name], last.get(name, end if name in steps else 0))
        for name in first
        if (size := sizes.get(name, 0))
    ]
    rows = ["" if one.name in count.inputs and one.name not in steps else one.name for one in tensors]
    return explained(count, steps, tensors, rows)
