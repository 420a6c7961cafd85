"""What a machine is and can do, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table

from costlens.formats._phrase import phrase
from costlens.formats.bounds import sentences

if TYPE_CHECKING:
    from costlens.results.bounds import MachineBounds


def machine(bounds: MachineBounds, width: int) -> Group:
    """Render one machine: what it is, each operation's best, and the bounds that follow."""
    parts: list[RenderableType] = [_facts(bounds, width), _rates(bounds), _bounds(bounds)]
    parts += [phrase(line, style="dim") for line in sentences.missing(bounds)]
    parts += [phrase(line, style="yellow") for line in sentences.doubts(bounds)]
    return Group(*parts)


def _facts(bounds: MachineBounds, width: int) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.width = width
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    for name, said in sentences.facts(bounds):
        grid.add_row(name, phrase(said))
    return grid


def _rates(bounds: MachineBounds) -> Table:
    headers = ("operation", "in", "threads", "best", "unit", "median ÷ best", "size")
    rows = [
        (r.operation, r.precision, str(r.threads), f"{r.value:,.2f}", _unit(r.unit), f"{r.spread:.2f}", r.size)
        for r in bounds.rates
    ]
    return _table("Measured through the runtime", headers, {2, 3, 5}, rows)


def _bounds(bounds: MachineBounds) -> Table:
    headers = ("threads", "precision", "peak GMAC/s", "memory GB/s", "cache GB/s", "ridge MAC/byte", "µs a kernel")
    rows = [
        (
            str(b.threads),
            b.precision,
            f"{b.peak_gmacs_per_s:,.1f}",
            f"{b.bandwidth_bytes_per_s / 1e9:,.1f}",
            f"{b.cache_bandwidth_bytes_per_s / 1e9:,.1f}" if b.cache_bandwidth_bytes_per_s else "",
            f"{b.ridge_macs_per_byte:,.2f}",
            f"{b.overhead_us:.2f}" if b.overhead_us else "",
        )
        for b in bounds.bounds
    ]
    return _table("Bounds", headers, {0, 2, 3, 4, 5, 6}, rows)


def _unit(unit: str) -> str:
    return "µs a kernel" if unit == "us" else unit


def _table(title: str, headers: tuple[str, ...], right: set[int], rows: Sequence[tuple[str, ...]]) -> Table:
    made: dict[str, Any] = {"title": phrase(title), "title_justify": "left", "title_style": "bold", "pad_edge": False}
    table = Table(box=box.SIMPLE_HEAD, **made)
    for index, header in enumerate(headers):
        table.add_column(header, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(phrase, row))
    return table
