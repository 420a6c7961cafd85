"""Specs beside their published figures and budgets: what is missed, and everything that was compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic import units
from costlens.errors import InconclusiveError
from costlens.results.check import Checked, CheckedFigure, CheckedSpec, Timing, Trouble, Verdict
from costlens.results.columns import COUNT, WORD, Column
from costlens.results.page import (
    Block,
    Finding,
    Fold,
    Items,
    Level,
    Line,
    Mark,
    Outcome,
    Page,
    Records,
    Say,
    Style,
    Table,
    Tone,
)

_OPEN: tuple[Verdict, ...] = ("missed", "partial", "inconclusive")
_WORDS = {"kept": "ok", "missed": "MISSED"}
"""Verdicts as a terminal writes them; the others are written as they are."""
_STYLES: dict[str, Style] = {"missed": "alarm", "partial": "alarm", "inconclusive": "warn", "kept": "good"}
_MARKS: dict[str, Line] = {
    "kept": "✓",
    "missed": ("✗ ", Mark("missed")),
    "partial": ("✗ ", Mark("partial")),
    "inconclusive": ("? ", Mark("inconclusive")),
}
_OUTCOMES: dict[Verdict, Outcome] = {
    "kept": "passed",
    "missed": "failure",
    "partial": "failure",
    "inconclusive": "failure",
    "not measured": "skipped",
}
_MOST, _FOLD = 50, 100
"""Lines of the table of what is wrong and of the lists below it, and of one fold of all figures."""
PUBLISHED_APART = "with --set or ?knob=value only budgets: published figures are of a spec's own knobs"
BENCH = "a time is compared with --bench only"


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the terminal's table: a figure of a spec, or a word about the spec."""

    spec: CheckedSpec
    figure: CheckedFigure | None = None
    word: Mark | None = None


_Row = tuple[CheckedSpec, CheckedFigure]
_COLUMNS: tuple[Column[_Row], ...] = (
    Column("spec", "network", value=lambda row: row[0].name, priority=0),
    Column("figure", "figure", value=lambda row: row[1].figure),
    Column("wanted", "wanted", COUNT, lambda row: wanted(row[1])),
    Column("ours", "ours", COUNT, lambda row: ours(row[1])),
    Column("verdict", "", value=lambda row: _MARKS.get(row[1].verdict, row[1].verdict)),
    Column("origin", "written in", value=lambda row: Mark(row[1].origin, "code")),
)
_SCREEN: tuple[Column[_Line], ...] = (
    Column("spec", "spec", value=lambda line: line.spec.name or line.spec.file),
    Column("figure", "figure", WORD, lambda line: line.figure.figure if line.figure else line.word),
    Column("wanted", "expected", COUNT, lambda line: line.figure and wanted(line.figure)),
    Column("ours", "ours", COUNT, lambda line: line.figure and ours(line.figure)),
    Column("verdict", "", WORD, lambda line: line.figure and _word(line.figure)),
    Column("from", "from", value=lambda line: line.figure and Mark(_from(line.spec, line.figure), "dim"), priority=1),
)


def page(checked: Checked) -> Page:
    """Return the page of a check: what is wrong in a table, the rest folded; a terminal shows a line a figure."""
    wrong = checked.having("missed", "partial", "inconclusive")
    blocks: list[Block] = [
        Say(f"{summary(checked)}."),
        Table(_COLUMNS, wrong[:_MOST]),
        Say(f"and {units.plural(len(wrong) - _MOST, 'figure')} more" if len(wrong) > _MOST else ""),
        Items([*_not_counted(wrong), *notes(checked)]),
        *_errors(checked.all_troubles),
        *_all_figures(checked),
    ]
    state = {0: "✓", InconclusiveError.exit_code: "?"}.get(checked.exit_code, "✗")
    return Page(
        f"{state} Budgets and published figures",
        blocks,
        checked,
        level=3,
        screen=_screen(checked),
        findings=[*_findings(checked)],
        records=_records(checked),
        summary=summary(checked),
        name="costlens check",
    )


def _screen(checked: Checked) -> list[Block]:
    """Return a line a figure; where budgets are not the specs' own, each says where it is written."""
    elsewhere = any(figure.source in {"pyproject", "flag"} for spec in checked.specs for figure in spec.figures)
    columns = [column for column in _SCREEN if elsewhere or column.name != "from"]
    tones: dict[int, Tone] = {0: "strong", InconclusiveError.exit_code: "warn"}
    return [
        Table(columns, [line for spec in checked.specs for line in _lines(spec)]),
        Items(map(str, checked.all_troubles), "bad"),
        Items(notes(checked), "dim"),
        Say(summary(checked), tone=tones.get(checked.exit_code, "alarm")),
    ]


def _lines(spec: CheckedSpec) -> Iterator[_Line]:
    yield from (_Line(spec, figure) for figure in spec.figures)
    if spec.troubles:
        yield _Line(spec, word=Mark("ERRORS, see below", "alarm"))
    elif not spec.figures:
        yield _Line(spec, word=Mark("nothing to compare", "dim"))


def _word(figure: CheckedFigure) -> Mark:
    return Mark(_WORDS.get(figure.verdict, figure.verdict), _STYLES.get(figure.verdict, ""))


def _from(spec: CheckedSpec, figure: CheckedFigure) -> str:
    return f"line {figure.line}" if figure.file == spec.file else figure.origin


