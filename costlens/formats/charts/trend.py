"""A figure over the runs of the history: a dot a run, a line a level, a mark where the level changes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from statistics import median

from costlens.formats.charts import Panel
from costlens.formats.charts._axes import scale, ticks, written
from costlens.formats.charts._shapes import Anchor, Dot, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.formats.pages import history
from costlens.formats.pages.trend import change, changed
from costlens.results.charts import Trends
from costlens.results.columns import BYTES, COUNT, EXACT, MS, WORD, Column, Unit
from costlens.results.counts import in_bytes
from costlens.results.history import TIME
from costlens.results.page import Line, Table
from costlens.results.trend import Series, TrendPoint

title = "Over the runs"
beside = False
_WIDTH, _HIGH, _LEFT, _TOP, _RIGHT, _BELOW = 860, 260, 76, 26, 20, 62
_CAP, _DOT, _MOST, _TICKS = 3.0, 3.5, 300, 7
_LISTED, _SAID = 1000, 5


@dataclass(frozen=True, slots=True)
class _Spot:
    """Neighbouring runs as one: the place of the first, their middle, and how far they reach."""

    place: int
    points: Sequence[TrendPoint]
    value: float
    low: float | None
    high: float | None


def says(data: Trends) -> Sequence[Line]:
    """Say what is drawn, and where the level changes."""
    points = len(data.series.points)
    each = -(-points // _MOST)
    several = (
        f"A dot is the median of {each} runs next to each other, from the least to the largest. " if each > 1 else ""
    )
    interval = "" if each > 1 or data.figure != TIME else "A mark from low to high is a median's interval. "
    where = " · ".join(filter(None, (data.series.condition, data.series.machine, data.series.fingerprint)))
    changes = (changed(data.series, level, data.figure) for level in data.series.levels[-_SAID:])
    return (
        f"{several}{interval}Lines are levels; a dashed line is where one begins.",
        f"{where}." if where else "",
        *(f"{each}." for each in changes),
    )


def panels(data: Trends) -> Sequence[Panel]:
    """Return one drawing."""
    return [Panel(f"{data.figure} of {data.series.label}", partial(_drawing, data))]


def table(data: Trends) -> Table:
    """Return the runs, the newest of many."""
    columns: list[Column[TrendPoint]] = [
        Column("run", "run", EXACT),
        Column("at", "time (UTC)", WORD, lambda point: history.when(point.at)),
        Column("commit", "commit", WORD),
        Column("value", data.figure, Unit(lambda value: history.written(data.figure, value))),
    ]
    return Table(columns, data.series.points[-_LISTED:])


def _unit(figure: str) -> Unit:
    return MS if figure == TIME else BYTES if in_bytes(figure) else COUNT


def _spots(series: Series) -> list[_Spot]:
    points = series.points
    each = -(-len(points) // _MOST)
    if each == 1:
        return [_Spot(place, [point], point.value, point.low, point.high) for place, point in enumerate(points)]
    groups = [(start, points[start : start + each]) for start in range(0, len(points), each)]
    return [_spot(place, group) for place, group in groups]


def _spot(place: int, points: Sequence[TrendPoint]) -> _Spot:
    values = [point.value for point in points]
    return _Spot(place, points, median(values), min(values), max(values))


def _drawing(data: Trends) -> Drawing:
    series, spots = data.series, _spots(data.series)
    ends = [end for spot in spots for end in (spot.value, spot.low, spot.high) if end]
    y = scale(ends or [1.0], _TOP + _HIGH, _TOP)
    last = max(1, len(series.points) - 1)
    x = Scale(0, last, _LEFT + 8, _WIDTH - _RIGHT)
    shapes: list[Shape] = [*_grid(data, x, y)]
    for level in series.levels:
        across = x(level.place - 0.5)
        shapes.append(Rule([(across, y.start), (across, y.end)], "c1", 1.5, dashed=True))
        if level.ratio:
            shapes.append(Words(across, _TOP - 10, change(level.ratio), "small", "middle"))
    for start, end in pairwise([0, *(level.place for level in series.levels), len(series.points)]):
        middle = median(point.value for point in series.points[start:end])
        if y.low <= middle <= y.high:
            left, right = start - 0.3 * (start > 0), min(max(start, end - 0.7), last)
            shapes.append(Rule([(x(left), y(middle)), (x(right), y(middle))], "c0", 2))
    for spot in spots:
        shapes += _mark(spot, data, x, y)
    return Drawing(_WIDTH, _TOP + _HIGH + _BELOW, shapes)


def _mark(spot: _Spot, data: Trends, x: Scale, y: Scale) -> Iterator[Shape]:
    across = x(spot.place + (len(spot.points) - 1) / 2)
    if spot.low and spot.high and y(spot.low) - y(spot.high) > 1:
        yield Rule([(across, y(spot.low)), (across, y(spot.high))], "soft", 1)
    if not y.low <= spot.value <= y.high:
        return
    first, last = spot.points[0], spot.points[-1]
    several = f" to run {last.run}" if last is not first else ""
    said = f"run {first.run}{several}: {history.written(data.figure, spot.value)}"
    yield Mark(f"{said}\n{history.when(first.at)} {first.commit}".rstrip(), [Dot(across, y(spot.value), _DOT, "c0")])


def _grid(data: Trends, x: Scale, y: Scale) -> Iterator[Shape]:
    points, unit = data.series.points, _unit(data.figure)
    for tick in ticks(y, unit):
        yield Rule([(_LEFT, y(tick)), (x.end, y(tick))], "grid")
        yield Words(_LEFT - 8, y(tick), written(tick, unit), "soft", "end")
    number = min(_TICKS, len(points))
    places = sorted({round(place * (len(points) - 1) / max(1, number - 1)) for place in range(number)})
    for place in places:
        yield Words(x(place), y.start + 14, points[place].at.strftime("%Y-%m-%d"), "soft small", _side(place, points))
        yield Words(x(place), y.start + 28, points[place].commit, "soft small", _side(place, points))
    yield Words((x.start + x.end) / 2, y.start + 50, "runs by time, with their commit", anchor="middle")
    yield Words(10, (y.start + y.end) / 2, data.figure, anchor="middle", turned=True)


def _side(place: int, points: Sequence[TrendPoint]) -> Anchor:
    return "end" if place and place == len(points) - 1 else "middle"
