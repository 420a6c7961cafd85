"""The rows of a network's variants, divided into the same blocks: a lane a variant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from costlens.arithmetic import units
from costlens.formats.escape import fragment
from costlens.results.charts import Network
from costlens.results.columns import BYTES, COUNT, Unit
from costlens.results.folding import path

MOST = 64
"""Blocks of one drawing at most; deeper names are folded until they fit, then runs of blocks are one."""


@dataclass(frozen=True, slots=True)
class Metric:
    """What a row costs: the field of its figures, what people call it, how it is written and how in few letters."""

    field: str
    name: str
    unit: Unit
    short: Callable[[float], str]


METRICS = (
    Metric("macs", "MACs", COUNT, units.short),
    Metric("params", "parameters", COUNT, units.short),
    Metric("traffic_bytes", "traffic", BYTES, units.bytes_),
    Metric("microseconds", "time", Unit("{:,.1f} µs".format), "{:,.0f} µs".format),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of one variant: what it costs by metric, its formula, and where the page has it."""

    name: str
    figures: Mapping[str, Any]
    formula: str
    address: str


@dataclass(frozen=True, slots=True)
class Lane:
    """The rows of one variant, by block, and what they cost together by block and metric.

    A row whose cost is not known adds nothing.
    """

    name: str
    blocks: Mapping[str, Sequence[Row]]
    costs: Mapping[str, Counter[str]]

    def cost(self, block: str, metric: str) -> float:
        """Return what the rows of a block cost together."""
        return self.costs[block][metric] if block in self.costs else 0

    def total(self, metric: str) -> float:
        """Return what all blocks cost together."""
        return sum(cost[metric] for cost in self.costs.values())


def aligned(data: Network) -> tuple[list[Lane], list[str]]:
    """Return the lanes, and all blocks in the network's order."""
    named = [*counted(data)] or [*_timed(data)]
    block_of = blocks([[row.name for row in rows] for _, rows in named])
    lanes = []
    for name, rows in named:
        held: dict[str, list[Row]] = {}
        costs: dict[str, Counter[str]] = {}
        for row in rows:
            block = block_of[row.name]
            held.setdefault(block, []).append(row)
            costs.setdefault(block, Counter()).update({metric: cost for metric, cost in row.figures.items() if cost})
        lanes.append(Lane(name, held, costs))
    return lanes, merged([lane.blocks for lane in lanes])


def merged(orders: Iterable[Iterable[str]]) -> list[str]:
    """Return the names of several orders in one: a name that is new stands after the one that it follows.

    >>> merged([["a", "c"], ["a", "b", "c", "d"]])
    ['a', 'b', 'c', 'd']
    """
    found: list[str] = []
    for order in orders:
        after = 0
        for name in order:
            if name in found:
                after = found.index(name) + 1
            else:
                found.insert(after, name)
                after += 1
    return found


def blocks(lanes: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return the block of each row: the first parts of its name that are a row of some variant, else its whole name.

    >>> blocks([["stem", "stage.depthwise", "stage.pointwise"], ["stem", "stage"]])
    {'stem': 'stem', 'stage.depthwise': 'stage', 'stage.pointwise': 'stage', 'stage': 'stage'}
    """
    parts = {name: tuple(path(name).split(".")) for lane in lanes for name in lane}
    rows = set(parts.values())
    unit = {name: next(own[:end] for end in range(1, len(own) + 1) if own[:end] in rows) for name, own in parts.items()}
    depths = range(max(map(len, unit.values()), default=1), 0, -1)
    depth = next((depth for depth in depths if len({own[:depth] for own in unit.values()}) <= MOST), 1)
    found = {name: ".".join(own[:depth]) for name, own in unit.items()}
    several = [*dict.fromkeys(found.values())]
    size = -(-len(several) // MOST)
    runs = [[name for _, name in run] for _, run in groupby(enumerate(several), key=lambda each: each[0] // size)]
    joined = {name: f"{run[0]} – {run[-1]}" if len(run) > 1 else name for run in runs for name in run}
    return {name: joined[block] for name, block in found.items()}


def counted(data: Network) -> Iterator[tuple[str, list[Row]]]:
    """Yield the name and the rows of each variant, with their times where these were measured."""
    timed = {times.variant: times.rows for times in data.times}
    for model in data.counts:
        spent = {row.row: row.microseconds for row in timed.get(model.variant, ()) if row.kernels}
        rows = [
            Row(
                row.name,
                {
                    "macs": row.macs,
                    "params": row.deployed_params if row.params is None else row.params,
                    "traffic_bytes": row.traffic_bytes,
                    "microseconds": spent.get(row.name),
                },
                row.formula,
                fragment("row", model.name, model.variant, row.name),
            )
            for row in model.rows
        ]
        yield " = ".join(filter(None, (model.variant, *model.also))), rows


def _timed(data: Network) -> Iterator[tuple[str, list[Row]]]:
    """Yield the name and the rows of each variant that was timed."""
    for times in data.times:
        rows = [
            Row(
                row.row,
                {"macs": row.macs, "traffic_bytes": row.traffic_bytes, "microseconds": row.microseconds},
                "",
                fragment("time", times.name, times.variant, row.row),
            )
            for row in times.rows
        ]
        yield " = ".join(filter(None, (times.variant, *times.also))), rows
