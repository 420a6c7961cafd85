"""Two sides of specs: what each total became, the layers that make the difference, and the times of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from costlens.arithmetic import units
from costlens.errors import InconclusiveError, Problem, RegressionError
from costlens.formats.escape import NAME, markdown, shorten
from costlens.formats.pages import latency as timing
from costlens.results.columns import BYTES, COUNT, PERCENT, TIMES, Column
from costlens.results.counts import add
from costlens.results.diff import (
    HASH_SHOWN,
    TOTALS,
    Amount,
    Contribution,
    Diff,
    End,
    KnobChange,
    LayerChange,
    SpecDiff,
    Standing,
    TotalDelta,
    by_contribution,
)
from costlens.results.page import (
    Block,
    Finding,
    Fold,
    Gap,
    Items,
    Level,
    Line,
    Mark,
    Outcome,
    Page,
    Records,
    Say,
    Table,
)

_STANDINGS: dict[Standing, tuple[str, str]] = {
    "broken": ("BROKEN", "broken"),
    "base_broken": ("broken in base", "broken in base"),
    "changed": ("changed", "changed"),
    "deleted": ("deleted", "deleted"),
    "added": ("added", "added"),
    "same_cost": ("same cost", "of the same cost"),
}
"""The most severe first: the word in a table, and in a sentence after a number."""
_SUMMED: tuple[Standing, ...] = ("changed", "same_cost", "added", "deleted", "broken", "base_broken")
_MOST_SPECS, _MOST_LAYERS, _MOST_NAMES = 60, 100, 20
"""More of them follow in folds, or are in the other formats."""
_WIDEST = 300
"""The most characters of a path in the table once they are escaped: each may become six."""
_JUDGED = (RegressionError, InconclusiveError)
"""What was found out; any other error kept it from being found out."""


def _whole(value: float) -> str:
    return f"{value:,.0f}"


_TOTALS: dict[str, tuple[str, Callable[[float], str]]] = {
    "params": ("params", _whole),
    "trainable": ("trainable", _whole),
    "kernels": ("kernels", _whole),
    "deployed_params": ("deployed", _whole),
    "macs": ("MACs", _whole),
    "flops": ("FLOPs", _whole),
    "weight_bytes": ("weights", units.bytes_),
    "traffic_bytes": ("traffic", units.bytes_),
    "peak_activation_bytes": ("peak activations", units.bytes_),
}
_ROUGH, _FINE = 0.1, 0.01
_ALIKE = 3


def signed(value: float, text: Callable[[float], str] = _whole) -> str:
    """Write a difference with its sign.

    >>> signed(148631), signed(-2048, units.bytes_), signed(0)
    ('+148,631', '−2.0 KiB', '0')
    """
    return f"{'+' if value > 0 else '−'}{text(abs(value))}" if value else "0"


def relative(share: float | None) -> str:
    """Write a share with its sign, the smaller the more decimals.

    >>> [relative(share) for share in (0.5231, -0.0314, 0.0004, 0.000001, 0.0, None)]
    ['+52%', '−3.1%', '+0.04%', '+0.00%', '0%', '']
    """
    if not share:
        return "" if share is None else "0%"
    size = abs(share)
    decimals = 0 if size >= _ROUGH else 1 if size >= _FINE else 2
    return f"{'+' if share > 0 else '−'}{100 * size:,.{decimals}f}%"


def total_name(total: TotalDelta) -> str:
    """Name a total as tables do."""
    return _TOTALS[total.figure][0]


def side(total: TotalDelta, which: str) -> str:
    """Write a total of one side; of a partial one there is at least so much."""
    value, status = getattr(total, which), getattr(total, f"{which}_status")
    if value is None or status == "unavailable":
        return "" if value is None else "unavailable"
    return f"{'≥ ' if status == 'partial' else ''}{_TOTALS[total.figure][1](value)}"


def delta(total: TotalDelta) -> str:
    """Write the difference of a total; one between bounds is not known."""
    if total.delta is None:
        return ""
    return signed(total.delta, _TOTALS[total.figure][1]) if total.sure else "unsure"


def share(total: TotalDelta) -> str:
    """Write the difference of a total as a share of base."""
    return relative(total.relative) if total.sure and total.delta else ""


def time_ratio(spec: SpecDiff) -> str:
    """Write head's time over base's with its verdict; nothing where there is none."""
    ratio = spec.ratio
    if ratio is None:
        return "failed" if spec.outcome == "failed" or spec.failed or spec.disagreement else ""
    open_ = spec.outcome == "inconclusive"
    word = timing.concluded(ratio) if open_ else (spec.outcome or "").replace("_", " ")
    return f"{timing.with_interval(ratio.ratio, ratio.low, ratio.high)} {word}"


def spec_name(spec: SpecDiff) -> str:
    """Write a spec's path, behind the one it had."""
    return f"{spec.was} → {spec.path}" if spec.was else spec.path


