"""The history: its runs, one of them with what it found, and two of them figure by figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from costlens.arithmetic.units import bytes_, count, milliseconds, plural
from costlens.results.columns import EXACT, MS, TEXT, TIMES, WORD, Column, Unit
from costlens.results.counts import in_bytes
from costlens.results.history import KNOWN, LISTED, TIME, Entry, History, Recorded, StoredRun, labels
from costlens.results.history_change import HistoryChange
from costlens.results.history_diff import ChangedFigure, HistoryDiff
from costlens.results.page import Block, Items, Page, Records, Say, Table, together
from costlens.results.run import Run

_NAMES, _SKIPPED = 3, 10
_ENTRY = (
    "name", "knobs", "variant", "digest", "examples", "runtime", "device", "threads", "batch", "precision", "statistic",
    "fingerprint", "machine",
)  # fmt: skip
_FIGURES = (*KNOWN, "low_ms", "high_ms", "confidence", "too_noisy")
RECORDED = ("run", "at", "recorded", "command", "commit", "dirty", "costlens", "exit_code", *_ENTRY, *_FIGURES)
"""The columns of a table for machines: a row a network of a run."""


def when(at: datetime) -> str:
    """Write a time in UTC.

    >>> when(datetime(2026, 3, 1, 9, 5))
    '2026-03-01 09:05'
    """
    return at.strftime("%Y-%m-%d %H:%M")


def _networks(run: Recorded) -> str:
    called = list(dict.fromkeys(labels(run.entries).values()))
    more = len(called) - _NAMES
    return ", ".join(called[:_NAMES]) + (f" and {more:,} more" if more > 0 else "")


def _variants(run: Recorded) -> str:
    found = list(dict.fromkeys(one.variant for one in run.entries if one.variant))
    return found[0] if len(found) == 1 else f"{len(found):,} variants" if found else ""


def _sole(run: Recorded, figure: str) -> Any:
    """Return a figure of a run of a single network."""
    return run.entries[0].figure(figure) if len(run.entries) == 1 else None


_COLUMNS: tuple[Column[Recorded], ...] = (
    Column("run", "run", EXACT, "number"),
    Column("at", "time (UTC)", WORD, lambda run: when(run.at)),
    Column("command", "command", WORD, priority=1),
    Column("networks", "networks", TEXT, _networks),
    Column("variant", "variant", TEXT, _variants, priority=2),
    Column("macs", "MACs", Unit(count), lambda run: _sole(run, "macs"), priority=3),
    Column("latency", "latency", MS, lambda run: _sole(run, TIME), priority=2),
    Column("commit", "commit", WORD, "commit_shown", priority=2),
    Column("exit_code", "exit", EXACT, lambda run: run.exit_code or None),
)
CHOICES = _COLUMNS
"""The columns that a reader can choose."""


def page(found: History) -> Page:
    """Return the page of runs."""
    older = "; --last and --since show older ones" if len(found.runs) == LISTED < found.total else ""
    answer = f"{plural(len(found.runs), 'run')} of {found.total:,} in {found.database}{older}."
    if not found.runs:
        answer = f"None of {plural(found.total, 'run')} in {found.database} is such a run."
    dirty = any(run.dirty for run in found.runs)
    blocks: list[Block] = [
        Table(_COLUMNS, found.runs),
        Items(["+: files differed from the commit." if dirty else ""], "dim"),
    ]
    said = Say(answer, tone="strong")
    records = Records(RECORDED, [row for run in found.runs for row in records_of(run)])
    return Page("History", [said, *blocks], found, 1, [*blocks, said], records=records, summary=answer)


def records_of(run: Recorded) -> list[Sequence[Any]]:
    """Return a row for each network of a run."""
    own = (run.number, run.at.isoformat(), run.recorded.isoformat(), run.command, run.commit, _yes(run.dirty))
    return [
        (*own, run.costlens, run.exit_code, *(getattr(one, name) for name in _ENTRY), *_figures(one))
        for one in run.entries
    ]


def _figures(entry: Entry) -> list[Any]:
    known = [entry.figure(name) for name in KNOWN]
    noisy = _yes(entry.too_noisy) if entry.latency_ms is not None else None
    return [*known, entry.low_ms, entry.high_ms, entry.confidence, noisy]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def heading(run: Recorded) -> str:
    """Say which run it is, where it comes from and how it ended."""
    commit = f", commit {run.commit_shown}" if run.commit else ""
    machines = sorted({f"{one.machine} ({one.fingerprint})" for one in run.entries if one.fingerprint})
    ended = "" if run.accepted else f"; it ended with exit code {run.exit_code}"
    return (
        f"Run {run.number}: {run.command} of {when(run.at)} UTC{commit}, costlens {run.costlens}"
        f"{''.join(f'; {machine}' for machine in machines)}{ended}"
    )


def with_heading(run: Recorded, shown: Page) -> Page:
    """Return the page of a run's result, which says of which run it is."""
    said = Say(heading(run), tone="dim")
    screen = shown.blocks if shown.screen is None else shown.screen
    brief = None if shown.brief is None else [said, *shown.brief]
    return replace(shown, blocks=[said, *shown.blocks], screen=[*screen, said], brief=brief)


