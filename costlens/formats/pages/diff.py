"""Two sides of specs: what each total became, the layers that make the difference, and the times of both."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from costlens.arithmetic import units
from costlens.errors import InconclusiveError, Problem, RegressionError
from costlens.formats.escape import NAME, markdown, shorten
from costlens.formats.pages import _diff_charts
from costlens.formats.pages import _diff_columns as figures
from costlens.formats.pages import latency as timing
from costlens.formats.pages._diff_columns import SPEC_COLUMNS, STANDINGS, TOTAL_COLUMNS, layer_lines, spec_name
from costlens.formats.pages.answers import factor
from costlens.formats.pages.count import CALLED
from costlens.results.columns import Column
from costlens.results.diff import TOTALS, Diff, End, KnobChange, SpecDiff, Standing, TotalDelta
from costlens.results.names import HASH_SHOWN, noun
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

_SUMMED: tuple[Standing, ...] = ("changed", "same_cost", "added", "deleted", "broken", "base_broken")
_MOST_SPECS, _MOST_LAYERS, _MOST_NAMES = 60, 100, 20
"""More of them follow in folds, or are in the other formats."""
_WIDEST = 300
"""The most characters of a path in the table once they are escaped: each may become six."""
_JUDGED = (RegressionError, InconclusiveError)
"""What was found out; any other error kept it from being found out."""
MAIN = ("params", "macs", "weight_bytes", "peak_activation_bytes")
"""The totals that are outside the fold, moved or not."""
_DEPLOYED = "Parameters are those that are deployed: a model file has BatchNorm folded already."
_UNCOUNTED = "no difference in what is counted"
UNREADABLE = "can be read on neither side, so nobody knows whether it is the same"
_WHY = {"macs": "MACs", "params": "parameters"}


CHOICES: tuple[Column[Any], ...] = (
    *SPEC_COLUMNS,
    *TOTAL_COLUMNS,
    *figures.layer_columns(),
    *figures.layer_columns("macs"),
)
"""The columns that a reader can choose."""


def page(diff: Diff) -> Page:
    """Return the page of a diff: what it comes to first, the layers of each spec folded."""
    listed = _listed(diff)
    starts = range(0, max(1, len(listed)), _MOST_SPECS)
    first, *others = (Table(SPEC_COLUMNS, [*map(_narrow, listed[at : at + _MOST_SPECS])]) for at in starts)
    blocks: list[Block] = [
        Say(summary(diff), tone="strong"),
        Items(line for spec in listed[:_MOST_SPECS] for line in _striking(spec)),
        Items(notes(diff)),
        first,
        Say(_same_cost(diff)),
        *charts(diff),
        *(Fold("more specs", (table,)) for table in others),
    ]
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


def charts(diff: Diff) -> list[Block]:
    """Return the charts of a diff."""
    figures = dict.fromkeys(spec.params_of for spec in diff.specs)
    return _diff_charts.charts(diff, f"base: {end(diff.base)}", f"head: {end(diff.head)}", (*figures, *MAIN[1:]))


def _screen(diff: Diff) -> list[Block]:
    """Return each spec's totals and layers, and where there are several a line each."""
    blocks: list[Block] = []
    detailed = [spec for spec in diff.specs if spec.standing in {"changed", "same_cost"} or spec.latency]
    for spec in detailed:
        blocks += [*_on_screen(diff, spec), Gap()]
    others = [spec for spec in diff.specs if spec not in detailed]
    if others or len(detailed) > 1:
        blocks.append(Table(SPEC_COLUMNS, diff.specs, f"{end(diff.base)} → {end(diff.head)}"))
    blocks.append(Items([f"{spec.path}: {line}" for spec in others for line in doubts(spec)], "bad"))
    said = answer(diff)
    if diff.unchanged and said != summary(diff):
        blocks.append(Say(summary(diff)))
    return [*blocks, Items(notes(diff), "dim"), Say(said, tone="strong")]


