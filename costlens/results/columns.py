"""COLUMNS: name, header, unit and text of every figure, once; all formats render from here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from costlens.arithmetic import units
from costlens.arithmetic.shapes import times
from costlens.results.counts import CountRow, ModelCount
from costlens.results.verdict import conclusion

if TYPE_CHECKING:
    from costlens.results.latency import Latency, LatencyRatio, LatencyReport


@dataclass(frozen=True, slots=True)
class Column:
    """One figure: its field's name, header, unit, alignment, its text, and how soon a narrow table drops it."""

    name: str
    header: str
    unit: str
    text: Callable[[Any], str]
    numeric: bool = True
    priority: int = 0
    """0 is always shown; a higher one goes first where the table is too wide."""
    most: int | None = None
    """So many characters wide at most; a longer text is wrapped."""


def _kernel(row: CountRow) -> str:
    if row.kernel is None:
        return ""
    stride = row.stride or ()
    step = "" if set(stride) <= {1} else f"/{times(stride) if len(set(stride)) > 1 else stride[0]}"
    return times(row.kernel) + step


def _optional_ratio(value: float | None) -> str:
    return "" if value is None else units.ratio(value)


def _bound(model: ModelCount, figure: str, text: Callable[[Any], str] = units.count) -> str:
    """Write a total; a partial one as ``≥``."""
    status = model.status[figure]
    value = text(getattr(model.totals, figure))
    return {"complete": value, "partial": f"≥ {value}", "unavailable": "unavailable"}[status]


ROW_COLUMNS = (
    Column("name", "layer", "", lambda r: r.name, numeric=False),
    Column("kind", "kind", "", lambda r: r.kind, numeric=False, priority=6),
    Column("kernel", "kernel", "", _kernel, numeric=False, priority=1),
    Column("groups", "groups", "", lambda r: "" if r.groups in (None, 1) else units.count(r.groups), priority=12),
    Column("input", "input", "", lambda r: " + ".join(map(times, r.inputs)), numeric=False, priority=9),
    Column("output", "output", "", lambda r: times(r.output), numeric=False),
    Column("params", "params", "", lambda r: units.count(r.params)),
    Column("trainable", "trainable", "", lambda r: units.count(r.trainable), priority=13),
    Column("non_trainable", "non-trainable", "", lambda r: units.count(r.non_trainable), priority=14),
    Column("deployed_params", "deployed", "", lambda r: units.count(r.deployed_params), priority=10),
    Column("macs", "MACs", "", lambda r: units.count(r.macs)),
    Column("macs_share", "MACs %", "%", lambda r: units.percent(r.macs_share), priority=2),
    Column("flops", "FLOPs", "", lambda r: units.count(r.flops), priority=8),
    Column("params_share", "params %", "%", lambda r: units.percent(r.params_share), priority=5),
    Column("weight_bytes", "weights", "bytes", lambda r: units.bytes_(r.weight_bytes), priority=11),
    Column("traffic_bytes", "traffic", "bytes", lambda r: units.bytes_(r.traffic_bytes), priority=7),
    Column("intensity", "FLOP/byte", "FLOP/byte", lambda r: f"{r.intensity:.2f}", priority=7),
    Column("live_bytes", "live", "bytes", lambda r: units.bytes_(r.live_bytes), priority=8),
    Column("formula", "kernels, × positions", "", lambda r: r.formula, numeric=False, priority=4),
)

_NEAR = (0.5, 2.0)
NETWORK_COLUMN = Column("name", "network", "", lambda m: m.name, numeric=False)
"""Stands before those of the models where they are of several networks."""
MODEL_COLUMNS = (
    Column("variant", "variant", "", lambda m: " = ".join((m.variant, *m.also)), numeric=False),
    Column("params", "params", "", lambda m: _bound(m, "params")),
    Column("trainable", "trainable", "", lambda m: _bound(m, "trainable"), priority=6),
    Column("kernels", "kernels", "", lambda m: _bound(m, "kernels"), priority=4),
    Column("deployed_params", "deployed", "", lambda m: _bound(m, "deployed_params"), priority=7),
    Column("macs", "MACs", "", lambda m: _bound(m, "macs")),
    Column("macs_to_standard", "÷ standard", "ratio", lambda m: _optional_ratio(m.macs_to_standard)),
    Column(
        "macs_to_standard_theory",
        "by theory",
        "ratio",
        lambda m: _optional_ratio(m.macs_to_standard_theory),
        priority=1,
    ),
    Column("flops", "FLOPs", "", lambda m: _bound(m, "flops"), priority=8),
    Column("weight_bytes", "weights", "bytes", lambda m: _bound(m, "weight_bytes", units.bytes_), priority=2),
    Column("traffic_bytes", "traffic", "bytes", lambda m: _bound(m, "traffic_bytes", units.bytes_), priority=9),
    Column(
        "peak_activation_bytes",
        "peak act.",
        "bytes",
        lambda m: _bound(m, "peak_activation_bytes", units.bytes_),
        priority=3,
    ),
    Column("intensity", "FLOP/byte", "FLOP/byte", lambda m: _bound(m, "intensity", lambda v: f"{v:.2f}"), priority=10),
)


