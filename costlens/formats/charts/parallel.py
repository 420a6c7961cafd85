"""The networks of a family as lines through parallel axes: what was chosen, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from costlens.formats.charts import Panel
from costlens.formats.charts._axes import written
from costlens.formats.charts._cloud import Value, column, header, order, styles, values
from costlens.formats.charts._shapes import Anchor, Drawing, Rule, Scale, Shape, Words
from costlens.formats.charts.front import drawn
from costlens.formats.escape import plain
from costlens.results.charts import Cloud
from costlens.results.columns import EXACT, Column
from costlens.results.page import Line, Table

title = "Parallel coordinates"
beside = False
_HIGH, _TOP, _LEFT, _RIGHT, _BELOW = 320, 48, 24, 84, 12
_WIDTH, _NARROWEST, _WIDEST = 1080, 64, 150
_MOST_WORDS = 12
"""So many values of an axis are named beside it."""
_LETTER, _LINE = 6.0, 15
_DECADE = 10
_MANY = 400
"""Of more lines each is fainter."""


class _Axis(NamedTuple):
    """An axis at its place: where each value is on it, and the values that are named."""

    name: str
    x: float
    at: dict[Value, float]
    named: list[tuple[float, str]]


def says(data: Cloud) -> Sequence[Line]:
    """Say what a line is."""
    return ("A line is a network, through its value on each axis.", drawn(data))


def panels(data: Cloud) -> Sequence[Panel]:
    """Return the one drawing; none for a single network or a single axis."""
    if len(data.axes) < 2 or len(data.table.rows) < 2:  # noqa: PLR2004  # a line joins two
        return []
    facts = {"points": "parallel", "axes": "\n".join(map(plain, data.axes))}
    return [Panel("", partial(_drawing, data), facts=facts)]


def table(data: Cloud) -> Table:
    """Return each axis with its ends and how many values it has."""
    rows = [(name, order(values(data, name))) for name in data.axes]

    def end(place: int) -> Column[tuple[str, list[Value]]]:
        name = ("from", "to")[place]
        return Column(name, name, value=lambda row: _word(data, row[0], row[1][-place]))

    number: Column[tuple[str, list[Value]]] = Column("values", "different values", EXACT, lambda row: len(row[1]))
    return Table([Column("axis", "axis", value=lambda row: header(data, row[0])), end(0), end(1), number], rows)


def _word(data: Cloud, name: str, value: Value) -> str:
    """Write a value of an axis as people read it."""
    if isinstance(value, str):
        return value or "(none)"
    return written(value, column(data, name).unit)


def _drawing(data: Cloud) -> Drawing:
    apart = max(_NARROWEST, min(_WIDEST, (_WIDTH - _LEFT - _RIGHT) / (len(data.axes) - 1)))
    axes = [_axis(data, name, _LEFT + apart * place) for place, name in enumerate(data.axes)]
    levels = [[axis.at[value] for value in values(data, axis.name)] for axis in axes]
    colours, seen = styles(data), "faint " if len(data.table.rows) <= _MANY else "faintest "
    shapes: list[Shape] = []
    for place in reversed(range(len(data.table.rows))):  # the front over all others
        line = [(round(axis.x), round(level[place])) for axis, level in zip(axes, levels, strict=True)]
        on = data.front[place]
        shapes.append(Rule(line, f"{colours[place]} {'' if on else seen}pt", 1.5 if on else 1))
    for place, axis in enumerate(axes):
        shapes += [*_shown(data, axis, apart, low=bool(place % 2))]
    return Drawing(axes[-1].x + _RIGHT, _TOP + _HIGH + _BELOW, shapes)


def _axis(data: Cloud, name: str, x: float) -> _Axis:
    """Place an axis: numbers by their size, words one after the other."""
    found = order(values(data, name))
    figures = [each for each in found if not isinstance(each, str)]
    first, last = _TOP + _HIGH, _TOP
    if len(found) == 1:
        at: dict[Value, float] = {found[0]: (first + last) / 2}
    elif figures:
        log = figures[0] > 0 and figures[-1] > _DECADE * figures[0]
        level = Scale(figures[0], figures[-1], first, last, log)
        at = {value: level(value) for value in figures}
    else:
        at = {value: first + place / (len(found) - 1) * (last - first) for place, value in enumerate(found)}
    named = found if len(found) <= _MOST_WORDS else [found[0], found[-1]]
    return _Axis(name, x, at, [(at[value], _word(data, name, value)) for value in named])


def _shown(data: Cloud, axis: _Axis, apart: float, *, low: bool) -> Iterator[Shape]:
    """Yield an axis, its name above it and values beside it; names of neighbours have lines of their own."""
    yield Rule([(axis.x, _TOP), (axis.x, _TOP + _HIGH)], "ink")
    room = int(2 * apart / _LETTER) - 1
    name = header(data, axis.name)
    anchor: Anchor = "start" if axis.x == _LEFT else "middle"
    yield Words(axis.x - (8 if axis.x == _LEFT else 0), 10 + _LINE * low, name, "bold small", anchor, most=room)
    taken = -_LINE * 1.0
    for level, word in sorted(axis.named):
        if level - taken >= _LINE * 0.8:
            yield Words(axis.x + 4, level, word, "small", most=max(4, int(apart / _LETTER) - 1))
            taken = level
