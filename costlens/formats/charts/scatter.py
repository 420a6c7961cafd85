"""Networks as dots by two figures, their names beside them: the smaller both figures, the farther to the lower left."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from costlens.formats.charts import Panel
from costlens.formats.charts._axes import scale, ticks, written
from costlens.formats.charts._labels import Named, along, labels
from costlens.formats.charts._shapes import Dot, Drawing, Mark, Rule, Scale, Shape, Words, series
from costlens.results.charts import Scatter
from costlens.results.columns import AtLeast, Column
from costlens.results.page import Line, Table, said

title = "Side by side by two figures"
beside = False
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BELOW = 760, 460, 84, 14, 20, 50
_MOST_NAMED = 60
"""Of more dots those on the front alone are named."""
_CAP, _DOT = 4.0, 5.5
_WORDS = {True: "yes", False: "no", None: "?"}
_FEW, _WIDER, _HIGHER = 14, 1100, 680
"""More dots than a few take more room."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A row that has both figures: its name, its place in the table, and the interval of its figure upwards."""

    name: str
    place: int
    x: float
    y: float
    figures: str
    interval: tuple[float, float] | None
    front: bool | None


def says(data: Scatter) -> Sequence[Line]:
    """Say what the axes are, which rows are on the front, and which are not drawn."""
    across, up = _header(data, data.x), _header(data, data.y)
    spots, names = _spots(data), _names(data)
    best = [spot.name for spot in spots if spot.front]
    lacking = [name for place, name in enumerate(names) if place not in {spot.place for spot in spots}]
    few = f"On the Pareto front of {across} and {up}: {', '.join(best)}." if best and len(spots) > 1 else ""
    left_out = f"Not drawn, because {across} or {up} is not known: {', '.join(lacking)}." if lacking else ""
    bound = "≥: at least so much." if any("≥" in spot.figures for spot in spots) else ""
    return (few, left_out, bound)


def panels(data: Scatter) -> Sequence[Panel]:
    """Return the one drawing; none where no row has both figures."""
    spots = _spots(data)
    return [Panel("", partial(_drawing, data, spots))] if spots else []


def table(data: Scatter) -> Table:
    """Return the two figures of every row, with what the front says of it."""
    columns = {column.name: column for column in data.table.columns}
    first, wanted = data.table.columns[0], dict.fromkeys((data.x, data.y))
    shown = [columns[name] for name in (*wanted, *(data.intervals[name] for name in wanted if name in data.intervals))]
    rows = [*enumerate(data.table.rows)]
    front: Column[tuple[int, Any]] = Column("front", "Pareto", value=lambda row: _WORDS[data.front[row[0]]])
    return Table([*map(_of_pair, (first, *shown)), front], rows)


def _of_pair(column: Column[Any]) -> Column[tuple[int, Any]]:
    return Column(column.name, column.header, column.unit, lambda row: column.raw(row[1]))


def _header(data: Scatter, name: str) -> str:
    return " ".join(next(column.header for column in data.table.columns if column.name == name).split())


def _names(data: Scatter) -> list[str]:
    first = data.table.columns[0]
    return [said(first.cell(row)) for row in data.table.rows]


def _spots(data: Scatter) -> list[_Spot]:
    columns = {column.name: column for column in data.table.columns}
    across, up, ends = columns[data.x], columns[data.y], columns.get(data.intervals.get(data.y, ""))
    found = []
    for place, (row, name) in enumerate(zip(data.table.rows, _names(data), strict=True)):
        x, y = _number(across.raw(row)), _number(up.raw(row))
        if x is None or y is None:
            continue
        figures = f"{_header(data, data.x)} {across.cell(row)}, {_header(data, data.y)} {up.cell(row)}"
        figures += f" {ends.cell(row)}" if ends and ends.cell(row) else ""
        found.append(_Spot(name, place, x, y, figures, ends.raw(row) if ends else None, data.front[place]))
    return found


def _number(raw: Any) -> float | None:
    """Return a figure that an axis can hold; on a logarithmic one there is no zero."""
    value = raw.value if isinstance(raw, AtLeast) else raw
    return value if isinstance(value, int | float) and value > 0 else None


def _drawing(data: Scatter, spots: Sequence[_Spot]) -> Drawing:
    width, height = (_WIDTH, _HEIGHT) if len(spots) <= _FEW else (_WIDER, _HIGHER)
    x = scale([spot.x for spot in spots], _LEFT, width - _RIGHT)
    y = scale([end for spot in spots for end in (spot.y, *(spot.interval or ()))], height - _BELOW, _TOP)
    front = _stairs([(x(spot.x), y(spot.y)) for spot in spots if spot.front])
    shapes = [*_grid(data, x, y), *([Rule(front, "soft", 1, dashed=True)] if front else [])]
    for spot in spots:
        at, style = (x(spot.x), y(spot.y)), series(data.groups[spot.place])
        low, high = map(y, spot.interval or (spot.y, spot.y))
        if low - high > _DOT:
            shapes.append(Rule([(at[0], low), (at[0], high)], style, 1.5))
            shapes += [Rule([(at[0] - _CAP, end), (at[0] + _CAP, end)], style, 1.5) for end in (low, high)]
        shapes.append(Mark(f"{spot.name}: {spot.figures}", [Dot(*at, _DOT, style)], "", "hit"))
    every = len(spots) <= _MOST_NAMED
    names = [f"{spot.name} ≥" if "≥" in spot.figures else spot.name for spot in spots]
    dots = [
        Named(x(spot.x), y(spot.y), _DOT, name if every or spot.front else "")
        for spot, name in zip(spots, names, strict=True)
    ]
    shapes += labels(
        dots, (x.start, y.end, x.end + _RIGHT, y.start), "small" if len(spots) > _FEW else "", along(front)
    )
    return Drawing(width, height, shapes)


def _stairs(best: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the front as stairs: above and to the right of them is no dot that another one does not beat.

    >>> _stairs([(5, 1), (1, 4)])
    [(1, 4), (5, 4), (5, 1)]
    """
    spots = sorted(set(best))
    corners = [corner for one, other in pairwise(spots) for corner in (one, (other[0], one[1]))]
    return [*corners, spots[-1]] if corners else []


def _grid(data: Scatter, x: Scale, y: Scale) -> Iterator[Shape]:
    columns = {column.name: column for column in data.table.columns}
    for tick in ticks(x, columns[data.x].unit):
        yield Rule([(x(tick), y.start), (x(tick), y.end)], "grid")
        yield Words(x(tick), y.start + 14, written(tick, columns[data.x].unit), "soft", "middle")
    for tick in ticks(y, columns[data.y].unit):
        yield Rule([(x.start, y(tick)), (x.end, y(tick))], "grid")
        yield Words(x.start - 8, y(tick), written(tick, columns[data.y].unit), "soft", "end")
    yield Words((x.start + x.end) / 2, y.start + 36, f"{_header(data, data.x)}{_log(x)}", anchor="middle")
    yield Words(10, (y.start + y.end) / 2, f"{_header(data, data.y)}{_log(y)}", anchor="middle", turned=True)


def _log(axis: Scale) -> str:
    return " (logarithmic)" if axis.log else ""