@dataclass(frozen=True, slots=True)
class LatencyLine:
    """A model's latency with its ratio to the baseline; None for the baseline itself."""

    latency: Latency
    ratio: LatencyRatio | None


def latency_lines(report: LatencyReport) -> list[LatencyLine]:
    """Return the lines of the table of latencies."""
    ratios = {ratio.label: ratio for ratio in report.ratios}
    return [LatencyLine(model, ratios.get(model.label)) for model in report.models]


def _time(ratio: float) -> str:
    """Write a ratio of times: near 1 with three decimals, where they decide."""
    return f"{ratio:.3f}" if _NEAR[0] < ratio < _NEAR[1] else f"{ratio:.3g}"


def _time_ratio(line: LatencyLine) -> str:
    ratio = line.ratio
    return "baseline" if ratio is None else f"{_time(ratio.ratio)} [{_time(ratio.low)}, {_time(ratio.high)}]"


def _macs_ratio(line: LatencyLine) -> str:
    if line.ratio is None:
        return "1"
    return "" if line.ratio.macs_ratio is None else f"{line.ratio.macs_ratio:.3g}"


def _verdict(line: LatencyLine) -> str:
    return "" if line.ratio is None else conclusion(line.ratio.verdict, line.ratio.confidence)


def _optional_ms(value: float | None) -> str:
    return "" if value is None else units.milliseconds(value)


def _size(value: int | None) -> str:
    return "" if value is None else units.bytes_(value)


LATENCY_COLUMNS = (
    Column("label", "model", "", lambda c: c.latency.label, numeric=False),
    Column("median_ms", "median", "ms", lambda c: units.milliseconds(c.latency.median_ms)),
    Column("interval", "interval", "ms", lambda c: units.interval_ms(*c.latency.median_interval_ms), priority=3),
    Column("p90_ms", "p90", "ms", lambda c: units.milliseconds(c.latency.p90_ms), priority=4),
    Column("p99_ms", "p99", "ms", lambda c: units.milliseconds(c.latency.p99_ms), priority=4),
    Column("ratio", "time ÷ baseline", "ratio", _time_ratio),
    Column("macs_ratio", "MACs ÷", "ratio", _macs_ratio),
    Column("verdict", "verdict", "", _verdict, numeric=False, priority=1),
    Column(
        "gmacs_per_s",
        "GMAC/s",
        "GMAC/s",
        lambda c: "" if c.latency.gmacs_per_s is None else f"{c.latency.gmacs_per_s:.1f}",
        priority=2,
    ),
    Column("throughput", "examples/s", "1/s", lambda c: f"{c.latency.throughput_per_s:,.0f}", priority=3),
    Column("cold_start_ms", "cold start", "ms", lambda c: units.milliseconds(c.latency.cold_start_ms), priority=5),
    Column("first_call_ms", "first call", "ms", lambda c: units.milliseconds(c.latency.first_call_ms), priority=7),
    Column("after_idle_ms", "after idle", "ms", lambda c: units.milliseconds(c.latency.after_idle_ms), priority=8),
    Column("copy_in_ms", "copy in", "ms", lambda c: _optional_ms(c.latency.copy_in_ms), priority=4),
    Column("copy_out_ms", "copy out", "ms", lambda c: _optional_ms(c.latency.copy_out_ms), priority=4),
    Column("peak_memory", "peak memory", "bytes", lambda c: _size(c.latency.peak_memory_bytes), priority=6),
    Column("run_memory", "run memory", "bytes", lambda c: _size(c.latency.run_memory_bytes), priority=9),
    Column("arena", "arena", "bytes", lambda c: _size(c.latency.arena_bytes), priority=9),
    Column("peak_activations", "peak act.", "bytes", lambda c: _size(c.latency.peak_activation_bytes), priority=9),
    Column(
        "arena_to_bound", "arena ÷ peak act.", "ratio", lambda c: _optional_ratio(c.latency.arena_to_bound), priority=9
    ),
)
