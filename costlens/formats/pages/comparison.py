"""Models beside each other: what each costs, its ratios to the first, and which are on the Pareto front."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import latency
from costlens.results.columns import BYTES, COUNT, INTERVAL_MS, MS, NAMES, TIMES, AtLeast, Column, Unit, times
from costlens.results.comparison import FIGURES, ComparedModel, Comparison
from costlens.results.page import Block, Fold, Items, Page, Records, Say, Table, by_text

_APART = "≈: a quotient of stored medians, without interval and verdict; --bench times models side by side."
_SHOWN_UNFOLDED = 7
_FRONT = {True: "yes", None: "?"}
_NAMES = {"params": "parameters", "macs": "MACs", "latency": "latency"}


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


def _figure(model: ComparedModel, name: str) -> Any:
    value = getattr(model.figures, name)
    return AtLeast(value) if value is not None and model.status[name] == "partial" else value


def _column(name: str, header: str, unit: Unit, priority: int = 0) -> Column[ComparisonLine]:
    return Column(name, header, unit, lambda line: _figure(line.model, name), priority)


def _ratio(name: str) -> Callable[[ComparisonLine], Any]:
    """Return a ratio to the first model, whose own is 1."""

    def ratio(line: ComparisonLine) -> Any:
        value = line.model.ratios.get(name)
        return "1" if line.first and value is not None else value

    return ratio


def _weights(line: ComparisonLine) -> Any:
    """Return what the weights take; of a file that was counted by itself, the size of the file."""
    return _figure(line.model, "file_bytes" if line.model.figures.weight_bytes is None else "weight_bytes")


def _time_ratio(line: ComparisonLine) -> Any:
    if line.first:
        return "1" if line.model.time else None
    ratio = line.model.time_ratio
    return f"≈ {times(ratio.ratio)}" if ratio and ratio.low is None else ratio and ratio.ratio


def _ratio_interval(line: ComparisonLine) -> str:
    ratio = line.model.time_ratio
    if ratio is None or ratio.low is None or ratio.high is None:
        return ""
    return f"[{times(ratio.low)[:-1]}, {times(ratio.high)[:-1]}]"


COLUMNS: tuple[Column[ComparisonLine], ...] = (
    Column("model", "model", NAMES, _name, most=28),
    _column("params", "params", COUNT, 3),
    _column("macs", "MACs", COUNT),
    Column("macs_ratio", "MACs ÷", TIMES, _ratio("macs"), priority=4),
    Column("weight_bytes", "weights", BYTES, _weights, priority=6),
    _column("peak_activation_bytes", "peak\nactivations", BYTES, 7),
    Column("median_ms", "median", MS, lambda line: line.model.time and line.model.time.median_ms, priority=1),
    Column("interval", "interval", INTERVAL_MS, lambda line: line.model.time and line.model.time.interval_ms, 5),
    Column("time_ratio", "time ÷", TIMES, _time_ratio, priority=1),
    Column("time_ratio_interval", "interval ÷", TIMES, _ratio_interval, priority=5),
    Column("verdict", "verdict", value=lambda line: latency.concluded(line.model.time_ratio), priority=1),
    Column("front", "Pareto", value=lambda line: _FRONT.get(line.model.front) if line.judged else "", priority=2),
    _column("trainable", "trainable", COUNT, 11),
    _column("kernels", "kernels", COUNT, 9),
    _column("deployed_params", "deployed", COUNT, 8),
    _column("flops", "FLOPs", COUNT, 12),
    _column("traffic_bytes", "traffic", BYTES, 12),
    _column("file_bytes", "file", BYTES, 12),
    Column("params_ratio", "params ÷", TIMES, _ratio("params"), priority=10),
    Column("weight_bytes_ratio", "weights ÷", TIMES, _ratio("weight_bytes"), priority=10),
    Column("peak_ratio", "peak\nactivations ÷", TIMES, _ratio("peak_activation_bytes"), priority=10),
)


def page(comparison: Comparison) -> Page:
    """Return the page of a comparison: a compact table, the front, and what must be known of them."""
    timing = comparison.timing
    noisy = timing is not None and timing.too_noisy
    lines = comparison_lines(comparison)
    blocks: list[Block] = [
        Table(COLUMNS, lines, title(comparison), keep=_SHOWN_UNFOLDED, rest="all totals, for one example"),
        Say(f"Ratios (÷) are to {comparison.first}.", *front(comparison)),
        Say(latency.resolution(timing) if timing else "", tone="alarm" if noisy else ""),
        Items(doubts(comparison), "warn"),
        Fold("what was not counted", (Items(uncounted(comparison), "warn"),)),
        Fold("notes", (Items(notes(comparison), "dim"),)),
        Fold("the machine", (Items(measured(comparison), "dim"),)),
    ]
    return Page(title(comparison), blocks, comparison, level=3, records=_records(comparison))


def title(comparison: Comparison) -> str:
    """Name the network where there is one, else say how many models there are."""
    models = comparison.models
    one = models[0]
    if one.variant and len({(model.name, tuple(model.knobs.items())) for model in models}) == 1:
        return one.title or one.name or one.label
    return units.plural(len(models), "model")


def front(comparison: Comparison) -> list[str]:
    """Say which models are on the Pareto front, of what, and of which that cannot be said."""
    if not comparison.front_of:
        return ["No Pareto front: no figure is complete."]
    axes = [_NAMES[axis] for axis in comparison.front_of]
    of = axes[0] if len(axes) == 1 else f"{', '.join(axes[:-1])} and {axes[-1]}"
    best = [model.label for model in comparison.models if model.front]
    open_ = " Where intervals leave open which of two is faster, neither rules the other out."
    said = [f"On the Pareto front of {of}: {', '.join(best)}.{open_ if 'latency' in comparison.front_of else ''}"]
    which = "one of these" if best else f"one of {of}"
    unsure = [model.label for model in comparison.models if model.front is None and not model.disagreement]
    disputed = [model.label for model in comparison.models if model.front is None and model.disagreement]
    return [
        *(said if best else []),
        *([f"Not placed, since {which} is not known or not complete: {', '.join(unsure)}."] if unsure else []),
        *([f"Not placed, since its verification failed: {label}." for label in disputed]),
    ]


def doubts(comparison: Comparison) -> list[str]:
    """Say what keeps models from being compared: failures, disagreements, open verdicts, ratios not measured."""
    lost = [f"{one.label}: failed: {one.reason}" for one in comparison.failed]
    disputed = [f"{model.label}: {model.disagreement}" for model in comparison.models if model.disagreement]
    timing = comparison.timing
    if timing is None:
        return [*lost, *disputed]
    models = comparison.models
    first = next(model for model in models if model.label == comparison.first)
    untimed = [f"{first.label} has no time, so times have no ratio to it."] if first.time is None else []
    ratios = [(model.label, model.time_ratio) for model in models if model.time_ratio]
    open_ = [f"{label}: inconclusive: {ratio.reason}." for label, ratio in ratios if ratio.verdict == "inconclusive"]
    apart = [_APART] if any(ratio.low is None for _, ratio in ratios) else []
    return [*lost, *latency.failures(timing), *disputed, *untimed, *open_, *apart]


def measured(comparison: Comparison) -> list[str]:
    """Say on what and how times were taken, and what must be known of them."""
    timing = comparison.timing
    if timing is None:
        return []
    if not timing.measured:
        return [f"{latency.conditions(timing)}; as stored in reports."]
    return [latency.measured(timing), *timing.note.splitlines()]


def notes(comparison: Comparison) -> list[str]:
    """Return what a reader must know of models."""
    return by_text((model.label, note) for model in comparison.models for note in model.notes)


def uncounted(comparison: Comparison) -> list[str]:
    """Return what was not counted."""
    return by_text((model.label, f"not counted: {what}") for model in comparison.models for what in model.uncounted)


_RECORDED = (
    "model", "origin", "operand", "name", "variant", "also", "knobs",
    *FIGURES,
    "at_least", "uncounted",
    *(f"{figure}_ratio" for figure in FIGURES),
    "median_ms", "low_ms", "high_ms", "measured", "time_ratio", "time_ratio_low", "time_ratio_high", "verdict",
    "pareto",
)  # fmt: skip


def _records(comparison: Comparison) -> Records:
    return Records(_RECORDED, map(_record, comparison.models))


def _record(model: ComparedModel) -> list[Any]:
    """Return one model; ``at_least`` names its figures that are lower bounds."""
    time, ratio = model.time, model.time_ratio
    return [
        *(model.label, model.origin, model.operand, model.name, model.variant, " ".join(model.also)),
        "; ".join(f"{name}={value}" for name, value in model.knobs.items()),
        *(getattr(model.figures, figure) for figure in FIGURES),
        " ".join(figure for figure in FIGURES if model.status[figure] == "partial"),
        "; ".join(model.uncounted),
        *(model.ratios.get(figure) for figure in FIGURES),
        *((time.median_ms, *time.interval_ms, "now" if time.measured else "stored") if time else (None,) * 4),
        *((ratio.ratio, ratio.low, ratio.high, latency.concluded(ratio)) if ratio else (None,) * 4),
        {True: "yes", False: "no", None: None}[model.front],
    ]