def _spec_side(figure: str) -> Callable[[SpecDiff], str]:
    def written(spec: SpecDiff) -> str:
        total = spec.total(figure)
        return side(total, "base" if total.head is None else "head") if total else ""

    return written


def _spec_delta(figure: str) -> Callable[[SpecDiff], str]:
    def written(spec: SpecDiff) -> str:
        total = spec.total(figure)
        if total is None or total.delta is None:
            return ""
        return f"{delta(total)} {share(total)}".strip()

    return written


SPEC_COLUMNS: tuple[Column[SpecDiff], ...] = (
    Column("spec", "spec", value=spec_name),
    Column("standing", "", value=lambda spec: _STANDINGS[spec.standing][0]),
    Column("params", "params", COUNT, _spec_side("params"), priority=2),
    Column("params_delta", "Δ params", COUNT, _spec_delta("params")),
    Column("macs", "MACs", COUNT, _spec_side("macs"), priority=2),
    Column("macs_delta", "Δ MACs", COUNT, _spec_delta("macs")),
    Column("weights_delta", "Δ weights", BYTES, _spec_delta("weight_bytes"), priority=4),
    Column("peak_delta", "Δ peak\nactivations", BYTES, _spec_delta("peak_activation_bytes"), priority=3),
    Column("time", "time ÷ base", TIMES, time_ratio, priority=1),
)
TOTAL_COLUMNS: tuple[Column[TotalDelta], ...] = (
    Column("figure", "", value=total_name),
    Column("base", "base", COUNT, lambda total: side(total, "base")),
    Column("head", "head", COUNT, lambda total: side(total, "head")),
    Column("delta", "Δ", COUNT, delta),
    Column("relative", "", PERCENT, share, priority=1),
)


def layer_lines(changes: Sequence[LayerChange], why: Contribution | None = None) -> list[LayerChange]:
    """Return the lines of a table of layers: three or more in a row that changed alike are one, with their sum.

    In the order of the network, or with ``why`` by what each line contributed to the difference of that figure.
    """
    lines: list[LayerChange] = []
    placed = enumerate(sorted(changes, key=lambda change: change.place))
    for _, alike in groupby(placed, key=lambda one: _likeness(one[1], one[1].place - one[0])):
        run = [change for _, change in alike]
        lines += [_together(run)] if len(run) >= _ALIKE else run
    return [*by_contribution(lines, why)] if why else lines


def _likeness(change: LayerChange, row: int) -> tuple[object, ...]:
    """Return what changes of one line have in common; of places that follow each other, place − rank is the same."""
    return (
        row,
        change.change, change.fields, change.params.delta, change.macs.delta, change.live_bytes.delta, change.partial,
        bool(change.was),
    )  # fmt: skip


def _together(run: Sequence[LayerChange]) -> LayerChange:
    first, last = run[0], run[-1]
    return replace(
        first,
        name=f"{layer_name(first)} … {layer_name(last)} ({len(run)})",
        was="",
        base_rows=tuple(row for one in run for row in one.base_rows),
        head_rows=tuple(row for one in run for row in one.head_rows),
        params=_sum([one.params for one in run]),
        macs=_sum([one.macs for one in run]),
        params_share=_sum_of_shares([one.params_share for one in run]),
        macs_share=_sum_of_shares([one.macs_share for one in run]),
    )


def _sum(amounts: Sequence[Amount]) -> Amount:
    return Amount(*(add(getattr(one, side) for one in amounts) for side in ("base", "head", "delta")))


def _sum_of_shares(shares: Sequence[float | None]) -> float | None:
    known = [part for part in shares if part is not None]
    return sum(known) if known else None


