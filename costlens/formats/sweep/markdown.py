"""A sweep as Markdown: the table, its picture where there is one, what was not measured, and how it was made."""

from __future__ import annotations

from costlens.formats.escape import address
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import table as pipe_table
from costlens.formats.sweep import _table
from costlens.results.sweep import Sweep


def render(sweep: Sweep, *, picture: str = "") -> str:
    """Write a sweep; ``picture`` is the address of its plot."""
    table = _table.table(sweep)
    rows = [[text(cell) for cell in row] for row in table.rows]
    parts = [
        f"# {text(sweep.title or sweep.name)}: sweep",
        _bullets([_table.constant(sweep)]),
        pipe_table(table.headers, rows, table.numeric),
        f"![{text(_table.drawn(sweep))}]({address(picture)})" if picture and sweep.comparisons else "",
        _bullets([*_table.problems(sweep), *_table.doubts(sweep)]),
        _bullets([*_table.explained(sweep), *_table.notes(sweep)]),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _bullets(lines: list[str]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines if line)