def written(figure: str, value: float | None) -> str:
    """Write a figure in its unit.

    >>> written("macs", 1200), written("weight_bytes", 2048), written("latency_ms", 1.5), written("macs", None)
    ('1,200', '2.0 KiB', '1.5 ms', '')
    """
    if value is None:
        return ""
    if figure == TIME:
        return milliseconds(value)
    return bytes_(value) if in_bytes(figure) else f"{value:,.0f}"


_CHANGED: tuple[Column[ChangedFigure], ...] = (
    Column("network", "network", TEXT, "network"),
    Column("figure", "figure", WORD),
    Column("before", "before", Unit(str), lambda one: written(one.figure, one.before)),
    Column("after", "after", Unit(str), lambda one: written(one.figure, one.after)),
    Column("ratio", "after ÷", TIMES),
)
DIFF_CHOICES = _CHANGED
"""The columns of a difference that a reader can choose."""


def difference(found: HistoryDiff) -> Page:
    """Return the page of two runs: the figures that differ, and how many are equal."""
    changed = [one for one in found.figures if one.changed]
    same = len(found.figures) - len(changed)
    figures = f"{plural(len(changed), 'figure')} of {len(found.figures):,} differ{'s' if len(changed) == 1 else ''}"
    answer = f"{figures} between run {found.before.number} and run {found.after.number}."
    if not changed:
        answer = f"All {plural(same, 'figure')} are equal in run {found.before.number} and run {found.after.number}."
    blocks: list[Block] = [
        Items([heading(found.before), heading(found.after)], "dim"),
        Table(_CHANGED, changed),
        Items(found.notes, "warn"),
        Say(answer, tone="strong"),
    ]
    names = tuple(column.name for column in _CHANGED)
    rows = [(one.network, one.figure, one.before, one.after, one.ratio) for one in found.figures]
    return Page("Two runs", blocks, found, 1, blocks, records=Records(names, rows), summary=answer)


_MOVED: tuple[Column[HistoryChange], ...] = (
    Column("database", "history", TEXT),
    Column("runs", "runs", EXACT, lambda change: len(change.runs)),
    Column("known", "there already", EXACT, lambda change: change.known or None),
    Column("skipped", "left out", EXACT, lambda change: len(change.skipped) or None),
    Column("total", "holds", EXACT),
)


def changed(found: HistoryChange) -> Page:
    """Return the page of runs that were imported, exported or removed."""
    number = f"{plural(len(found.runs), 'run')}"
    known = (
        f"; {plural(found.known, 'run')} {'was' if found.known == 1 else 'were'} there already" if found.known else ""
    )
    answer = {
        "imported": f"{number} imported{known}; {found.database} holds {found.total:,}.",
        "exported": f"{number} of {found.total:,} written to {found.file}.",
        "pruned": f"{number} removed; {found.database} holds {found.total:,}.",
    }[found.what]
    more = len(found.skipped) - _SKIPPED
    lines = [f"{one.name}: {one.reason}" for one in found.skipped[:_SKIPPED]]
    rest = f"and {plural(more, 'more file')}" if more > 0 else ""
    left = (
        f"{plural(len(found.skipped), 'file')} left out, which hold{'s' if len(found.skipped) == 1 else ''} no result:"
    )
    blocks: list[Block] = [
        Table(_MOVED, [found]),
        Say(left if found.skipped else "", tone="dim"),
        Items([*lines, rest], "dim"),
        Say(answer, tone="strong"),
    ]
    records = Records(("run",), [(number,) for number in found.runs])
    return Page("History", blocks, found, 1, blocks, records=records, summary=answer)


def stored(found: StoredRun) -> Page:
    """Return the page of a run: that of what it kept, or its figures where that has none."""
    from costlens.formats._shown import page_of

    made = [
        replace(shown, document=one)
        for one in found.results
        if (shown := page_of(one.latency if isinstance(one, Run) else one)) is not None
    ]
    if not made:
        blocks = [Table(_COLUMNS, [found.run])]
        made = [
            Page(f"Run {found.run.number}", blocks, found.results[0] if len(found.results) == 1 else [*found.results])
        ]
    whole = made[0] if len(made) == 1 else together(made, f"Run {found.run.number}")
    return with_heading(found.run, whole)
