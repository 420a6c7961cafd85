"""Time per layer: where time and MACs disagree, each row's time, and how reliable the figures are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.formats.pages.count import names
from costlens.results.charts import Network, Roofline
from costlens.results.columns import ONE_DECIMAL, PERCENT, Column, Unit
from costlens.results.page import Block, Chart, Fold, Heading, Items, Page, Say, Table

if TYPE_CHECKING:
    from costlens.results.bounds import Bounds
    from costlens.results.layer_times import LayerTime, LayerTimes

_MOST_NAMED = 3
_WORTH_NAMING = 0.02
"""Of the time or the MACs: smaller disagreements are not named."""
_BOUND = {"compute": "compute-bound", "memory": "memory-bound", "overhead": "mostly overhead"}


def microseconds(value: float) -> str:
    """Write microseconds to a tenth, which is what a profile resolves.

    >>> microseconds(12.345), microseconds(12345.6)
    ('12.3', '12,346')
    """
    return f"{value:,.0f}" if value >= 999.95 else f"{value:.1f}"  # noqa: PLR2004


def kernels(line: LayerTime) -> str:
    """Name the operators that ran, each once: ``Conv, Max``, ``30 Conv, 2 Add``."""
    if line.inside:
        return f"in {line.inside}"
    ops = [kernel.op for kernel in line.kernels]
    return ", ".join(f"{ops.count(op)} {op}" if ops.count(op) > 1 else op for op in dict.fromkeys(ops))


def _of_bound(line: LayerTime) -> float | str | None:
    """Return the share of a bound; more than all of it is marked where noise does not explain it."""
    return "> 100% ?" if line.beats_bound else line.of_bound and min(1.0, line.of_bound)


COLUMNS: tuple[Column[LayerTime], ...] = (
    Column("row", "layer"),
    Column("kind", "kind", priority=7),
    Column("microseconds", "µs", Unit(microseconds), lambda row: row.microseconds if row.kernels else None),
    Column("share", "time %", PERCENT, lambda row: row.share if row.kernels else None),
    Column("macs_share", "MACs %", PERCENT),
    Column("gmacs_per_s", "GMAC/s", ONE_DECIMAL),
    Column("bytes_per_s", "GB/s", ONE_DECIMAL, lambda row: row.bytes_per_s and row.bytes_per_s / 1e9, priority=2),
    Column("macs_per_byte", "MAC/byte", ONE_DECIMAL, lambda r: (r.macs_per_byte or None) if r.kernels else None, 4),
    Column("bound_by", "bound by", priority=1),
    Column("of_bound", "of bound", Unit("{:.0%}".format), _of_bound, priority=1),
    Column("kernels", "kernels", value=kernels, priority=3),
    Column("fused", "fused in", value=lambda row: ", ".join(row.fused), priority=8),
)
"""``kernels`` names the row whose kernel does a fused row's work; ``fused in`` is shown where tables are wide."""
CHOICES = COLUMNS
"""The columns that a reader can choose."""


def page(times: LayerTimes, bounds: Bounds | None = None) -> Page:
    """Return the page of one model's time per layer; ``bounds`` of the machine, where they were measured."""
    charts = [Chart("network", Network((), (times,))), Chart("roofline", Roofline((times,), bounds))]
    said, *others = disagreements(times) or [_longest(times)]
    answer = Say(said, tone="strong")
    return Page(
        title(times),
        [answer, Items(others), *charts, *_figures(times)],
        times,
        screen=[*_figures(times), Items(others), answer],
        summary=said,
    )


def of_report(times: LayerTimes) -> list[Block]:
    """Return a variant of a report: what is striking, then everything, folded."""
    called = names(times) or times.name
    fold = Fold(f"{called}: time of {len(times.rows)} rows", _figures(times))
    return [Heading(called, 3), Items(disagreements(times)), fold]


def _figures(times: LayerTimes) -> tuple[Block, ...]:
    """Return a line a row, and how far the figures can be believed."""
    rows = (*times.rows, *(line for line in (times.layout, times.other) if line.kernels))
    sums = {
        "the call itself": times.calibration.call_us,
        "Σ": times.sum_us,
        "measured without profiler": times.unprofiled_us,
    }
    lines = [{"row": name, "microseconds": microseconds(value)} for name, value in sums.items()]
    table = Table(COLUMNS, rows, title(times), lines, address=("time", times.name, times.variant), bars="share")
    return (table, Say(*believed(times)), Say(*measured(times), tone="dim"))


def title(times: LayerTimes) -> str:
    """Name what was profiled."""
    return " · ".join(filter(None, (times.title or times.name, names(times))))