def answer(diff: Diff) -> str:
    """Say in one sentence what the difference comes to: of one spec its totals and its time, of several how many."""
    if len(diff.specs) != 1 or diff.specs[0].standing not in {"changed", "same_cost"}:
        return summary(diff)
    (spec,) = diff.specs
    said: list[str] = []
    name, base = spec.name or spec.path, end(diff.base)
    for figure in ("macs", "params"):
        total = spec.total(figure)
        if total and total.sure and total.delta and total.base and total.head:
            said.append(f"{factor(total.head / total.base)} times the {_WHY[figure]}")
    cost_ = f"needs {' and '.join(said)} of {base}" if said else cost(spec)
    took = f"; its time is {figures.time_ratio(spec)} of {base}'s" if spec.ratio else ""
    return f"{name} {cost_}{took}." if said else f"{name}: {cost_}{took}."


def _on_screen(diff: Diff, spec: SpecDiff) -> list[Block]:
    title = f"{spec.name or spec.path} · {spec_name(spec)}"
    totals = shown_totals(spec) if spec.standing != "same_cost" else []
    return [
        Table(TOTAL_COLUMNS, totals, title) if totals else Say(title, tone="strong"),
        Table(figures.layer_columns(diff.why, spec.params_of), layer_lines(spec.changes, diff.why), layers(spec)),
        Say(order(diff, spec), tone="dim"),
        Items([*remarks(spec), *times(spec)]),
        Items(doubts(spec), "bad"),
        Items(measured(spec), "dim"),
    ]


def _details(diff: Diff, spec: SpecDiff) -> Fold:
    lines = layer_lines(spec.changes, diff.why)
    left = len(lines) - _MOST_LAYERS
    return Fold(
        f"{spec.name or spec.path}: {layers(spec)}",
        (
            Table(
                TOTAL_COLUMNS, [one for one in spec.totals if not one.unknown] if spec.standing != "same_cost" else ()
            ),
            Items(remarks(spec)),
            Say(order(diff, spec)),
            Table(figures.layer_columns(diff.why, spec.params_of), lines[:_MOST_LAYERS]),
            Say(Mark(f"{left} more: --format json has all.", "emphasis") if left > 0 else ""),
            *([timing.table(spec.latency)] if spec.latency else []),
            Items([*times(spec), *measured(spec)]),
        ),
    )


def _listed(diff: Diff) -> list[SpecDiff]:
    """Return the specs that have a line of their own: those that fail, what changed, what is gone, what is new."""
    own = [spec for spec in diff.specs if spec.standing != "same_cost" or spec.latency or spec.failure(lenient=False)]
    return sorted(own, key=_rank)