def layer_name(change: LayerChange) -> str:
    """Write a layer's name, behind the one it had."""
    return f"{change.was} → {change.name}" if change.was else change.name


def what(change: LayerChange) -> str:
    """Say what differs in a layer, or what it is where it is on one side only."""
    if change.change != "changed":
        told = " → ".join(one.head or one.base for one in change.fields)
        return f"{change.change}{': ' if told else ''}{told}"
    named = {one.field for one in change.fields}
    shown = [one for one in change.fields if one.field != "input" or named.isdisjoint({"kind", "output"})]
    return ", ".join(f"{one.field} {one.base or 'none'} → {one.head or 'none'}" for one in shown) or change.change


def _amount(figure: str, text: Callable[[float], str]) -> Callable[[LayerChange], str]:
    def written(change: LayerChange) -> str:
        amount: Amount = getattr(change, figure)
        return "unsure" if change.partial or amount.delta is None else signed(amount.delta, text)

    return written


def _share(figure: str) -> Callable[[LayerChange], str]:
    def written(change: LayerChange) -> str:
        part: float | None = getattr(change, f"{figure}_share")
        return "" if part is None or change.partial else relative(part).removeprefix("+")

    return written


_LAYER: Column[LayerChange] = Column("name", "layer", value=layer_name)
_WHAT: Column[LayerChange] = Column("what", "", value=what)
_PARAMS: Column[LayerChange] = Column("params", "Δ params", COUNT, _amount("params", _whole))
_MACS: Column[LayerChange] = Column("macs", "Δ MACs", COUNT, _amount("macs", _whole))
_LIVE: Column[LayerChange] = Column("live_bytes", "Δ live", BYTES, _amount("live_bytes", units.bytes_), priority=3)
LAYER_COLUMNS = (_LAYER, _WHAT, _PARAMS, _MACS, _LIVE)
"""One line a layer that differs."""


def why_columns(figure: Contribution) -> tuple[Column[LayerChange], ...]:
    """Return the same with each layer's part in the difference, in that of ``figure`` before the other."""
    macs: Column[LayerChange] = Column("macs_share", "of Δ MACs", PERCENT, _share("macs"), priority=1)
    params: Column[LayerChange] = Column("params_share", "of Δ params", PERCENT, _share("params"), priority=1)
    if figure == "params":
        return (_LAYER, _WHAT, _PARAMS, replace(params, header="of it", priority=0), _MACS, macs)
    return (_LAYER, _WHAT, _MACS, replace(macs, header="of it", priority=0), _PARAMS, params)


MAIN = ("params", "macs", "weight_bytes", "peak_activation_bytes")
"""The totals that stand outside the fold, moved or not."""
_UNCOUNTED = "no difference in what is counted"
UNREADABLE = "can be read on neither side, so nobody knows whether it is the same"
_WHY = {"macs": "MACs", "params": "parameters"}


def page(diff: Diff) -> Page:
    """Return the page of a diff: what it comes to first, the layers of each spec folded."""
    listed = _listed(diff)
    shown = listed[:_MOST_SPECS]
    blocks: list[Block] = [
        Say(summary(diff), tone="strong"),
        Items(line for spec in shown for line in _striking(spec)),
        Items(notes(diff)),
        Table(SPEC_COLUMNS, [*map(_narrow, shown)]),
        Say(_same_cost(diff)),
    ]
    for start in range(_MOST_SPECS, len(listed), _MOST_SPECS):
        more = Table(SPEC_COLUMNS, [*map(_narrow, listed[start : start + _MOST_SPECS])])
        blocks.append(Fold("more specs", (more,)))
    detailed = [spec for spec in sorted(diff.specs, key=_rank) if spec.changes or spec.knobs or spec.latency]
    return Page(
        ("Cost: ", _code(end(diff.base)), " → ", _code(end(diff.head))),
        [*blocks, *(_details(diff, spec) for spec in detailed)],
        diff,
        level=3,
        screen=_screen(diff),
        findings=[*(finding for spec in diff.specs for finding in _findings(spec, diff)), *_unreadable(diff)],
        records=_records(diff),
        summary=summary(diff),
        name="costlens diff",
    )


