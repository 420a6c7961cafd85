"""The columns of a comparison's table: one line a model, ratios to the first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from costlens.arithmetic import units
from costlens.results.columns import Column
from costlens.results.comparison import ComparedModel, Comparison
from costlens.results.verdict import conclusion

_SMALL, _NEAR = 0.1, (0.5, 2.0)
_APART = "≈ "
"""Stands before a ratio that was not measured side by side."""


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """A model, whether ratios are to it, and whether there is a Pareto front at all."""

    model: ComparedModel
    first: bool
    judged: bool


def comparison_lines(comparison: Comparison) -> list[ComparisonLine]:
    """Return the lines of the table of a comparison."""
    judged = bool(comparison.front_of)
    return [ComparisonLine(model, model.label == comparison.first, judged) for model in comparison.models]


def _name(line: ComparisonLine) -> str:
    """Name a model, and the variants that are the same where its label is a variant's."""
    model = line.model
    by_variant = model.label == model.variant or f":{model.variant}" in model.label
    return " = ".join((model.label, *(model.also if by_variant else ())))


def _figure(name: str, text: Callable[[int], str] = units.count) -> Callable[[ComparisonLine], str]:
    def written(line: ComparisonLine) -> str:
        value = getattr(line.model.figures, name)
        bound = "≥ " if line.model.status[name] == "partial" else ""
        return "" if value is None else f"{bound}{text(value)}"

    return written


def _size(line: ComparisonLine) -> str:
    """Write what the weights take; of a file that was counted by itself, the size of the file."""
    name = "file_bytes" if line.model.figures.weight_bytes is None else "weight_bytes"
    return _figure(name, units.bytes_)(line)


def _ratio(name: str) -> Callable[[ComparisonLine], str]:
    def written(line: ComparisonLine) -> str:
        value = line.model.ratios.get(name)
        return "" if value is None else "1" if line.first else times(value)

    return written


def times(value: float) -> str:
    """Write a ratio with three digits; near 1 with three decimals, where they decide.

    >>> times(0.0011685), times(0.11685), times(1.0123), times(22.78)
    ('0.00117×', '0.117×', '1.012×', '22.8×')
    """
    if value < _SMALL:
        return f"{value:.3g}×"
    return f"{value:.3f}×" if _NEAR[0] < value < _NEAR[1] else units.ratio(value)


def _median(line: ComparisonLine) -> str:
    return units.milliseconds(line.model.time.median_ms) if line.model.time else ""


def _interval(line: ComparisonLine) -> str:
    return units.interval_ms(*line.model.time.interval_ms) if line.model.time else ""


def _time_ratio(line: ComparisonLine) -> str:
    if line.first:
        return "1" if line.model.time else ""
    ratio = line.model.time_ratio
    return "" if ratio is None else f"{_APART if ratio.low is None else ''}{times(ratio.ratio)}"


def _ratio_interval(line: ComparisonLine) -> str:
    ratio = line.model.time_ratio
    if ratio is None or ratio.low is None or ratio.high is None:
        return ""
    return f"[{times(ratio.low)[:-1]}, {times(ratio.high)[:-1]}]"


def _verdict(line: ComparisonLine) -> str:
    ratio = line.model.time_ratio
    return "" if ratio is None else conclusion(ratio.verdict, ratio.confidence)


def _front(line: ComparisonLine) -> str:
    if not line.judged:
        return ""
    return {True: "yes", False: "", None: "?"}[line.model.front]


COMPARISON_COLUMNS = (
    Column("variant", "model", "", _name, numeric=False, most=28),
    Column("params", "params", "", _figure("params"), priority=3),
    Column("macs", "MACs", "", _figure("macs")),
    Column("macs_ratio", "MACs ÷", "ratio", _ratio("macs"), priority=4),
    Column("size", "size", "bytes", _size, priority=6),
    Column("peak_activation_bytes", "peak act.", "bytes", _figure("peak_activation_bytes", units.bytes_), priority=7),
    Column("median_ms", "median", "ms", _median, priority=1),
    Column("interval", "interval", "ms", _interval, priority=5),
    Column("time_ratio", "time ÷", "ratio", _time_ratio, priority=1),
    Column("time_ratio_interval", "interval ÷", "ratio", _ratio_interval, priority=5),
    Column("verdict", "verdict", "", _verdict, numeric=False, priority=1),
    Column("front", "Pareto", "", _front, numeric=False, priority=2),
    Column("trainable", "trainable", "", _figure("trainable"), priority=11),
    Column("kernels", "kernels", "", _figure("kernels"), priority=9),
    Column("deployed_params", "deployed", "", _figure("deployed_params"), priority=8),
    Column("flops", "FLOPs", "", _figure("flops"), priority=12),
    Column("traffic_bytes", "traffic", "bytes", _figure("traffic_bytes", units.bytes_), priority=12),
    Column("file_bytes", "file", "bytes", _figure("file_bytes", units.bytes_), priority=12),
    Column("params_ratio", "params ÷", "ratio", _ratio("params"), priority=10),
    Column("weight_bytes_ratio", "size ÷", "ratio", _ratio("weight_bytes"), priority=10),
    Column("peak_ratio", "peak act. ÷", "ratio", _ratio("peak_activation_bytes"), priority=10),
)
