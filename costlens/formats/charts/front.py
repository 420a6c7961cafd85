"""The networks of a family as dots by any two of their figures, those of the Pareto front marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from costlens.arithmetic.units import plural
from costlens.formats.charts import Panel
from costlens.formats.charts._cloud import (
    across,
    addresses,
    axis,
    column,
    header,
    logged,
    numbers,
    styles,
    upwards,
)
from costlens.formats.charts._labels import Named, along, labels
from costlens.formats.charts._shapes import Dot, Drawing, Mark, Rule, Shape, Words
from costlens.formats.escape import plain
from costlens.results.charts import Cloud
from costlens.results.page import Line, Table, said

title = "By two figures"
beside = False
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BELOW = 900, 520, 84, 14, 20, 50
RADIUS, OF_FRONT = 2.5, 4.5
_MOST_NAMED = 40
"""So many networks of the front have their numbers beside them."""


def says(data: Cloud) -> Sequence[Line]:
    """Say how many networks are drawn, what their colours are, and which have no place."""
    lacking = sum(None in pair for pair in _pairs(data))
    x, y = header(data, data.x), header(data, data.y)
    return (
        drawn(data),
        "Orange: the Pareto front." + ("" if all(data.kept) else " Grey: a constraint is not kept."),
        f"{plural(lacking, 'network')} without {x} or {y} {'is' if lacking == 1 else 'are'} left out."
        if lacking
        else "",
    )


def drawn(data: Cloud) -> str:
    """Say which networks the charts of a family are of."""
    number, front = len(data.table.rows), sum(data.front)
    if number == data.of:
        return f"All {number:,} networks are drawn." if number > 1 else ""
    those = f"{front:,} of the {front + data.front_left:,}" if data.front_left else "all"
    return f"{number:,} of {data.of:,} networks are drawn: {those} of the front, and of the others a sample."


def panels(data: Cloud) -> Sequence[Panel]:
    """Return the one drawing; none where no row has both figures."""
    if all(None in pair for pair in _pairs(data)):
        return []
    front_of = (f"{plain(name)}{':max' if larger else ''}" for name, larger in data.front_of)
    facts = {
        "points": "front", "x": plain(data.x), "y": plain(data.y), "front": "\n".join(front_of),
        "knobs": "\n".join(map(plain, data.knobs)),
    }  # fmt: skip
    return [Panel("", partial(_drawing, data), facts=facts)]


def table(data: Cloud) -> Table:
    """Return all figures of every network that is drawn."""
    return data.table


def _pairs(data: Cloud) -> list[tuple[float | None, float | None]]:
    return [*zip(numbers(data, data.x), numbers(data, data.y), strict=True)]


def _drawing(data: Cloud) -> Drawing:
    pairs = [(place, x, y) for place, (x, y) in enumerate(_pairs(data)) if x is not None and y is not None]
    right, up = column(data, data.x), column(data, data.y)
    x = axis([x for _, x, _ in pairs], LEFT, WIDTH - RIGHT)
    y = axis([y for *_, y in pairs], HEIGHT - BELOW, TOP)
    spots = {place: (x(at), y(level)) for place, at, level in pairs}
    shapes: list[Shape] = [
        *across(x, right.unit, TOP, y.start),
        *upwards(y, up.unit, LEFT, x.end),
        Words((x.start + x.end) / 2, y.start + 36, logged(header(data, data.x), x), anchor="middle"),
        Words(10, (y.start + y.end) / 2, logged(header(data, data.y), y), anchor="middle", turned=True),
    ]
    stairs = [*_stairs(data, [spot for place, spot in spots.items() if data.front[place]])]
    shapes += [Rule(stairs, "soft", 1, dashed=True)] if stairs else []
    names, places, colours = _names(data), addresses(data), styles(data)
    for place, spot in reversed(spots.items()):
        radius = OF_FRONT if data.front[place] else RADIUS
        shapes.append(Mark(f"point {names[place]}", [Dot(*spot, radius, colours[place])], places[place], "hit"))
    best = [(place, spot) for place, spot in spots.items() if data.front[place]]
    if len(best) <= _MOST_NAMED:
        dots = [Named(*spot, OF_FRONT, names[place]) for place, spot in best]
        shapes += labels(dots, (LEFT, TOP, WIDTH, y.start), "small", along(stairs))
    return Drawing(WIDTH, HEIGHT, shapes)


def _names(data: Cloud) -> list[str]:
    first = data.table.columns[0]
    return [said(first.cell(row)) for row in data.table.rows]


def _stairs(data: Cloud, best: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float]]:
    """Yield the front as stairs where it is of these two figures: on their worse side another network is better."""
    larger = dict(data.front_of)
    if set(larger) != {data.x, data.y} or not best:
        return
    spots = sorted(set(best))
    for one, other in pairwise(spots):
        yield one
        yield (one[0], other[1]) if larger[data.x] else (other[0], one[1])
    yield spots[-1]