def _screen(diff: Diff) -> list[Block]:
    """Return each spec's totals and layers, and where there are several a line each."""
    blocks: list[Block] = []
    detailed = [spec for spec in diff.specs if spec.standing in {"changed", "same_cost"} or spec.latency]
    for spec in detailed:
        blocks += [*_on_screen(diff, spec), Gap()]
    others = [spec for spec in diff.specs if spec not in detailed]
    if others or len(detailed) > 1:
        blocks.append(Table(SPEC_COLUMNS, diff.specs, ends(diff)))
    blocks.append(Items([f"{spec.path}: {line}" for spec in others for line in doubts(spec)], "bad"))
    if diff.unchanged or len(diff.specs) != 1:
        blocks.append(Say(summary(diff), tone="strong"))
    return [*blocks, Items(notes(diff), "dim")]


def _on_screen(diff: Diff, spec: SpecDiff) -> list[Block]:
    title = f"{spec.name or spec.path} · {spec_name(spec)}"
    totals = shown_totals(spec) if spec.standing != "same_cost" else []
    heading = layers(spec.changes, spec.unchanged_rows)
    return [
        Table(TOTAL_COLUMNS, totals, title) if totals else Say(title, tone="strong"),
        Table(_layer_columns(diff), layer_lines(spec.changes, diff.why), heading),
        Say(order(diff, spec), tone="dim"),
        Items([*remarks(spec), *times(spec)]),
        Items(doubts(spec), "bad"),
        Items(measured(spec), "dim"),
    ]


def _details(diff: Diff, spec: SpecDiff) -> Fold:
    lines = layer_lines(spec.changes, diff.why)
    left = len(lines) - _MOST_LAYERS
    return Fold(
        f"{spec.name or spec.path}: {layers(spec.changes, spec.unchanged_rows)}",
        (
            Table(TOTAL_COLUMNS, spec.totals if spec.standing != "same_cost" else ()),
            Items(remarks(spec)),
            Say(order(diff, spec)),
            Table(_layer_columns(diff), lines[:_MOST_LAYERS]),
            Say(Mark(f"{left} more: --format json has all.", "emphasis") if left > 0 else ""),
            Table(timing.LATENCY_COLUMNS, timing.latency_lines(spec.latency) if spec.latency else ()),
            Items([*times(spec), *measured(spec)]),
        ),
    )


def _layer_columns(diff: Diff) -> tuple[Column[LayerChange], ...]:
    return why_columns(diff.why) if diff.why else LAYER_COLUMNS


def _listed(diff: Diff) -> list[SpecDiff]:
    """Return the specs that have a line of their own: those that fail, what changed, what is gone, what is new."""
    own = [spec for spec in diff.specs if spec.standing != "same_cost" or spec.latency or spec.failure(lenient=False)]
    return sorted(own, key=_rank)


def _rank(spec: SpecDiff) -> tuple[bool, int]:
    return spec.failure(lenient=False) is None, [*_STANDINGS].index(spec.standing)


def _narrow(spec: SpecDiff) -> SpecDiff:
    """Shorten the paths of a spec until they are no wider than a cell may be."""
    limit = NAME
    while len(markdown(spec_name(spec))) > _WIDEST:
        limit = 2 * limit // 3
        spec = replace(spec, path=shorten(spec.path, limit), was=shorten(spec.was, limit))
    return spec


def _code(name: str) -> Mark:
    return Mark(shorten(name, NAME), "code")


def _same_cost(diff: Diff) -> Line:
    listed = {spec.path for spec in _listed(diff)}
    names = [_code(spec_name(_narrow(spec))) for spec in diff.specs if spec.path not in listed]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    first, *others = names[:_MOST_NAMES]
    return ("No change in cost: ", first, *(piece for name in others for piece in (", ", name)), f"{more}.")


def _striking(spec: SpecDiff) -> list[Line]:
    """Return what keeps a spec from being judged; places are code, as a reader searches for them."""
    return [*map(_problem, spec.problems), *(f"{spec.path}: {line}" for line in (*doubts(spec), *unsettled(spec)))]


def _problem(problem: Problem) -> Line:
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    return (Mark(place, "code"), f": {': '.join(part for part in (problem.path, problem.message) if part)}")


