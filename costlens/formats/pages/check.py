"""Specs beside their published figures and budgets: what is missed, and everything that was compared."""

from collections.abc import Iterator
from typing import Any

from costlens.analysis.budgets import TIME
from costlens.arithmetic import units
from costlens.errors import InconclusiveError
from costlens.formats.pages.target import fitting
from costlens.results.charts import Budgets, Used
from costlens.results.check import Checked, CheckedFigure, CheckedSpec, LimitVerdict, Timing, Trouble
from costlens.results.columns import COUNT, PERCENT, WORD, Column, of_items
from costlens.results.names import noun
from costlens.results.page import (
    Block,
    Chart,
    Finding,
    Fold,
    Items,
    Level,
    Mark,
    Outcome,
    Page,
    Records,
    Say,
    Table,
    Tone,
)
from costlens.results.target import Fit

_OPEN: tuple[LimitVerdict, ...] = ("missed", "partial", "inconclusive")
_WORDS = {
    "kept": Mark("ok", "good"),
    "missed": Mark("MISSED", "alarm"),
    "partial": Mark("partial", "alarm"),
    "inconclusive": Mark("inconclusive", "warn"),
}
"""Verdicts as a terminal writes them; the others are written as they are."""
_MARKS: dict[str, str | tuple[str, Mark]] = {
    "kept": "✓",
    "missed": ("✗ ", Mark("missed")),
    "partial": ("✗ ", Mark("partial")),
    "inconclusive": ("? ", Mark("inconclusive")),
}
_ENDS: dict[LimitVerdict, tuple[Outcome, Level]] = {
    "kept": ("passed", ""),
    "missed": ("failure", "error"),
    "partial": ("failure", "error"),
    "inconclusive": ("failure", "error"),
    "not measured": ("skipped", "notice"),
    "no base": ("skipped", "notice"),
}
_UNJUDGED: tuple[LimitVerdict, ...] = ("not measured", "no base")
_FIGURES = ("value", "ours", "used", "left", "verdict", "complete", "origin", "base")
_LET_PASS: tuple[Outcome, Level] = ("skipped", "warning")
_STATES: dict[int, tuple[str, Tone]] = {0: ("✓", "strong"), InconclusiveError.exit_code: ("?", "warn")}
_FAILED: tuple[str, Tone] = ("✗", "alarm")
_MOST, _FOLD = 50, 100
"""Lines of the table of what is wrong and of the lists below it, and of one fold of all figures."""
PUBLISHED_APART = "with --set or ?knob=value only budgets: published figures are of a spec's own knobs"
BENCH = "a time is compared with --bench only"
BASE = "a relative budget is compared with --base or --against only"


_Row = tuple[CheckedSpec, CheckedFigure]
_COLUMNS: tuple[Column[_Row], ...] = (
    Column("spec", "network", value=lambda row: row[0].name),
    Column("figure", "figure", value=lambda row: row[1].figure),
    Column("wanted", "wanted", COUNT, lambda row: wanted(row[1])),
    Column("ours", "ours", COUNT, lambda row: ours(row[1])),
    Column("used", "used", PERCENT, lambda row: row[1].used),
    Column("headroom", "headroom", COUNT, lambda row: headroom(row[1])),
    Column("verdict", "", value=lambda row: _MARKS.get(row[1].verdict, row[1].verdict)),
    Column("origin", "written in", value=lambda row: Mark(row[1].origin, "code")),
)

_SCREEN = of_items(
    Column("spec", "spec"),
    Column("figure", "figure", WORD),
    Column("wanted", "expected", COUNT),
    Column("ours", "ours", COUNT),
    Column("used", "used", PERCENT, priority=1),
    Column("headroom", "headroom", COUNT, priority=2),
    Column("verdict", "", WORD),
    Column("from", "from", priority=3),
)


CHOICES = (*_SCREEN, *_COLUMNS)
"""The columns that a reader can choose."""


def page(checked: Checked) -> Page:
    """Return the page of a check: what is wrong in a table, the rest folded; a terminal shows a line a figure."""
    wrong, troubles = checked.having(*_OPEN), checked.all_troubles
    lacking = dict.fromkeys(f"{spec.name}: not counted: {what}" for spec, _ in wrong for what in spec.uncounted)
    errors = [Mark(str(trouble), "code") for trouble in troubles[:_MOST]]
    more = f"and {len(troubles) - _MOST} more" if len(troubles) > _MOST else ""
    blocks: list[Block] = [
        Say(f"{summary(checked)}.", closest(checked)),
        _fits(checked),
        Table(_COLUMNS, wrong[:_MOST]),
        Say(f"and {units.plural(len(wrong) - _MOST, 'figure')} more" if len(wrong) > _MOST else ""),
        Items([*list(lacking)[:_MOST], *notes(checked)]),
        Chart("budgets", budgets(checked)),
        Say("Errors" if troubles else "", tone="strong"),
        Items([*errors, more]),
        *_all_figures(checked),
    ]
    state, tone = _STATES.get(checked.exit_code, _FAILED)
    return Page(
        f"{state} Budgets and published figures",
        blocks,
        checked,
        level=3,
        screen=_screen(checked, tone),
        findings=[*_findings(checked)],
        records=_records(checked),
        summary=summary(checked),
        name="costlens check",
    )


