"""Models beside each other: what each costs, its ratios to the first, and which are on the Pareto front."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import answers, latency
from costlens.results.charts import Bars, Saving, Savings, Scatter
from costlens.results.columns import BYTES, COUNT, INTERVAL_MS, MS, NAMES, TIMES, AtLeast, Column, Unit, times
from costlens.results.comparison import FIGURES, ComparedModel, Comparison
from costlens.results.page import Block, Chart, Fold, Items, Page, Records, Say, Table, by_text

_APART = "≈: a quotient of stored medians, without interval and verdict; --bench times models side by side."
_SHOWN_UNFOLDED = 7
_DRAWN = ("model", "params", "macs", "weight_bytes", "peak_activation_bytes", "median_ms", "interval", "verdict")
_NAMES = {"params": "parameters", "deployed_params": "deployed parameters", "macs": "MACs", "latency": "latency"}


def _name(model: ComparedModel) -> str:
    """Name a model, and the variants that are the same where its label is a variant's."""
    by_variant = model.label == model.variant or f":{model.variant}" in model.label
    return " = ".join((model.label, *(model.also if by_variant else ())))


def _figure(model: ComparedModel, name: str) -> Any:
    return AtLeast.of(getattr(model.figures, name), model.status.get(name))


def _column(name: str, header: str, unit: Unit, priority: int = 0) -> Column[ComparedModel]:
    return Column(name, header, unit, lambda model: _figure(model, name), priority)


def _weights(model: ComparedModel) -> Any:
    """Return what the weights take; of a file that was counted by itself, the size of the file."""
    return _figure(model, "file_bytes" if model.figures.weight_bytes is None else "weight_bytes")


def _columns(first: str, front_of: Sequence[str]) -> tuple[Column[ComparedModel], ...]:
    """Return the columns of all figures; the ratios of the first model are 1."""
    front = {True: "yes", None: "?"} if front_of else {}
    deployed = "deployed_params" in front_of

    def ratio(figure: str, header: str, priority: int) -> Column[ComparedModel]:
        def value(model: ComparedModel) -> Any:
            found = model.ratios.get(figure)
            return "1" if model.label == first and found is not None else found

        return Column(f"{figure}_ratio", header, TIMES, value, priority)

    def time_ratio(model: ComparedModel) -> Any:
        if model.label == first:
            return model.time and "1"
        ratio = model.time_ratio
        return f"≈ {times(ratio.ratio)}" if ratio and ratio.low is None else ratio and ratio.ratio

    return (
        Column("model", "model", NAMES, _name, most=28),
        _column("params", "params", COUNT, 8 if deployed else 3),
        _column("macs", "MACs", COUNT),
        ratio("macs", "MACs ÷", 4),
        Column("weight_bytes", "weights", BYTES, _weights, priority=6),
        _column("peak_activation_bytes", "peak\nactivations", BYTES, 7),
        Column("median_ms", "median", MS, "time.median_ms", priority=1),
        Column("interval", "interval", INTERVAL_MS, "time.interval_ms", 5),
        Column("time_ratio", "time ÷", TIMES, time_ratio, priority=1),
        Column("time_ratio_interval", "interval ÷", TIMES, lambda model: latency.interval(model.time_ratio), 5),
        Column("verdict", "verdict", value=lambda model: latency.concluded(model.time_ratio), priority=1),
        Column("front", "Pareto", value=lambda model: front.get(model.front), priority=2),
        _column("trainable", "trainable", COUNT, 11),
        _column("kernels", "kernels", COUNT, 9),
        _column("deployed_params", "deployed", COUNT, 2 if deployed else 8),
        _column("flops", "FLOPs", COUNT, 12),
        _column("traffic_bytes", "traffic", BYTES, 12),
        _column("file_bytes", "file", BYTES, 12),
        _column("weight_bytes_int8", "weights\nint8", BYTES, 13),
        _column("peak_activation_bytes_int8", "peak int8", BYTES, 13),
        _column("arena_bytes", "arena", BYTES, 12),
        _column("arena_bytes_int8", "arena\nint8", BYTES, 13),
        _column("flash_bytes", "flash", BYTES, 13),
        ratio("params", "params ÷", 10),
        ratio("weight_bytes", "weights ÷", 10),
        ratio("peak_activation_bytes", "peak\nactivations ÷", 10),
    )