def _rank(spec: SpecDiff) -> tuple[bool, int]:
    return spec.failure(lenient=False) is None, [*STANDINGS].index(spec.standing)


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
    about: dict[str, Any] = {"group": "costlens.diff", "level": "warning", "title": "costlens diff", "line": 1}
    return [
        Finding("skipped", name=path, message=f"{path}: {UNREADABLE}", file=path, **about) for path in diff.unreadable
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
    same = f"; {diff.unchanged} {_be(diff.unchanged)} the same" if diff.unchanged else ""
    if not diff.specs:
        return f"No spec differs from {end(diff.base)}{same}."
    found = Counter(spec.standing for spec in diff.specs)
    said = ", ".join(f"{found[each]} {STANDINGS[each][1]}" for each in _SUMMED if found[each])
    differs = "differs" if len(diff.specs) == 1 else "differ"
    number = units.plural(len(diff.specs), noun(spec.path for spec in diff.specs))
    return f"{number} {differs} from {end(diff.base)}: {said}{same}."


def end(end: End) -> str:
    """Name a side; of a commit's whole number the beginning says enough."""
    return end.name[:HASH_SHOWN] if end.name == end.commit else end.name


def shown_totals(spec: SpecDiff) -> list[TotalDelta]:
    """Return the main totals; where none of them moved, also the others that did."""
    main = [total for total in spec.totals if total.figure in (spec.params_of, *MAIN[1:])]
    moved = any(total.delta or not (total.sure or total.unknown) for total in main)
    return [total for total in spec.totals if (total in main and not total.unknown) or (total.delta and not moved)]


def cost(spec: SpecDiff) -> str:
    """Say what the totals of a spec that moved were and are, in one sentence without details."""
    if spec.standing == "same_cost":
        return "no change in cost" + (": the network is the same" if spec.same_graph else "")
    if spec.counted_alike:
        return _UNCOUNTED
    said = []
    for total in shown_totals(spec):
        if total.delta or not (total.sure or total.unknown):
            before, after = figures.side(total, "base"), figures.side(total, "head")
            difference = ", ".join(filter(None, (figures.delta(total), figures.share(total))))
            both = f"{before} → {after} ({difference})" if before and after else after or before
            said.append(f"{CALLED[total.figure][0]} {both}")
    return "; ".join(said) or "the same totals, layer by layer another cost"


def notes(diff: Diff) -> list[str]:
    """Say what a reader must know of the whole diff."""
    return [*diff.notes, *(f"{path}: {UNREADABLE}" for path in diff.unreadable)]


def knob(knob: KnobChange) -> str:
    """Say how a knob differs."""
    if knob.base is None or knob.head is None:
        return f"knob {knob.name}: {f'new, {knob.head}' if knob.base is None else f'gone, was {knob.base}'}"
    if knob.was:
        return f"knob {knob.name} = {knob.head}: was called {knob.was}"
    return f"knob {knob.name}: {knob.base} → {knob.head}"


def doubts(spec: SpecDiff) -> list[str]:
    """Say what keeps differences from being sure, or known at all."""
    said = [f"base cannot be read, so only head is shown: {spec.base_problem}"] if spec.base_problem else []
    said += [f"base, not counted: {what}" for what in spec.base_uncounted]
    said += [f"head, not counted: {what}" for what in spec.head_uncounted]
    return said


def remarks(spec: SpecDiff) -> list[str]:
    """Say what a reader must know besides the tables."""
    said = []
    if spec.standing == "same_cost":
        changed = sum(change.change == "changed" for change in spec.changes)
        if spec.same_graph:
            said.append("No change in cost: the network is the same, layer for layer.")
        elif changed:
            said.append(f"No change in cost, though {units.plural(changed, 'layer')} changed.")
        elif spec.changes:
            said.append("No change in cost: layers have other names.")
        else:
            said.append("No change in cost.")
    if spec.counted_alike:
        said.append(f"{_UNCOUNTED.capitalize()}; what is not counted may differ.")
    if spec.params_of == "deployed_params" and spec.standing == "changed":
        said.append(_DEPLOYED)
    peak = spec.total("peak_activation_bytes")
    if spec.peak_at and peak and peak.delta is not None and spec.peak_at.base != spec.peak_at.head:
        said.append(f"peak activations at {spec.peak_at.head} (in base at {spec.peak_at.base})")
    return [*said, *map(knob, spec.knobs)]


def times(spec: SpecDiff) -> list[str]:
    """Say what the measurement found, or why there is none."""
    latency = spec.latency
    if latency is None:
        return unsettled(spec) or ([f"not timed: {spec.untimed}"] if spec.untimed else [])
    medians = " → ".join(units.milliseconds(model.median_ms) for model in latency.models)
    ratio = [f"time: {figures.time_ratio(spec)} ({medians})"] if spec.ratio else []
    return [*ratio, *unsettled(spec), *([] if latency.too_noisy else [timing.resolution(latency)])]


def unsettled(spec: SpecDiff) -> list[str]:
    """Say what keeps a measurement from being an answer."""
    latency = spec.latency
    if latency is None:
        why = spec.failed or spec.disagreement
        return [f"not timed: {why}"] if why else []
    noisy = [timing.resolution(latency)] if latency.too_noisy else []
    return [*noisy, *timing.open_verdicts(latency), *timing.failures(latency.failed)]


def measured(spec: SpecDiff) -> list[str]:
    """Say on what and how times were taken."""
    latency = spec.latency
    return [timing.measured(latency), " ".join(latency.note.splitlines())] if latency else []


def order(diff: Diff, spec: SpecDiff) -> str:
    """Say by what layers are ordered, where that is not their place in the network."""
    total = spec.total(diff.why) if diff.why else None
    if total is None or not spec.changes:
        return ""
    return f"Layers by what they contributed to the difference in {_WHY[total.figure]}: {figures.delta(total)}."


def layers(spec: SpecDiff) -> str:
    """Say how many layers differ, and how."""
    found = Counter(change.change for change in spec.changes)
    said = ", ".join(f"{count} {word}" for word, count in sorted(found.items())) or "no layer differs"
    return f"{said}, {units.plural(spec.unchanged_rows, 'row')} {_be(spec.unchanged_rows)} the same"


def _be(number: int) -> str:
    return "is" if number == 1 else "are"