def budgets(checked: Checked) -> Budgets:
    """Return how much of each limit is used, where that is known."""
    return Budgets(
        tuple(
            Used(
                spec.name or spec.file, one.figure, wanted(one), one.in_unit(one.ours), one.used, _left(one),
                one.verdict,
            )
            for spec in checked.specs
            for one in spec.figures
            if one.used is not None and one.ours is not None
        )
    )  # fmt: skip


def _left(figure: CheckedFigure) -> str:
    """Write what a limit leaves as shortly as a drawing needs it."""
    left = figure.left or 0
    shown = figure.in_unit(abs(left)) if figure.unit else units.short(abs(left))
    return f"{shown} {'over' if left < 0 else 'left'}"


def _screen(checked: Checked, tone: Tone) -> list[Block]:
    """Return a line a figure; where budgets are not the specs' own, each says where it is written."""
    elsewhere = any(
        figure.source in {"pyproject", "flag", "target"} for spec in checked.specs for figure in spec.figures
    )
    columns = [column for column in _SCREEN if elsewhere or column.name != "from"]
    return [
        Table(columns, [line for spec in checked.specs for line in _lines(spec)]),
        Items(map(str, checked.all_troubles), "bad"),
        Items(notes(checked), "dim"),
        _fits(checked),
        Say(closest(checked)),
        Say(summary(checked), tone=tone),
    ]


def _fits(checked: Checked) -> Items:
    """Return a line for each network and each board that it is to fit."""
    several = len(checked.specs) > 1
    return fitting([(spec.name if several else "", spec.fits) for spec in checked.specs])


def _lines(spec: CheckedSpec) -> Iterator[tuple[str | Mark, ...]]:
    """Yield the lines of a terminal's table: the figures of a spec, or a word about it in the place of a figure."""
    name = spec.name or spec.file
    for one in spec.figures:
        place = f"line {one.line}" if one.file == spec.file else one.origin
        verdict = _WORDS.get(one.verdict, one.verdict)
        used = "" if one.used is None else units.percent(one.used)
        yield (name, one.figure, wanted(one), ours(one), used, headroom(one), verdict, Mark(place, "dim"))
    if spec.troubles or not spec.figures:
        word = Mark("ERRORS, see below", "alarm") if spec.troubles else Mark("nothing to compare", "dim")
        yield (name, word, *[""] * (len(_SCREEN) - 2))


def _all_figures(checked: Checked) -> list[Fold]:
    """Fold all figures, a hundred at a time, so that as many stay as a comment holds."""
    rows = [(spec, figure) for spec in checked.specs for figure in spec.figures]
    folds = []
    for first in range(0, len(rows), _FOLD):
        shown = rows[first : first + _FOLD]
        which = f"figures {first + 1} to {first + len(shown)} of {len(rows)}" if len(rows) > _FOLD else "all figures"
        folds.append(Fold(which, (Table(_COLUMNS, shown),)))
    return folds


def _findings(checked: Checked) -> Iterator[Finding]:
    yield from (_trouble(trouble, trouble.file) for trouble in checked.troubles)
    for spec in checked.specs:
        yield from (_figure(spec, figure, checked.allowed) for figure in spec.figures)
        yield from (_fit(spec, fit) for fit in spec.fits if fit.lacking)
        yield from (_trouble(trouble, spec.file) for trouble in spec.troubles)
        if not spec.figures and not spec.troubles:
            yield Finding("passed", spec.file, "nothing to compare", file=spec.file)


def _fit(spec: CheckedSpec, fit: Fit) -> Finding:
    """Return the finding of a board whose runtime lacks an operator; its memories are figures."""
    title = f"{spec.name}: {fit.runtime} lacks operators"
    return Finding("failure", spec.file, f"operators on {fit.target}", str(fit), "error", title, "missed", spec.file)


def _trouble(one: Trouble, group: str) -> Finding:
    return Finding(
        "error", group, one.message, one.message, "error", "costlens check", f"exit {one.exit_code}",
        one.file, one.line, one.column,
    )  # fmt: skip


def _figure(spec: CheckedSpec, figure: CheckedFigure, allowed: bool) -> Finding:
    place = "" if figure.source in {"expect", "budget"} else f" ({figure.origin})"
    uncounted = [f"not counted: {what}" for what in spec.uncounted] if figure.message else []
    unmeasured = "not measured, see the error" if _failed_to_time(spec) else BENCH
    outcome, level = _LET_PASS if allowed and figure.verdict == "inconclusive" else _ENDS[figure.verdict]
    unjudged = BASE if figure.verdict == "no base" else unmeasured
    message = "" if figure.verdict == "kept" else "\n".join([figure.message or unjudged, *uncounted])
    return Finding(
        outcome,
        spec.file,
        f"{figure.figure} {wanted(figure)}{place}",
        message if figure.file == spec.file or not message else f"{spec.file}: {message}",
        level,
        f"{spec.name}: {figure.figure} {figure.verdict}",
        figure.verdict,
        figure.file or spec.file,
        figure.line,
        figure.column,
    )