def _findings(spec: SpecDiff, diff: Diff) -> Iterator[Finding]:
    """Yield what is broken at its very line, and at the spec's first line what its cost became and what failed."""
    here: dict[str, Any] = {"group": "costlens.diff", "name": spec.path}
    for problem in spec.problems:
        message = ": ".join(part for part in (problem.path, problem.message) if part)
        at: dict[str, Any] = {"file": problem.file, "line": problem.line, "column": problem.column}
        yield Finding("error", message=message, level="error", title="costlens", kind="SpecError", **here, **at)
    if spec.standing == "broken":
        return
    gone = spec.standing == "deleted"
    here |= {"file": "" if gone else spec.path, "line": 0 if gone else 1}
    if spec.standing == "base_broken":
        message = f"base cannot be read: {spec.base_problem}"
        yield Finding("passed", message=message, level="warning", title="costlens diff", **here)
    about = {"deleted": f"{spec.path}: deleted; it had ", "added": "added; "}.get(spec.standing, "")
    here["title"] = f"costlens diff: {spec.name}"
    yield Finding("passed", message=about + cost(spec), level="notice", **here)
    if failure := spec.failure(lenient=False):
        passes = spec.failure(lenient=diff.lenient) is None
        outcome: Outcome = "skipped" if passes else "failure" if isinstance(failure, _JUDGED) else "error"
        level: Level = "warning" if passes else "error"
        yield Finding(outcome, message=str(failure), level=level, kind=type(failure).__name__, **here)


def _unreadable(diff: Diff) -> list[Finding]:
    return [
        Finding(
            "skipped", "costlens.diff", path, f"{path}: {UNREADABLE}", "warning", "costlens diff", file=path, line=1
        )
        for path in diff.unreadable
    ]


def _records(diff: Diff) -> Records:
    names = [f"{figure}_{which}" for figure in TOTALS for which in ("base", "head")]
    rows = []
    for spec in diff.specs:
        found = {total.figure: total for total in spec.totals}
        figures = [getattr(found.get(figure), which, None) for figure in TOTALS for which in ("base", "head")]
        rows.append((spec.path, spec.was, spec.name, spec.standing, *figures, spec.ratio and spec.ratio.ratio))
    return Records(("spec", "was", "name", "standing", *names, "time_ratio"), rows)


def summary(diff: Diff) -> str:
    """Say in one sentence what differs.

    >>> from costlens.results.diff import End
    >>> summary(Diff("costlens.diff/1", End("main"), End("working tree"), (), unchanged=3))
    'No spec differs from main; 3 are the same.'
    """
    same = (
        f"; {units.plural(diff.unchanged, 'is', '')} the same"
        if diff.unchanged == 1
        else f"; {diff.unchanged} are the same"
    )
    same = same if diff.unchanged else ""
    if not diff.specs:
        return f"No spec differs from {end(diff.base)}{same}."
    found = Counter(spec.standing for spec in diff.specs)
    told = ", ".join(f"{found[each]} {_STANDINGS[each][1]}" for each in _SUMMED if found[each])
    differs = "differs" if len(diff.specs) == 1 else "differ"
    return f"{units.plural(len(diff.specs), 'spec')} {differs} from {end(diff.base)}: {told}{same}."


def ends(diff: Diff) -> str:
    """Name both sides."""
    return f"{end(diff.base)} → {end(diff.head)}"


def end(end: End) -> str:
    """Name a side; of a commit's whole number the beginning says enough."""
    return end.name[:HASH_SHOWN] if end.name == end.commit else end.name


def shown_totals(spec: SpecDiff) -> list[TotalDelta]:
    """Return the main totals; where none of them moved, also the others that did."""
    moved = any(total.delta or not total.sure for total in spec.totals if total.figure in MAIN)
    return [total for total in spec.totals if total.figure in MAIN or (total.delta and not moved)]


def cost(spec: SpecDiff) -> str:
    """Say what the totals of a spec that moved were and are, in one sentence without details."""
    if spec.standing == "same_cost":
        return "no change in cost" + (": the network is the same" if spec.same_graph else "")
    if spec.counted_alike:
        return _UNCOUNTED
    told = []
    for total in shown_totals(spec):
        if total.delta or not total.sure:
            before, after = side(total, "base"), side(total, "head")
            difference = ", ".join(part for part in (delta(total), share(total)) if part)
            figures = f"{before} → {after} ({difference})" if before and after else after or before
            told.append(f"{total_name(total)} {figures}")
    return "; ".join(told) or "the same totals, layer by layer another cost"