def _not_counted(wrong: Sequence[_Row]) -> list[str]:
    lacking = dict.fromkeys((spec.name, what) for spec, _ in wrong for what in spec.uncounted)
    return [f"{name}: not counted: {what}" for name, what in list(lacking)[:_MOST]]


def _errors(troubles: Sequence[Trouble]) -> list[Block]:
    lines: list[Line] = [Mark(str(trouble), "code") for trouble in troubles[:_MOST]]
    more = f"and {len(troubles) - _MOST} more" if len(troubles) > _MOST else ""
    return [Say("Errors", tone="strong"), Items([*lines, more])] if troubles else []


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
        yield from (_trouble(trouble, spec.file) for trouble in spec.troubles)
        if not spec.figures and not spec.troubles:
            yield Finding("passed", spec.file, "nothing to compare", file=spec.file)


def _trouble(one: Trouble, group: str) -> Finding:
    return Finding(
        "error", group, one.message, one.message, "error", "costlens check", f"exit {one.exit_code}",
        one.file, one.line, one.column,
    )  # fmt: skip


def _figure(spec: CheckedSpec, figure: CheckedFigure, allowed: bool) -> Finding:
    passes = allowed and figure.verdict == "inconclusive"
    place = "" if figure.source in {"expect", "budget"} else f" ({figure.origin})"
    uncounted = [f"not counted: {what}" for what in spec.uncounted] if figure.message else []
    levels: dict[Verdict, Level] = {"kept": "", "not measured": "notice"}
    message = "" if figure.verdict == "kept" else "\n".join([figure.message or unmeasured(spec), *uncounted])
    return Finding(
        "skipped" if passes else _OUTCOMES[figure.verdict],
        spec.file,
        f"{figure.figure} {wanted(figure)}{place}",
        message if figure.file == spec.file or not message else f"{spec.file}: {message}",
        levels.get(figure.verdict, "warning" if passes else "error"),
        f"{spec.name}: {figure.figure} {figure.verdict}",
        figure.verdict,
        figure.file or spec.file,
        figure.line,
        figure.column,
    )


def _records(checked: Checked) -> Records:
    rows: list[tuple[Any, ...]] = [
        (spec.file, spec.name, one.figure, one.wanted, one.value, one.ours, one.verdict, one.complete, one.origin)
        for spec in checked.specs
        for one in spec.figures
    ]
    return Records(("spec", "name", "figure", "wanted", "value", "ours", "verdict", "complete", "origin"), rows)


def wanted(figure: CheckedFigure) -> str:
    """Write a published figure or a limit; a plain number as ours is written: 3751369 is 3,751,369; 3.7M stays."""
    written = figure.wanted
    grouped = f"{int(written):,}" if written.isascii() and written.isdigit() else written
    return grouped if figure.published else f"≤ {grouped}"


def ours(figure: CheckedFigure) -> str:
    """Write ours; a lower bound as one."""
    if figure.ours is None:
        return ""
    bound = "" if figure.complete else "≥ "
    return f"{bound}{figure.ours:,.5g}" if isinstance(figure.ours, float) else f"{bound}{figure.ours:,}"


def summary(checked: Checked) -> str:
    """Sum up in one line.

    >>> summary(Checked("costlens.check/1", 0, True, False, (CheckedSpec("a.yaml"), CheckedSpec("b.yaml"))))
    '2 specs, 0 figures: nothing to compare'
    """
    unmeasured = [f"{len(found)} not measured"] if (found := checked.having("not measured")) else []
    figures = sum(spec.compared for spec in checked.specs)
    said = [f"{len(found)} {verdict}" for verdict in _OPEN if (found := checked.having(verdict))]
    broken = sum(bool(spec.troubles) for spec in checked.specs)
    said += [f"{units.plural(broken, 'spec')} with errors"] if broken else []
    said += [f"errors in {file}" for file in dict.fromkeys(trouble.file for trouble in checked.troubles)]
    if not said:
        said = ["all hold"] if figures else [] if unmeasured else ["nothing to compare"]
    count = f"{units.plural(len(checked.specs), 'spec')}, {units.plural(figures, 'figure')}"
    return f"{count}: {', '.join(said + unmeasured)}"


def notes(checked: Checked) -> list[str]:
    """Return what a reader must know of the figures: what was not compared, and on what times were measured."""
    said = [] if checked.own_knobs else [PUBLISHED_APART]
    timed = [_timing(spec.name, spec.timing) for spec in checked.specs if spec.timing]
    said += [BENCH] if checked.having("not measured") and not any(map(_failed_to_time, checked.specs)) else []
    return said + timed


def unmeasured(spec: CheckedSpec) -> str:
    """Say why a spec's time is not known."""
    return "not measured, see the error" if _failed_to_time(spec) else BENCH


def _failed_to_time(spec: CheckedSpec) -> bool:
    return bool(spec.name and spec.troubles)


def _timing(name: str, timing: Timing) -> str:
    low, high = timing.interval_ms
    return (
        f"{name}: median {timing.median_ms:.4g} ms [{low:.4g}, {high:.4g}] over "
        f"{units.plural(timing.processes, 'process', 'es')}; {timing.runtime} on {timing.device}, {timing.cpu}, "
        f"{units.plural(timing.threads, 'thread')}"
    )
