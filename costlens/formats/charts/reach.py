"""The least of a figure that a mix of kinds reaches, over the share of the MACs that it may move; with its bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._axes import scale, ticks
from costlens.formats.charts._axes import written as round_figure
from costlens.formats.charts._shapes import Dot, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.formats.pages.advice import curve_table, header, unit
from costlens.results.advice import Advice, in_unit
from costlens.results.page import Line, Table

title = "What more change reaches"
beside = False
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BELOW = 760, 340, 84, 14, 90, 50
_TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def says(data: Advice) -> Sequence[Line]:
    """Say where the curve begins and ends."""
    if not data.curve:
        return ()
    figure, last = data.curve_of, data.curve[-1]
    written, least = in_unit(figure, data.written[figure]), in_unit(figure, last.reached)
    changed = units.plural(last.layers, "layer")
    return (f"From {written} as written to {least}, which no mix goes below: then {changed} change.",)


def panels(data: Advice) -> Sequence[Panel]:
    """Return the one drawing."""
    return [Panel("", partial(_drawing, data))] if data.curve else []


def table(data: Advice) -> Table:
    """Return a row a point."""
    return curve_table(data)


def _drawing(data: Advice) -> Drawing:
    figure, start = data.curve_of, data.written[data.curve_of]
    budgets = [limit.value for limit in data.limits if limit.figure == figure]
    x = Scale(0.0, 1.0, _LEFT, _WIDTH - _RIGHT)
    values = [start, *(point.reached for point in data.curve), *budgets, data.planned.get(figure, start)]
    y = scale([max(value, 1e-9) for value in values], _HEIGHT - _BELOW, _TOP)
    spots = [(0.0, start), *((point.share, point.reached) for point in data.curve)]
    shapes: list[Shape] = [
        *_grid(data, x, y),
        Rule([(x(share), y(value)) for share, value in spots], "c0", 2),
        *_level(x, y, data.curve[-1].reached, "bound"),
        *(shape for value in budgets for shape in _level(x, y, value, "budget")),
    ]
    for point in data.curve:
        said = f"{units.percent(point.share)} of the MACs may move: {in_unit(figure, point.reached)}"
        shapes.append(Mark(said, [Dot(x(point.share), y(point.reached), 4, "c0")]))
    if data.kinds is not None and data.movable_macs:
        share, value = data.moved_macs / data.movable_macs, data.planned[figure]
        shapes.append(Mark(f"chosen: {in_unit(figure, value)}", [Dot(x(share), y(value), 6, "c1")]))
    return Drawing(_WIDTH, _HEIGHT, shapes)


def _level(x: Scale, y: Scale, value: float, name: str) -> Iterator[Shape]:
    yield Rule([(x.start, y(value)), (x.end, y(value))], "soft", dashed=True)
    yield Words(x.end + 8, y(value), name, "soft")


def _grid(data: Advice, x: Scale, y: Scale) -> Iterator[Shape]:
    of = unit(data.curve_of)
    for tick in ticks(y, of):
        yield Rule([(x.start, y(tick)), (x.end, y(tick))], "grid" if tick else "soft")
        yield Words(x.start - 8, y(tick), round_figure(tick, of), "soft", "end")
    yield from (Words(x(tick), y.start + 14, f"{tick:.0%}", "soft", "middle") for tick in _TICKS)
    yield Words((x.start + x.end) / 2, y.start + 34, "MACs that may move, of those that can", anchor="middle")
    yield Words(10, (y.start + y.end) / 2, header(data.curve_of), anchor="middle", turned=True)