def notes(diff: Diff) -> list[str]:
    """Say what a reader must know of the whole diff."""
    return [*diff.notes, *(f"{path}: {UNREADABLE}" for path in diff.unreadable)]


def knobs(spec: SpecDiff) -> list[str]:
    """Say which knobs are set otherwise."""
    return [_knob(knob) for knob in spec.knobs]


def _knob(knob: KnobChange) -> str:
    if knob.base is None or knob.head is None:
        return f"knob {knob.name}: {f'new, {knob.head}' if knob.base is None else f'gone, was {knob.base}'}"
    if knob.was:
        return f"knob {knob.name} = {knob.head}: was called {knob.was}"
    return f"knob {knob.name}: {knob.base} → {knob.head}"


def doubts(spec: SpecDiff) -> list[str]:
    """Say what keeps differences from being told for sure, or at all."""
    told = [f"base cannot be read, so head stands alone: {spec.base_problem}"] if spec.base_problem else []
    told += [f"base, not counted: {what}" for what in spec.base_uncounted]
    told += [f"head, not counted: {what}" for what in spec.head_uncounted]
    return told


def remarks(spec: SpecDiff) -> list[str]:
    """Say what a reader must know besides the tables."""
    told = []
    if spec.standing == "same_cost":
        layers = [change for change in spec.changes if change.change == "changed"]
        if spec.same_graph:
            told.append("No change in cost: the network is the same, layer for layer.")
        elif layers:
            told.append(f"No change in cost, though {units.plural(len(layers), 'layer')} changed.")
        elif spec.changes:
            told.append("No change in cost: layers have other names.")
        else:
            told.append("No change in cost.")
    if spec.counted_alike:
        told.append(f"{_UNCOUNTED.capitalize()}; what is not counted may differ.")
    peak = spec.total("peak_activation_bytes")
    if spec.peak_at and peak and peak.delta is not None and spec.peak_at.base != spec.peak_at.head:
        told.append(f"most is alive at {spec.peak_at.head}, in base at {spec.peak_at.base}")
    return [*told, *knobs(spec)]


def times(spec: SpecDiff) -> list[str]:
    """Say what the measurement found, or why there is none."""
    latency = spec.latency
    if latency is None:
        why = spec.failed or spec.disagreement or spec.untimed
        return [f"not timed: {why}"] if why else []
    medians = " → ".join(units.milliseconds(model.median_ms) for model in latency.models)
    ratio = [f"time: {time_ratio(spec)} ({medians})"] if spec.ratio else []
    return [*ratio, *unsettled(spec), *([] if latency.too_noisy else [timing.resolution(latency)])]


def unsettled(spec: SpecDiff) -> list[str]:
    """Say what keeps a measurement from being an answer."""
    latency = spec.latency
    if latency is None:
        return [f"not timed: {spec.failed or spec.disagreement}"] if spec.failed or spec.disagreement else []
    noisy = [timing.resolution(latency)] if latency.too_noisy else []
    return [*noisy, *timing.open_verdicts(latency), *timing.failures(latency)]


def measured(spec: SpecDiff) -> list[str]:
    """Say on what and how times were taken."""
    latency = spec.latency
    return [timing.measured(latency), " ".join(latency.note.splitlines())] if latency else []


def order(diff: Diff, spec: SpecDiff) -> str:
    """Say by what layers are ordered, where that is not their place in the network."""
    total = spec.total(diff.why) if diff.why else None
    if total is None or not spec.changes:
        return ""
    return f"Layers by what they contributed to the difference in {_WHY[total.figure]}: {delta(total)}."


def layers(changes: tuple[LayerChange, ...], unchanged: int) -> str:
    """Say how many layers differ, and how.

    >>> layers((), 12)
    'no layer differs, 12 rows are the same'
    """
    found = Counter(change.change for change in changes)
    told = ", ".join(f"{count} {word}" for word, count in sorted(found.items())) or "no layer differs"
    return f"{told}, {units.plural(unchanged, 'row')} {'is' if unchanged == 1 else 'are'} the same"