def disagreements(times: LayerTimes) -> list[str]:
    """Name the rows whose shares of the time and of the MACs differ most, a sentence each, and the time of layout.

    Where the layers do not add up to the latency, that is said instead.
    """
    if not times.trustworthy:
        side = "above" if times.residual > 0 else "below"
        return [
            f"The times of layers are not trustworthy: their sum is {_percent(abs(times.residual))} {side} the latency "
            "without the profiler. Repeat the measurement while nothing else runs."
        ]
    gaps = [(row.share - (row.macs_share or 0.0), row) for row in times.rows if row.kernels and row.macs is not None]
    named = sorted((gap for gap in gaps if abs(gap[0]) >= _WORTH_NAMING), key=lambda gap: -abs(gap[0]))
    found = [_disagreement(row) for _, row in named[:_MOST_NAMED]]
    if times.layout.share >= _WORTH_NAMING:
        many = units.plural(len(times.layout.kernels), "kernel")
        found.append(f"{_percent(times.layout.share)} of the time moves data between layouts ({many} of no layer).")
    beaten = [row.row for row in times.rows if row.beats_bound]
    if beaten:
        found.append(
            f"Faster than the bounds of this machine allow: {', '.join(beaten)}. "
            "The bounds may be too low: costlens machine --measure."
        )
    return found


def _longest(times: LayerTimes) -> str:
    """Name the row that takes the most time; nothing where no row has a kernel."""
    rows = [row for row in times.rows if row.kernels]
    longest = max(rows, key=lambda row: row.share, default=None)
    return f"{longest.row} takes the most time: {_percent(longest.share)}." if longest else ""


def _disagreement(row: LayerTime) -> str:
    share = f"{_percent(row.macs_share or 0.0)} of the MACs" if row.macs else "none of the MACs"
    why = [_BOUND.get(row.bound_by, row.bound_by)]
    if row.macs_per_byte and row.gmacs_per_s:
        why.append(f"{row.macs_per_byte:.2g} MAC/byte, {row.gmacs_per_s:.3g} GMAC/s")
    reached = f"{100 * min(1.0, row.of_bound):.0f} % of its bound" if row.of_bound else ""
    reason = ", ".join(part for part in (" at ".join(filter(None, why)), reached) if part)
    return f"{row.row} is {share} and {_percent(row.share)} of the time{f': {reason}' if reason else ''}."


def believed(times: LayerTimes) -> list[str]:
    """Say how many kernels have a row, how far the sum is from the latency, and what the profiler costs."""
    by = times.calibration
    kernels = units.plural(times.kernels, "kernel")
    lost = ", ".join(dict.fromkeys(kernel.op for kernel in times.other.kernels))
    return [
        f"{_percent(times.coverage)} of {kernels} and {_percent(1 - times.other.share)} of their time belong to a row "
        f"or to layout{f'; unknown: {lost}' if lost else ''}.",
        f"Sum of all kernels and the call itself: {microseconds(times.sum_us)} µs; latency without the profiler: "
        f"{microseconds(times.unprofiled_us)} µs, so the sum is {_signed(times.residual)} off (kernels as profiled: "
        f"{_signed(times.raw_residual)}).",
        f"The profiler adds {by.inside_us:.2f} µs inside each kernel, which is subtracted, and {by.outside_us:.2f} µs "
        f"outside it. A call without kernels takes {by.call_us:.1f} µs.",
    ]


def measured(times: LayerTimes) -> list[str]:
    """Say on what and how it was measured, and how to get bounds where there are none."""
    runtime, machine = times.runtime, times.machine
    unbounded = not any(row.limited_by for row in times.rows) and any(row.macs_per_byte for row in times.rows)
    hint = "Run costlens machine once to see how close each layer is to what this machine can do."
    said = (
        f"{runtime.name} {runtime.version} on {runtime.device}, {machine.cpu}, "
        f"{units.plural(runtime.threads, 'thread')}, batch {times.batch}, optimisation {runtime.optimisation}; "
        f"{times.runs} profiled runs in {units.plural(times.processes, 'process', 'es')}."
    )
    return [*filter(None, (said, times.note)), *([hint] if unbounded else [])]


def _percent(share: float) -> str:
    """Write a share for a sentence.

    >>> _percent(0.186), _percent(0.0204), _percent(1.0), _percent(0.0003)
    ('19 %', '2 %', '100 %', '0.03 %')
    """
    return f"{100 * share:.0f} %" if share >= 0.00995 or share == 0 else f"{100 * share:.1g} %"  # noqa: PLR2004


def _signed(share: float) -> str:
    return f"{100 * share:+.1f} %".replace("-", "−")