def _records(checked: Checked) -> Records:
    rows: list[tuple[Any, ...]] = [
        (
            *(spec.file, spec.name, one.figure, one.wanted, one.value, one.ours, one.used, one.left),
            *(one.verdict, one.complete, one.origin, one.base),
        )
        for spec in checked.specs
        for one in spec.figures
    ]
    return Records(("spec", "name", "figure", "wanted", *_FIGURES), rows)


def wanted(figure: CheckedFigure) -> str:
    """Write a published figure or a limit; a plain number as ours is written: 3751369 is 3,751,369; 3.7M stays."""
    grouped = units.grouped(figure.wanted)
    if grouped[-1:].isdigit():
        grouped = f"{grouped} {figure.unit}".rstrip()
    if figure.base is not None:
        grouped += f" of {figure.in_unit(figure.base) if figure.figure == TIME else units.exact(figure.base)}"
    return grouped if figure.published else f"≤ {grouped}"


def headroom(figure: CheckedFigure) -> str:
    """Write what a limit leaves, or by how much it is missed, with its unit."""
    if figure.left is None:
        return ""
    return f"{figure.in_unit(abs(figure.left))} {'over' if figure.left < 0 else 'left'}"


def closest(checked: Checked) -> str:
    """Name the limit that is missed by most, or else the one with the least headroom; nothing without limits."""
    limits = [(figure.used, spec, figure) for spec in checked.specs for figure in spec.figures]
    used = [(share, spec, figure) for share, spec, figure in limits if share is not None]
    if not used:
        return ""
    share, spec, figure = max(used, key=lambda each: each[0])
    about = f"{figure.figure} of {spec.name or spec.file}"
    if figure.over:
        return f"Furthest over its budget: {about}, by {figure.over}."
    return f"Closest to its budget: {about}, {units.percent(share)} used, {headroom(figure)}."


def ours(figure: CheckedFigure) -> str:
    """Write ours with its unit; a lower bound as one."""
    if figure.ours is None:
        return ""
    bound = "" if figure.complete else "≥ "
    number = f"{figure.ours:,.5g}" if isinstance(figure.ours, float) else f"{figure.ours:,}"
    return f"{bound}{number} {figure.unit}".rstrip()


def summary(checked: Checked) -> str:
    """Sum up in one line.

    >>> summary(Checked("costlens.check/1", 0, True, False, (CheckedSpec("a.yaml"), CheckedSpec("b.yaml"))))
    '2 specs, 0 figures: nothing to compare'
    """
    unmeasured = [f"{len(found)} not measured"] if (found := checked.having("not measured")) else []
    unmeasured += [f"{len(found)} without a base"] if (found := checked.having("no base")) else []
    figures = sum(
        figure.verdict not in _UNJUDGED and figure.ours is not None for spec in checked.specs for figure in spec.figures
    )
    said = [f"{len(found)} {verdict}" for verdict in _OPEN if (found := checked.having(verdict))]
    lacking = [fit for spec in checked.specs for fit in spec.fits if fit.lacking]
    said += [f"{len(lacking)} not supported by a board's runtime"] if lacking else []
    broken = [spec.file for spec in checked.specs if spec.troubles]
    said += [f"{units.plural(len(broken), noun(broken))} with errors"] if broken else []
    said += [f"errors in {file}" for file in dict.fromkeys(trouble.file for trouble in checked.troubles)]
    if not said:
        said = ["all hold"] if figures else [] if unmeasured else ["nothing to compare"]
    files = [spec.file for spec in checked.specs]
    count = f"{units.plural(len(files), noun(files))}, {units.plural(figures, 'figure')}"
    return f"{count}: {', '.join(said + unmeasured)}"


def notes(checked: Checked) -> list[str]:
    """Return what a reader must know of the figures: what was not compared, and on what times were measured."""
    said = [] if checked.own_knobs else [PUBLISHED_APART]
    unmeasured = checked.having("not measured") and not any(map(_failed_to_time, checked.specs))
    said += [BENCH] if unmeasured else []
    said += [BASE] if checked.having("no base") and not checked.base else checked.notes
    said += [f"{spec.name}: {one.message}" for spec, one in checked.having("no base") if one.message]
    return said + [_timing(spec.name, spec.timing) for spec in checked.specs if spec.timing]


def _failed_to_time(spec: CheckedSpec) -> bool:
    return bool(spec.name and spec.troubles)


def _timing(name: str, timing: Timing) -> str:
    low, high = timing.interval_ms
    return (
        f"{name}: median {timing.median_ms:.4g} ms [{low:.4g}, {high:.4g}] over "
        f"{units.plural(timing.processes, 'process', 'es')}; {timing.runtime} on {timing.device}, {timing.cpu}, "
        f"{units.plural(timing.threads, 'thread')}"
    )
