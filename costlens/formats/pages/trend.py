"""A trend: each series as a line of blocks with its ends, the changes of its level, and as a chart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from costlens.analysis.levels import LEAST_RUNS, THRESHOLD
from costlens.arithmetic.units import percent, plural
from costlens.formats.pages.history import when, written
from costlens.results.charts import Trends
from costlens.results.columns import EXACT, TEXT, WORD, Column, Unit
from costlens.results.history import TIME
from costlens.results.page import Block, Chart, Items, Page, Records, Say, Table
from costlens.results.trend import Level, Series, Trend

_BLOCKS = "▁▂▃▄▅▆▇█"
_LONGEST = 30
_DRAWN, _LISTED, _CHANGES = 12, 40, 20


def sparkline(values: Sequence[float], most: int = _LONGEST) -> str:
    """Draw values as blocks from the least to the largest; of more than ``most`` neighbours are one, their median.

    >>> sparkline([1, 2, 3, 8]), sparkline([5, 5])
    ('▁▂▃█', '▄▄')
    """
    if len(values) > most:
        ends = [round(place * len(values) / most) for place in range(most + 1)]
        values = [median(values[one:other]) for one, other in pairwise(ends)]
    least, largest = min(values), max(values)
    if least == largest:
        return _BLOCKS[3] * len(values)
    steps = len(_BLOCKS) - 1
    return "".join(_BLOCKS[round((value - least) / (largest - least) * steps)] for value in values)


def _ratio(series: Series) -> str:
    first, last = series.points[0].value, series.points[-1].value
    return change(last / first) if first and len(series.points) > 1 else ""


def change(ratio: float) -> str:
    """Write a ratio as a change in percent.

    >>> change(1.125), change(1.0), change(0.5)
    ('+12.5%', '0.0%', '−50.0%')
    """
    share = ratio - 1
    sign = "+" if share > 0 else "−" if share < 0 else ""
    return f"{sign}{percent(abs(share))}"


def columns(figure: str, machines: int = 1) -> tuple[Column[Series], ...]:
    """Return the columns of the table of series of a figure."""
    amount = Unit(lambda value: written(figure, value))
    return (
        Column("network", "network", TEXT, "label"),
        Column("condition", "condition", TEXT, priority=2),
        Column("fingerprint", "machine", WORD, priority=int(machines <= 1)),
        Column("runs", "runs", EXACT, lambda one: len(one.points)),
        Column("first", "first", amount, lambda one: one.points[0].value, priority=1),
        Column("last", "last", amount, lambda one: one.points[-1].value),
        Column("change", "change", Unit(str), _ratio),
        Column("levels", "changes", EXACT, lambda one: len(one.levels) or None, priority=1),
        Column("trend", "trend", WORD, lambda one: sparkline([point.value for point in one.points])),
    )


CHOICES = columns(TIME)
"""The columns that a reader can choose."""


def page(found: Trend) -> Page:
    """Return the page of a trend; series of a single run are told by their number where there are others."""
    several = [one for one in found.series if len(one.points) > 1]
    shown = (several or found.series)[:_LISTED]
    answer = _answer(found)
    said, all_columns = Say(answer, tone="strong"), columns(found.figure, found.machines)
    lists: list[Block] = [
        Items(_changes(found)),
        Items([*_machines(found), *found.left_out, *_not_shown(found, shown), _method(found)], "dim"),
    ]
    charts = [Chart("trend", Trends(one, found.figure)) for one in shown[:_DRAWN] if len(one.points) > 1]
    blocks = [said, Table(all_columns[:-1], shown), *lists, *charts]  # a chart says more than a line of blocks
    return Page(
        f"Trend of {found.figure}",
        blocks,
        found,
        1,
        screen=[Table(all_columns, shown), *lists, said],
        records=_records(found),
        summary=answer,
        brief=[said, Table(all_columns, shown), *lists],
    )


def _answer(found: Trend) -> str:
    if not found.series:
        return f"No run in {found.database} has this figure of these networks."
    runs = sum(len(one.points) for one in found.series)
    changes = sum(len(one.levels) for one in found.series)
    level = f"{plural(changes, 'change')} of level" if changes else "no change of level"
    return f"{found.figure} in {plural(runs, 'run')} of {len(found.series):,} series: {level}."


def _changes(found: Trend) -> list[str]:
    """Say where levels change, the newest first."""
    all_ = [(one, level) for one in found.series for level in one.levels]
    all_.sort(key=lambda each: each[0].points[each[1].place].at, reverse=True)
    more = len(all_) - _CHANGES
    rest = f"and {plural(more, 'older change')}: --format json writes all." if more > 0 else ""
    return [*(changed(one, level, found.figure) for one, level in all_[:_CHANGES]), rest]


def changed(series: Series, level: Level, figure: str) -> str:
    """Say when, at which commit and by how much a level changed."""
    point, last = series.points[level.place], series.points[level.place - 1]
    commit = f" at {point.commit}" if point.commit and point.commit != last.commit else ""
    by = f" ({change(level.ratio)})" if level.ratio else ""
    same = ", with the same files" if point.digest and point.digest == last.digest else ""
    return (
        f"{series.label}: {written(figure, level.before)} → {written(figure, level.after)}{by} "
        f"since {when(point.at)}{commit}, run {point.run}{same}"
    )


def _machines(found: Trend) -> list[str]:
    """Say which machines there are where there are several: their times are never one series."""
    named = {one.fingerprint: one.machine for one in found.series if one.fingerprint}
    if len(named) < 2:  # noqa: PLR2004  # one is not compared with anything
        return [f"{machine}: {fingerprint}." for fingerprint, machine in named.items()]
    listed = ", ".join(f"{fingerprint} is {machine}" for fingerprint, machine in sorted(named.items()))
    return [f"Times of {len(named)} machines or runtimes are not compared with each other: {listed}."]


def _not_shown(found: Trend, shown: Sequence[Series]) -> list[str]:
    more = len(found.series) - len(shown)
    several = [one for one in shown if len(one.points) > 1]
    undrawn = len(several) - _DRAWN
    return [
        f"{plural(more, 'further series', '')} of fewer runs: name a network, or --format csv." if more > 0 else "",
        f"Charts are of the first {_DRAWN}." if undrawn > 0 else "",
    ]


def _method(found: Trend) -> str:
    if found.figure != TIME or not any(len(one.points) > 1 for one in found.series):
        return ""
    return (
        f"A level of times has {LEAST_RUNS} runs at least and differs by {percent(THRESHOLD)} or more: docs/history.md."
    )


def _records(found: Trend) -> Records:
    names = ("network", "variant", "condition", "fingerprint", "run", "at", "commit", "digest", "value", "low", "high",
             "level")  # fmt: skip
    rows = []
    for one in found.series:
        starts = {level.place for level in one.levels}
        level = 1
        for place, point in enumerate(one.points):
            level += place in starts
            rows.append((one.network, one.variant, one.condition, one.fingerprint, point.run, point.at.isoformat(),
                         point.commit, point.digest, point.value, point.low, point.high, level))  # fmt: skip
    return Records(names, rows)
