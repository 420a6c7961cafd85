"""A network along its blocks: the variants under each other, so that a block stands at one place in all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._lanes import METRICS, Lane, Metric, aligned
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Scale, Shape, Words, series
from costlens.results.charts import Network
from costlens.results.columns import Column
from costlens.results.page import Line, Table
from costlens.results.page import Mark as Marked

title = "Along the network"
beside = False
_WIDTH, _RIGHT, _TITLE, _HIGH = 1180, 80, 24, 56
_LETTER, _LONGEST = 6.4, 26
"""Pixels that a letter of a block's name takes, rather too many; and the most letters that are shown."""
_FORMULAS = 3


def says(data: Network) -> Sequence[Line]:
    """Say how lanes are drawn, and which block of the first variant has most of the MACs."""
    lanes, blocks = aligned(data)
    first, total = lanes[0], lanes[0].total("macs")
    most = max(blocks, key=lambda block: first.cost(block, "macs"), default="")
    share = first.cost(most, "macs") / total if total else 0
    return (
        f"{most} has the most MACs{f' of {first.name}' if len(lanes) > 1 else ''}: {share:.0%}." if share else "",
        "The variants are drawn to one scale." if len(lanes) > 1 else "",
    )


def panels(data: Network) -> Sequence[Panel]:
    """Return a drawing for each metric that is known of any variant, of a profile the time first."""
    lanes, blocks = aligned(data)
    metrics = METRICS if data.counts else (METRICS[-1], *METRICS[:-1])
    known = [metric for metric in metrics if any(lane.total(metric.field) for lane in lanes)]
    return [Panel(metric.name, partial(_drawing, lanes, blocks, metric)) for metric in known]


def table(data: Network) -> Table:
    """Return a row a block, with a column for each metric of each variant."""
    lanes, blocks = aligned(data)

    def named(block: str) -> Marked:
        rows = next(lane.blocks[block] for lane in lanes if block in lane.blocks)
        return Marked(block, "", f"#{rows[0].address}")

    def column(lane: Lane, metric: Metric) -> Column[Any]:
        name, header = (f"{lane.name} {word}".strip() for word in (metric.field, metric.name))
        return Column(name, header, metric.unit, lambda block: lane.cost(block, metric.field) or None)

    figures = [column(lane, metric) for metric in METRICS for lane in lanes]
    return Table([Column("block", "block", value=named), *figures], blocks)


def _drawing(lanes: Sequence[Lane], blocks: Sequence[str], metric: Metric) -> Drawing:
    """Draw the variants that have a metric, the names of the blocks below the last one."""
    shown = [(place, lane) for place, lane in enumerate(lanes) if lane.total(metric.field)]
    largest = max(lane.cost(block, metric.field) for _, lane in shown for block in blocks)
    x = Scale(0, len(blocks), 0, _WIDTH - _RIGHT)
    below = (_TITLE + _HIGH) * len(shown)
    names = [block if len(block) <= _LONGEST else f"{block[:12]}…{block[-13:]}" for block in blocks]
    first = shown[0][1].total(metric.field)
    shapes: list[Shape] = []
    for line, (place, lane) in enumerate(shown):
        top = (_TITLE + _HIGH) * line + _TITLE
        shapes += _lane(lane, blocks, metric, x, Scale(0, largest, top + _HIGH, top), series(place))
        total = lane.total(metric.field)
        against = f" · {units.ratio(total / first)}" if line else ""
        shapes.append(Words(0, top - 10, f"{lane.name} {metric.short(total)}{against}".strip(), "bold"))
    shapes += [Words(x(at + 0.5), below + 6, name, "small", "end", turned=True) for at, name in enumerate(names)]
    return Drawing(_WIDTH, below + 12 + _LETTER * max(map(len, names)), shapes)


def _lane(lane: Lane, blocks: Sequence[str], metric: Metric, x: Scale, y: Scale, style: str) -> Iterator[Shape]:
    """Yield the bars of a variant; behind each is what a pointer finds, as high as the lane."""
    for at, block in enumerate(blocks):
        if rows := lane.blocks.get(block):
            behind = Boxes([(x(at + 0.04), y.end, x(0.92), y.start - y.end)], "track")
            yield Mark(_hover(lane, block, metric), [behind], rows[0].address, "hit")
    costs = [(at, lane.cost(block, metric.field)) for at, block in enumerate(blocks)]
    yield Boxes([(x(at + 0.12), y(cost), x(0.76), y.start - y(cost)) for at, cost in costs if cost], f"{style} over")
    yield Rule([(0, y.start), (x.end, y.start)], "soft")
    yield Words(x.end + 6, y.end, metric.short(y.high), "soft small")
    yield Words(x.end + 6, y.start, "0", "soft small")


def _hover(lane: Lane, block: str, metric: Metric) -> str:
    """Return what a pointer shows: the figure, its share, and the formulas of the first rows that have one."""
    rows, cost = lane.blocks[block], lane.cost(block, metric.field)
    said = f"{lane.name} {block}: {metric.unit.write(cost)}, {cost / lane.total(metric.field):.1%}".strip()
    formulas = [f"{row.name}: {row.formula}" for row in rows if row.formula]
    more = [f"and {len(formulas) - _FORMULAS} rows more"] if len(formulas) > _FORMULAS else []
    return "\n".join([said, *formulas[:_FORMULAS], *more])
