"""Advice: which layers get which kind, what that costs beside the budgets, or what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from operator import attrgetter, methodcaller
from typing import Any

from costlens.arithmetic import units
from costlens.results.advice import (
    OFF,
    ROOM,
    UNTRAINED,
    Advice,
    AdvisedLayer,
    AdvisedLimit,
    CurvePoint,
    Form,
    PlannedTime,
    Proof,
    in_unit,
    params_each,
)
from costlens.results.columns import BYTES, COUNT, INTERVAL_MS, MS, PERCENT, TIMES, WORD, Column, Unit
from costlens.results.counts import AS_WRITTEN, FIGURES, in_bytes
from costlens.results.page import Block, Chart, Fold, Items, Page, Records, Say, Table, by_text

_HEADERS = {
    "macs": "MACs", "flops": "FLOPs", "weight_bytes": "weights", "peak_activation_bytes": "peak activations",
    "flash_bytes": "flash",
    "traffic_bytes": "traffic", "latency_ms": "time",
}  # fmt: skip
_CHANGE = {"moved_macs": "the fewest MACs moved away from the form as written", "layers": "the fewest layers changed"}


def header(figure: str) -> str:
    """Return what a column of a figure is called."""
    return _HEADERS.get(figure, figure.replace("_", " "))


def unit(figure: str) -> Unit:
    """Return how a figure is written."""
    return BYTES if in_bytes(figure) else MS if figure.endswith("_ms") else COUNT


def page(advice: Advice) -> Page:
    """Return the page: budgets, the layers that change or what stands in the way, and the curve."""
    heading = f"{advice.title or advice.name}: advice"
    said = [*answer(advice), UNTRAINED]
    blocks: list[Block] = [
        Table(_LIMITS, advice.limits, "Budgets"),
        *(_changes(advice) if advice.kinds is not None else _obstacles(advice)),
        *([Table(_PROOFS, advice.proofs, "Planned and measured")] if advice.proofs else []),
        *_curve(advice),
        Items(notes(advice), "dim"),
    ]
    shown = [Say(heading, tone="strong"), *blocks, Say(*said, tone="strong")]
    return Page(
        heading, [Say(*said, tone="strong"), *blocks], advice, 1, shown, records=_records(advice), summary=said[0]
    )


def answer(advice: Advice) -> list[str]:
    """Say what to change, or why nothing helps."""
    if advice.kinds is None:
        return [f"No mix of kinds keeps the budgets. {_sentence(advice.obstacle)}"]
    if not advice.kinds:
        return [f"Nothing needs to change: {advice.name} keeps its budgets as it is."]
    share = advice.moved_macs / advice.movable_macs if advice.movable_macs else 0.0
    kept = ", ".join(
        f"{header(one.figure)} {in_unit(one.figure, one.planned)} (budget {one.wanted}, as written "
        f"{in_unit(one.figure, one.written)})"
        for one in advice.limits
        if one.planned is not None
    )
    layers = sum(len(layer.names) for layer in advice.layers)
    changed = f"{advice.changed} of {units.plural(layers, 'layer')} change, with {units.percent(share)} of their MACs"
    return [f"{changed}: {kept}."]


def _sentence(text: str) -> str:
    return f"{text}."


_PROOFS: tuple[Column[Proof], ...] = (
    Column("layers", "layers", Unit(str), lambda one: len(one.kinds)),
    Column("written_ms", "as written", MS),
    Column("planned_ms", "planned", MS),
    Column("measured_ms", "measured", MS),
    Column("interval", "interval", INTERVAL_MS, "interval_ms", 2),
    Column("off", "plan ÷ measured", TIMES, lambda one: 1 + one.off, 1),
    Column("ratio", "÷ as written", TIMES, lambda one: one.ratio[0]),
    Column("verdict", "budget", WORD),
)
_LIMITS: tuple[Column[AdvisedLimit], ...] = (
    Column("figure", "figure", WORD, lambda one: header(one.figure)),
    Column("wanted", "budget", WORD),
    Column("written", "as written", Unit(str), lambda one: in_unit(one.figure, one.written)),
    Column(
        "planned", "planned", Unit(str), lambda one: None if one.planned is None else in_unit(one.figure, one.planned)
    ),
    Column("bound", "least of any mix", Unit(str), lambda one: in_unit(one.figure, one.bound)),
    Column("rest", "held by layers\nthat do not change", Unit(str), lambda one: in_unit(one.figure, one.rest), 2),
)


def _changes(advice: Advice) -> list[Block]:
    """Return the layers that change, each with its figures before and after."""
    changed = [layer for layer in advice.layers if layer.changes]
    return [Table(_columns(advice.written), changed, "Layers that change")]


def _obstacles(advice: Advice) -> list[Block]:
    """Return what each layer can give at least of the figures whose budgets no mix keeps."""
    beyond = [one for one in advice.limits if not one.reachable] or [*advice.limits]
    lines = [line for one in beyond for line in _holding(advice, one)]
    blocks: list[Block] = [Items(lines)]
    for one in beyond:
        columns: list[Column[AdvisedLayer]] = [
            _LABEL,
            _amount("written", "as written", one.name, attrgetter("written")),
            _amount("least", "least", one.name, methodcaller("least", one.name)),
            Column("as", "as", WORD, _kind_of(one.name)),
        ]
        most = sorted(advice.layers, key=columns[2].raw, reverse=True)
        blocks.append(Table(columns, most, f"The least of {header(one.figure)}, layer by layer"))
    return blocks


def _holding(advice: Advice, one: AdvisedLimit) -> list[str]:
    """Say how far a budget is out of reach, and what holds how much of it."""
    figure = header(one.figure)
    if one.reachable:
        least = "cannot be kept beside the others" if one.least is None else in_unit(one.figure, one.least)
        return [f"{figure}: budget {one.wanted}; the least while the other budgets are kept: {least}."]
    over = in_unit(one.figure, one.bound - one.value)
    if one.is_peak:
        return [f"{figure}: budget {one.wanted}, least {in_unit(one.figure, one.bound)}: {over} too much."]
    lines = [
        f"{figure}: budget {one.wanted}, least {in_unit(one.figure, one.bound)}: {over} too much. Layers with one form "
        f"hold {in_unit(one.figure, one.rest - one.kept)}, the others "
        f"{in_unit(one.figure, one.bound - one.rest)} at least."
    ]
    if advice.stays:
        lines.append(f"Layers that --keep holds have {in_unit(one.figure, one.kept)} of it: {', '.join(advice.stays)}.")
    return lines


def _columns(figures: Iterable[str]) -> list[Column[AdvisedLayer]]:
    columns: list[Column[AdvisedLayer]] = [
        _LABEL,
        Column("written", "as written", WORD, "written.kind"),
        Column("chosen", "becomes", WORD, "planned.kind"),
    ]
    for figure in figures:
        columns.append(_amount(figure, f"{header(figure)}\nas written", figure, attrgetter("written"), 2))
        columns.append(_amount(f"{figure}_planned", f"{header(figure)}\nplanned", figure, attrgetter("planned"), 1))
    return columns


_LABEL: Column[AdvisedLayer] = Column("label", "layer")


def _amount(
    name: str, title: str, figure: str, form: Callable[[AdvisedLayer], Form], priority: int = 0
) -> Column[AdvisedLayer]:
    """Return the column of a figure of one form of each layer."""
    return Column(name, title, unit(figure), lambda layer: form(layer).figures[figure], priority)


def _kind_of(figure: str) -> Callable[[AdvisedLayer], str]:
    return lambda layer: layer.least(figure).kind


def curve_table(advice: Advice) -> Table:
    """Return a row a point of the curve; points that reach no more than the one before are left out."""
    figure = advice.curve_of
    columns: list[Column[CurvePoint]] = [
        Column("share", "MACs that\nmay move", PERCENT),
        Column("reached", f"least {header(figure)}", unit(figure)),
        Column("layers", "layers", Unit(str)),
        Column("macs", "MACs", COUNT, priority=1),
        Column("params", "params", COUNT),
        Column(
            "params_each",
            f"params a {'ms' if figure.endswith('_ms') else figure}\nsaved",
            Unit(lambda value: units.exact(round(value))),
            lambda point: params_each(advice, point) if figure.endswith("_ms") else None,
            2,
        ),
    ]
    if figure in ("macs", "params"):
        columns = [column for column in columns if column.name != figure]
    better = [*advice.curve[:1], *(point for before, point in pairwise(advice.curve) if point.reached < before.reached)]
    return Table(columns, better, f"The least {header(figure)} that more change reaches")


def _curve(advice: Advice) -> list[Block]:
    if not advice.curve:
        return []
    return [Chart("reach", advice), Fold("The curve as a table", (curve_table(advice),))]


def notes(advice: Advice) -> list[str]:
    """Return what a reader must know of the choice, and which layers have one form only."""
    lines = [f"Change is {_CHANGE[advice.objective]}; of kinds that change as much, MACs change the least."]
    if advice.planned_time:
        lines += _time(advice.planned_time)
    if advice.proofs:
        lines.append(
            "Measured: exported, verified and timed beside the network as written, in the same processes. Where a mix "
            f"takes longer than its budget, or its plan was more than {OFF:.0%} off, its profile corrects the plan and "
            "the choice is made anew."
        )
    if advice.gap:
        lines.append(f"A mix that changes up to {units.percent(advice.gap)} less may exist: the search was ended.")
    if advice.variant not in ("", AS_WRITTEN):
        lines.append(f"As written means: as {advice.variant}.")
    if advice.stays:
        lines.append(f"Kept: {', '.join(advice.stays)}.")
    lines += by_text((one.name, one.reason) for one in advice.one_form)
    return [*lines, *advice.notes]


def _time(planned: PlannedTime) -> list[str]:
    """Say how sure the planned time is, and where it comes from."""
    shares = ", ".join(f"{units.percent(share)} {basis}" for basis, share in planned.shares.items() if share)
    conditions = f"{units.plural(planned.threads, 'thread')}, batch {planned.batch}"
    interval = units.interval_ms(planned.low, planned.high)
    return [
        f"Times are predicted, not measured: {units.milliseconds(planned.milliseconds)} {interval} ({conditions}), by "
        f"kernels that are {shares}.",
        *_level(planned.level),
        f"The plan aims {ROOM:.0%} below the budget of time where a mix allows it: predictions may be so far off.",
    ]


def _level(level: float) -> list[str]:
    """Say by how much the plan is scaled, where the network as written was timed first."""
    if level == 1:
        return []
    more = f"{abs(level - 1):.1%} {'longer' if level > 1 else 'less'}"
    return [f"The network as written was timed first. It took {more} than predicted; the plan is scaled by that."]


def _records(advice: Advice) -> Records:
    """Return a row a form of each layer: all that was to choose from."""
    figures = [*advice.written]
    rows: list[Sequence[Any]] = [
        (
            name,
            form.kind,
            int(form is layer.written),
            int(form.kind == layer.chosen),
            *(form.figures[f] for f in figures),
        )
        for layer in advice.layers
        for name in (" ".join(layer.names),)
        for form in layer.forms
    ]
    return Records(("layers", "kind", "as_written", "chosen", *figures), rows)


CHOICES: tuple[Column[Any], ...] = (*_LIMITS, *_columns(name for name in FIGURES.values() if name != "intensity"))
"""The columns that a reader can choose."""
