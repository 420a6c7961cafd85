"""What each knob of a family does to a figure: a drawing a knob, with the spread of the figure at its values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from costlens.formats.charts import Panel
from costlens.formats.charts._cloud import (
    FRONT,
    KEPT,
    Value,
    axis,
    column,
    header,
    logged,
    numbers,
    order,
    upwards,
    values,
)
from costlens.formats.charts._shapes import Boxes, Dot, Drawing, Rule, Scale, Shape, Words
from costlens.formats.escape import plain
from costlens.results.charts import Cloud
from costlens.results.columns import COUNT, EXACT, Column
from costlens.results.page import Line, Table

title = "Knob by knob"
beside = True
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BELOW = 300, 210, 78, 12, 6, 42
_MOST_GROUPS = 40
"""Of more values, several that follow each other share a box."""
_MOST_WORDS, _LETTER, _LINE = 8, 6.0, 14
_WIDEST = 26.0


class _Spread(NamedTuple):
    """Values of a knob that share a box, and the figures of the networks there, the smallest first."""

    first: Value
    last: Value
    figures: list[float]

    @property
    def name(self) -> str:
        return _word(self.first) if self.first == self.last else f"{_word(self.first)} – {_word(self.last)}"

    def at(self, share: float) -> float:
        """Return a quantile, between two figures by how far it is from each."""
        place = share * (len(self.figures) - 1)
        low = int(place)
        high = min(low + 1, len(self.figures) - 1)
        return self.figures[low] + (place - low) * (self.figures[high] - self.figures[low])


def says(data: Cloud) -> Sequence[Line]:
    """Say what a box is."""
    return (
        "At each value of a knob: a box from the first to the third quartile, the median, and a line from the least to "
        "the most. Orange: the Pareto front.",
    )


def panels(data: Cloud) -> Sequence[Panel]:
    """Return a drawing for each knob of several values; none where the figure is not known of any network."""
    figures = [each for each in numbers(data, data.y) if each is not None]
    if not figures:
        return []
    y = axis(figures, HEIGHT - BELOW, TOP)
    facts = {"points": "knob", "y": plain(data.y)}
    return [
        Panel(header(data, name), partial(_drawing, data, name, y), facts={**facts, "x": plain(name)})
        for name in data.knobs
        if len(set(values(data, name))) > 1
    ]


def table(data: Cloud) -> Table:
    """Return the spread of the figure at each value of each knob."""
    unit = column(data, data.y).unit
    rows = [(header(data, name), spread) for name in data.knobs for spread in _spreads(data, name) if spread.figures]
    shares = {"least": 0.0, "first_quartile": 0.25, "median": 0.5, "third_quartile": 0.75, "most": 1.0}

    def quantile(name: str) -> Column[tuple[str, _Spread]]:
        share = shares[name]
        title = f"{name.replace('_', ' ')}\n{header(data, data.y)}"
        return Column(name, title, unit, lambda row: _whole(row[1].at(share), unit is COUNT))

    return Table(
        [
            Column("knob", "knob", value=lambda row: row[0]),
            Column("value", "value", value=lambda row: row[1].name),
            Column("networks", "networks", EXACT, lambda row: len(row[1].figures)),
            *map(quantile, shares),
        ],
        rows,
    )


def _whole(value: float, whole: bool) -> float:
    return round(value) if whole else value


def _word(value: Value) -> str:
    return f"{value:,.6g}" if isinstance(value, float) else value or "(none)"


def _groups(data: Cloud, name: str) -> dict[Value, int]:
    """Return the place of each value of a knob among those that have a box."""
    found = order(values(data, name))
    each = -(-len(found) // _MOST_GROUPS)
    return {value: place // each for place, value in enumerate(found)}


def _spreads(data: Cloud, name: str) -> list[_Spread]:
    """Return the figures at a knob's values, in the order of these."""
    of = _groups(data, name)
    held: list[list[float]] = [[] for _ in range(max(of.values()) + 1)]
    for value, figure in zip(values(data, name), numbers(data, data.y), strict=True):
        if figure is not None:
            held[of[value]].append(figure)
    ends = [[value for value in of if of[value] == place] for place in range(len(held))]
    return [_Spread(within[0], within[-1], sorted(figures)) for within, figures in zip(ends, held, strict=True)]


def _drawing(data: Cloud, name: str, y: Scale) -> Drawing:
    spreads, of = _spreads(data, name), _groups(data, name)
    slot = (WIDTH - RIGHT - LEFT) / len(spreads)
    middle = [LEFT + slot * (place + 0.5) for place in range(len(spreads))]
    shapes: list[Shape] = [
        *upwards(y, column(data, data.y).unit, LEFT, WIDTH - RIGHT),
        Words(8, (y.start + y.end) / 2, logged(header(data, data.y), y), "small", "middle", turned=True),
    ]
    for x, spread in zip(middle, spreads, strict=True):
        if spread.figures:
            shapes += _box(x, min(_WIDEST, 0.7 * slot), [y(spread.at(quarter / 4)) for quarter in range(5)])
    for on, value, figure in zip(data.front, values(data, name), numbers(data, data.y), strict=True):
        if on and figure is not None:
            shapes.append(Dot(middle[of[value]], y(figure), 2.5, FRONT))
    return Drawing(WIDTH, HEIGHT, [*shapes, *_named(spreads, middle, slot)])


def _box(x: float, width: float, quartiles: Sequence[float]) -> list[Shape]:
    least, low, median, high, most = quartiles
    left, right = x - width / 2, x + width / 2
    return [
        Rule([(x, least), (x, most)], KEPT),
        Boxes([(left, high, width, low - high)], f"{KEPT} faint"),
        Rule([(left, median), (right, median)], KEPT, 2),
    ]


def _named(spreads: Sequence[_Spread], middle: Sequence[float], slot: float) -> Iterator[Shape]:
    """Yield values below their boxes, of many every second or third; those of neighbours are on two lines."""
    apart = -(-len(spreads) // _MOST_WORDS)
    room = max(3, int(2 * slot * apart / _LETTER) - 1)
    for number, place in enumerate(range(0, len(spreads), apart)):
        level = HEIGHT - BELOW + 14 + _LINE * (number % 2)
        yield Words(middle[place], level, spreads[place].name, "small soft", "middle", most=room)