def _notes(comparison: Comparison) -> list[str]:
    """Return what is noted of models, once: after the names of those it holds for, alone where it holds for all."""
    models = comparison.models
    shared = [note for note in models[0].notes if len(models) > 1 and all(note in each.notes for each in models)]
    return [*shared, *by_text((each.label, note) for each in models for note in each.notes if note not in shared)]


CHOICES = _columns("", ())
"""The columns that a reader can choose."""


def page(comparison: Comparison) -> Page:
    """Return the page of a comparison: a compact table, the front, and what must be known of them."""
    timing = comparison.timing
    named, said = title(comparison), answer(comparison)
    notes = _notes(comparison)
    lacks = by_text((model.label, f"not counted: {what}") for model in comparison.models for what in model.uncounted)
    blocks: list[Block] = [
        Table(
            _columns(comparison.first, comparison.front_of),
            comparison.models,
            named,
            keep=_SHOWN_UNFOLDED,
            rest="all totals, for one example",
        ),
        Say(f"Ratios (÷) are to {comparison.first}.", *front(comparison)),
        *charts(comparison),
        Say(latency.resolution(timing) if timing else "", tone="alarm" if timing and timing.too_noisy else ""),
        Items(doubts(comparison), "warn"),
        Fold("what was not counted", (Items(lacks, "warn"),)),
        Fold("notes", (Items(notes, "dim"),)),
        Fold("the machine", (Items(measured(comparison), "dim"),)),
        Say(said, tone="strong"),
    ]
    records = Records(_RECORDED, [*map(_record, comparison.models)])
    return Page(named, blocks, comparison, level=3, records=records, summary=said)


def answer(comparison: Comparison) -> str:
    """Say in one sentence what sets the models apart; nothing where that is not known."""
    timing = comparison.timing
    if timing and timing.too_noisy:
        return "No answer: the machine is too noisy."
    others = [model for model in comparison.models if model.label != comparison.first]
    beside = [
        answers.Beside(model.label, model.ratios.get("macs"), model.time_ratio, model.ratios.get("params"))
        for model in others
    ]
    return answers.sentence(comparison.first, beside)


def charts(comparison: Comparison) -> list[Block]:
    """Return the charts of a comparison: its figures as bars, and MACs saved against time saved."""
    table = Table(
        [column for column in _columns(comparison.first, comparison.front_of) if column.name in _DRAWN],
        comparison.models,
    )
    found = [
        Saving(model.label, place, macs, ratio.ratio, ratio.low, ratio.high, latency.concluded(ratio))
        for place, model in enumerate(comparison.models)
        if (macs := model.ratios.get("macs")) and (ratio := model.time_ratio)
    ]
    figures = tuple(column.name for column in table.columns if column.unit.numeric and column.name != "interval")
    bars = Bars(table, figures, {"median_ms": "interval"}, "verdict")
    return [Chart("bars", bars), Chart("savings", Savings(comparison.first, tuple(found)))]


AXES = {**{figure: figure for figure in FIGURES}, "latency": "median_ms"}
"""The figures of a scatter by the words that name them, and the columns that hold them."""


def known(comparison: Comparison, axis: str) -> list[bool]:
    """Say of each model whether a figure of it is known."""
    column = next(column for column in CHOICES if column.name == AXES[axis])
    return [column.raw(model) is not None for model in comparison.models]


def called(axis: str) -> str:
    """Return what a figure of a scatter is called."""
    (header,) = (column.header for column in CHOICES if column.name == AXES[axis])
    return "median time" if axis == "latency" else " ".join(header.split())


