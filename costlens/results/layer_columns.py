"""The columns of time per layer; all formats render from here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.results.columns import Column

if TYPE_CHECKING:
    from costlens.results.layer_times import LayerTime, LayerTimes


def _kernels(line: LayerTime) -> str:
    """Name the operators that ran, each once: ``Conv, Max``, ``30 Conv, 2 Add``."""
    if line.inside:
        return f"in {line.inside}"
    ops = [kernel.op for kernel in line.kernels]
    return ", ".join(f"{ops.count(op)} {op}" if ops.count(op) > 1 else op for op in dict.fromkeys(ops))


def _of_bound(line: LayerTime) -> str:
    """Write a percentage; more than all of a bound is marked where noise does not explain it."""
    if line.of_bound is None:
        return ""
    return "> 100% ?" if line.beats_bound else f"{100 * min(1.0, line.of_bound):.0f}%"


def _percent(share: float | None) -> str:
    return "" if share is None else units.percent(share)


LAYER_COLUMNS = (
    Column("row", "layer", "", lambda r: r.row, numeric=False),
    Column("kind", "kind", "", lambda r: r.kind, numeric=False, priority=7),
    Column("microseconds", "µs", "µs", lambda r: microseconds(r.microseconds) if r.kernels else ""),
    Column("share", "time %", "%", lambda r: units.percent(r.share) if r.kernels else ""),
    Column("macs_share", "MACs %", "%", lambda r: _percent(r.macs_share)),
    Column("gmacs_per_s", "GMAC/s", "GMAC/s", lambda r: "" if r.gmacs_per_s is None else f"{r.gmacs_per_s:.1f}"),
    Column(
        "bytes_per_s",
        "GB/s",
        "10⁹ bytes/s",
        lambda r: "" if r.bytes_per_s is None else f"{r.bytes_per_s / 1e9:.1f}",
        priority=2,
    ),
    Column(
        "macs_per_byte",
        "MAC/byte",
        "MAC/byte",
        lambda r: "" if not r.macs_per_byte or not r.kernels else f"{r.macs_per_byte:.1f}",
        priority=4,
    ),
    Column("limited_by", "bound by", "", lambda r: r.bound_by, numeric=False, priority=1),
    Column("of_bound", "of bound", "%", _of_bound, priority=1),
    Column("kernels", "kernels", "", _kernels, numeric=False, priority=3),
    Column("fused", "fused in", "", lambda r: ", ".join(r.fused), numeric=False, priority=8),
)
"""``kernels`` names the row whose kernel does a fused row's work; ``fused in`` is shown where tables are wide."""


def shown(times: LayerTimes) -> tuple[LayerTime, ...]:
    """Return the lines of a table: the rows, then layout and other where they hold kernels."""
    return (*times.rows, *(line for line in (times.layout, times.other) if line.kernels))


def sums(times: LayerTimes) -> list[dict[str, str]]:
    """Return the lines below a table, by column name."""
    return [
        {"row": "the call itself", "microseconds": microseconds(times.calibration.call_us)},
        {"row": "Σ", "microseconds": microseconds(times.sum_us)},
        {"row": "measured without profiler", "microseconds": microseconds(times.unprofiled_us)},
    ]


def microseconds(value: float) -> str:
    """Write microseconds to a tenth, which is what a profile resolves.

    >>> microseconds(12.345), microseconds(12345.6)
    ('12.3', '12,346')
    """
    return f"{value:,.0f}" if value >= 999.95 else f"{value:.1f}"  # noqa: PLR2004
