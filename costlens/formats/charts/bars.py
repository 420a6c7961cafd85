"""Figures of a few models as bars, a panel a figure: the answer at a glance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from costlens.formats.charts import Panel
from costlens.formats.charts._shapes import Boxes, Drawing, Rule, Scale, Shape, Words, series
from costlens.results.charts import Bars
from costlens.results.columns import AtLeast, Column
from costlens.results.page import Line, Table, said

title = "Side by side"
beside = True
_WIDTH, _ROW, _BAR = 300, 38, 10
_MOST = 40
"""Of more rows the table is enough."""


def says(data: Bars) -> Sequence[Line]:
    """Return nothing: the page's sentences say it."""
    return ()


def table(data: Bars) -> Table:
    """Return the table that the bars are of."""
    return data.table


def panels(data: Bars) -> Sequence[Panel]:
    """Return a panel for each figure that two rows have."""
    columns = {column.name: column for column in data.table.columns}
    found = []
    for name in data.figures:
        values = [_number(columns[name].raw(row)) for row in data.table.rows]
        known = [value for value in values if value is not None]
        if len(known) > 1 and len(values) <= _MOST and max(known) > 0:
            header = " ".join(columns[name].header.split())
            found.append(Panel(header, partial(_drawing, data, columns, name, values)))
    return found


def _drawing(data: Bars, columns: Mapping[str, Column[Any]], name: str, values: Sequence[float | None]) -> Drawing:
    ends = columns.get(data.intervals.get(name, ""))
    intervals = [ends.raw(row) if ends else None for row in data.table.rows]
    remark = columns.get(data.remark) if ends else None
    known = [*values, *(high for _, high in filter(None, intervals))]
    scale = Scale(0, max(value for value in known if value is not None), 0, _WIDTH)
    shapes: list[Shape] = []
    for place, (row, value, interval) in enumerate(zip(data.table.rows, values, intervals, strict=True)):
        parts = (columns[name].cell(row), remark.cell(row) if remark else "")
        words = " · ".join(filter(None, map(said, parts)))
        shapes += [
            Words(0, _ROW * place + 10, said(data.table.columns[0].cell(row))),
            Words(_WIDTH, _ROW * place + 10, words or "not known", "bold" if words else "soft", "end"),
            *_bar(scale, _ROW * place + 19, value, interval, series(place)),
        ]
    return Drawing(_WIDTH, _ROW * len(values), shapes)


def _bar(scale: Scale, top: float, value: float | None, interval: Any, style: str) -> Iterator[Shape]:
    """Yield a bar, and its interval over its end."""
    yield Boxes([(0, top, scale.end, _BAR)], "track")
    if value:
        yield Boxes([(0, top, max(1.0, scale(value)), _BAR)], style)
    if interval:
        low, high = map(scale, interval)
        yield Rule([(low, top + _BAR / 2), (high, top + _BAR / 2)], width=1.5)
        yield from (Rule([(end, top), (end, top + _BAR)], width=1.5) for end in (low, high))


def _number(raw: Any) -> float | None:
    value = raw.value if isinstance(raw, AtLeast) else raw
    return value if isinstance(value, int | float) and value is not False else None