def scatter(comparison: Comparison, x: str, y: str, front: Sequence[bool | None]) -> Chart:
    """Return the models as dots by two figures; those of one network have one colour, where there are several."""
    networks = [*dict.fromkeys(model.name for model in comparison.models)]
    groups = [networks.index(model.name) if len(networks) > 1 else place
              for place, model in enumerate(comparison.models)]  # fmt: skip
    columns = _columns(comparison.first, comparison.front_of)
    columns = tuple(
        replace(each, header=called("latency")) if each.name == AXES["latency"] else each for each in columns
    )
    table = Table(columns, comparison.models)
    return Chart("scatter", Scatter(table, AXES[x], AXES[y], {"median_ms": "interval"}, tuple(groups), tuple(front)))


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
    *others, last = (_NAMES[axis] for axis in comparison.front_of)
    of = f"{', '.join(others)} and {last}" if others else last
    best = [model.label for model in comparison.models if model.front]
    unplaced = [model for model in comparison.models if model.front is None]
    unsure = [model.label for model in unplaced if not model.disagreement]
    said = [f"On the Pareto front of {of}: {', '.join(best)}."] if best else []
    if best and "latency" in comparison.front_of:
        said[0] += " Where intervals leave open which of two is faster, neither rules the other out."
    if unsure:
        which = "one of these" if best else f"one of {of}"
        said.append(f"Not placed, since {which} is not known or not complete: {', '.join(unsure)}.")
    disputed = [model.label for model in unplaced if model.disagreement]
    return said + [f"Not placed, since its verification failed: {label}." for label in disputed]


def doubts(comparison: Comparison) -> list[str]:
    """Say what keeps models from being compared: failures, disagreements, open verdicts, ratios not measured."""
    models, timing = comparison.models, comparison.timing
    lost = latency.failures([*comparison.failed, *(timing.failed if timing else ())])
    disputed = [f"{model.label}: {model.disagreement}" for model in models if model.disagreement]
    if timing is None:
        return [*lost, *disputed]
    first = next(model for model in models if model.label == comparison.first)
    untimed = [] if first.time else [f"{first.label} has no time, so times have no ratio to it."]
    ratios = [(model.label, model.time_ratio) for model in models if model.time_ratio]
    open_ = [f"{label}: inconclusive: {ratio.reason}." for label, ratio in ratios if ratio.verdict == "inconclusive"]
    apart = [_APART] if any(ratio.low is None for _, ratio in ratios) else []
    return [*lost, *disputed, *untimed, *open_, *apart]


def measured(comparison: Comparison) -> list[str]:
    """Say on what and how times were taken, and what must be known of them."""
    timing = comparison.timing
    if timing is None:
        return []
    if not timing.measured:
        return [f"{latency.conditions(timing)}; as stored in reports."]
    return [latency.measured(timing), *timing.note.splitlines()]


_RECORDED = (
    "model", "origin", "operand", "name", "variant", "also", "knobs",
    *FIGURES,
    "at_least", "uncounted",
    *(f"{figure}_ratio" for figure in FIGURES),
    "median_ms", "low_ms", "high_ms", "measured", "time_ratio", "time_ratio_low", "time_ratio_high", "verdict",
    "pareto",
)  # fmt: skip


def _record(model: ComparedModel) -> list[Any]:
    """Return one model; ``at_least`` names its figures that are lower bounds."""
    time, ratio = model.time, model.time_ratio
    return [
        *(model.label, model.origin, model.operand, model.name, model.variant, " ".join(model.also)),
        "; ".join(f"{name}={value}" for name, value in model.knobs.items()),
        *(getattr(model.figures, figure) for figure in FIGURES),
        " ".join(figure for figure in FIGURES if model.status.get(figure) == "partial"),
        "; ".join(model.uncounted),
        *(model.ratios.get(figure) for figure in FIGURES),
        *((time.median_ms, *time.interval_ms, "now" if time.measured else "stored") if time else (None,) * 4),
        *((ratio.ratio, ratio.low, ratio.high, latency.concluded(ratio)) if ratio else (None,) * 4),
        {True: "yes", False: "no", None: None}[model.front],
    ]
