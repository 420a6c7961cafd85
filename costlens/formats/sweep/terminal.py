"""A sweep on the terminal: a line a condition and variant, then what was not measured, and why."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from costlens.formats._phrase import phrase
from costlens.formats.sweep import _table
from costlens.results.sweep import Sweep

_DROPPED_FIRST = (_table.MEMORY, _table.INTERVAL, _table.EXAMPLES, _table.VERDICT, _table.TO_FIRST)
_GAP = 2  # a space, and the box's own


def render(sweep: Sweep, width: int) -> Group:
    """Render a sweep as wide as the terminal."""
    table = _table.table(sweep)
    kept = _fitting(table, width)
    grid = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for index in kept:
        side = "right" if table.numeric[index] else "left"
        grid.add_column(table.headers[index], justify=side, overflow="fold", no_wrap=table.numeric[index])  # type: ignore[arg-type]
    for row in table.rows:
        grid.add_row(*(phrase(row[index]) for index in kept))
    hidden = [header for index, header in enumerate(table.headers) if index not in kept]
    more = [f"on a wider terminal, or with --format markdown: {', '.join(hidden)}"] if hidden else []
    parts: list[RenderableType] = [phrase(f"{sweep.title or sweep.name} · sweep", style="bold"), grid]
    parts += [phrase(line, style="yellow") for line in (*_table.problems(sweep), *_table.doubts(sweep))]
    said = [_table.constant(sweep), *_table.explained(sweep), *_table.notes(sweep), *more]
    return Group(*parts, *(phrase(line, style="dim") for line in said if line))


def _fitting(table: _table.SweepTable, width: int) -> list[int]:
    """Return the places of the columns that fit, dropping the least needed first."""
    widths = [max(map(len, column)) + _GAP for column in zip(table.headers, *table.rows, strict=True)]
    kept = list(range(len(widths)))
    for name in _DROPPED_FIRST:
        if sum(widths[index] for index in kept) <= width:
            break
        kept = [index for index in kept if table.headers[index] != name]
    return kept
