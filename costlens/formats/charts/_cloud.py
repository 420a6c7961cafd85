"""What the charts of a family have in common: the numbers of its rows, the scales that hold them, and grids.

The script of a page draws the same for other columns, so ``assets/points.js`` has these rules, too; a test compares
what both draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from math import isfinite

from costlens.formats.charts._axes import scale, ticks, written
from costlens.formats.charts._shapes import Rule, Scale, Shape, Words
from costlens.formats.escape import fragment, plain
from costlens.results.charts import Cloud
from costlens.results.columns import Column, Unit
from costlens.results.page import said

ADDRESS = "point"
"""Begins the address of a row."""
FRONT, KEPT, MISSED = "c1", "c0", "c6"
_ROOM = 0.08
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)

Value = float | str


def column(data: Cloud, name: str) -> Column[object]:
    """Return a column by its name."""
    return next(each for each in data.table.columns if each.name == name)


def header(data: Cloud, name: str) -> str:
    """Return the header of a column, on one line."""
    return " ".join(column(data, name).header.split())


def numbers(data: Cloud, name: str) -> list[float | None]:
    """Return the figures of a column as numbers; None where one is not known."""
    of = column(data, name)
    return [number(of.raw(row)) for row in data.table.rows]


def number(raw: object) -> float | None:
    """Return what a text or a figure is as a number.

    >>> number("0.25"), number(3), number("separable"), number("1_0"), number(None)
    (0.25, 3.0, None, None, None)
    """
    if isinstance(raw, str):
        return float(raw) if _NUMBER.fullmatch(raw) else None
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) and isfinite(raw) else None


def values(data: Cloud, name: str) -> list[Value]:
    """Return a column as numbers where each row has one, else as the words that the table shows."""
    found = [each for each in numbers(data, name) if each is not None]
    if len(found) == len(data.table.rows):
        return [*found]
    of = column(data, name)
    return [plain(said(of.cell(row))) for row in data.table.rows]


def order(found: Sequence[Value]) -> list[Value]:
    """Return the different values in order: numbers by size, words by their letters.

    >>> order([2.0, 1.0, 2.0]), order(["b", "a"])
    ([1.0, 2.0], ['a', 'b'])
    """
    return sorted(set(found))


def addresses(data: Cloud) -> list[str]:
    """Return where a page has each row."""
    first = data.table.columns[0]
    return [fragment(ADDRESS, said(first.cell(row))) for row in data.table.rows]


def styles(data: Cloud) -> list[str]:
    """Return the colour of each row: on the front, another that keeps the constraints, or one that does not."""
    return [FRONT if on else KEPT if kept else MISSED for on, kept in zip(data.front, data.kept, strict=True)]


def axis(found: Sequence[float], start: float, end: float) -> Scale:
    """Return the scale that holds some values, which may be 0 or below.

    >>> axis([0, 10], 0, 100).low, axis([5], 0, 100).high
    (-0.8, 5.2)
    """
    least, most = min(found), max(found)
    if least > 0:
        return scale(found, start, end)
    room = _ROOM * ((most - least) or 1.0)
    return Scale(least - room, most + room, start, end)


def across(of: Scale, unit: Unit, top: float, bottom: float) -> Iterator[Shape]:
    """Yield the upright lines of a scale, and what they stand for below them."""
    for tick in ticks(of, unit):
        yield Rule([(of(tick), bottom), (of(tick), top)], "grid")
        yield Words(of(tick), bottom + 14, written(tick, unit), "soft", "middle")


def upwards(of: Scale, unit: Unit, left: float, right: float) -> Iterator[Shape]:
    """Yield the level lines of a scale, and what they stand for to their left."""
    for tick in ticks(of, unit):
        yield Rule([(left, of(tick)), (right, of(tick))], "grid")
        yield Words(left - 8, of(tick), written(tick, unit), "soft", "end")


def logged(name: str, of: Scale) -> str:
    """Return the name of a scale, which says where it is logarithmic."""
    return f"{name} (logarithmic)" if of.log else name
