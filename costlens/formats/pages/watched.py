"""A network that is watched: its totals at each save, what moved since the last one and since the start."""

from collections.abc import Callable
from dataclasses import dataclass

from costlens.arithmetic import units
from costlens.formats.pages import _diff_columns as figures
from costlens.formats.pages import count
from costlens.formats.pages.count import CALLED
from costlens.formats.pages.diff import doubts, knob, remarks, shown_totals
from costlens.results.columns import COUNT, PERCENT, Column
from costlens.results.diff import SpecDiff, TotalDelta
from costlens.results.page import Block, Gap, Items, Page, Say, Table
from costlens.results.watched import Watched

_MOST_LAYERS = 20


@dataclass(frozen=True, slots=True)
class _Row:
    """A total, since the last save and since the start."""

    last: TotalDelta
    start: TotalDelta


def _of(which: str, write: Callable[[TotalDelta], str]) -> Callable[[_Row], str]:
    return lambda row: write(getattr(row, which))


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("figure", "", value=lambda row: CALLED[row.last.figure][0]),
    Column("now", "now", COUNT, lambda row: figures.side(row.last, "head")),
    Column("last", "Δ last save", COUNT, _of("last", figures.delta)),
    Column("last_share", "", PERCENT, _of("last", figures.share), priority=1),
    Column("start", "Δ start", COUNT, _of("start", figures.delta)),
    Column("start_share", "", PERCENT, _of("start", figures.share), priority=1),
)


def page(seen: Watched, at: str = "") -> Page:
    """Return the page of one save, which was seen at this time of the day."""
    title = " · ".join(filter(None, (at, seen.name)))
    if seen.count is None:
        problem = Items(seen.problem.splitlines(), "bad")
        return Page(title, [Gap(), Say(title, tone="strong"), problem, Say(answer(seen))])
    if seen.last is None or seen.start is None:
        return Page(title, [*count.summary([seen.count]), Say(f"Watching {', '.join(seen.files)}; Ctrl-C ends.")])
    return Page(title, [Gap(), *_changes(seen.last, seen.start, title), Say(answer(seen), tone="strong")])


def _changes(last: SpecDiff, start: SpecDiff, title: str) -> list[Block]:
    """Return the totals, and the layers that changed since the last save."""
    since_start = {total.figure: total for total in start.totals}
    figures_ = dict.fromkeys(total.figure for spec in (last, start) for total in shown_totals(spec))
    rows = [_Row(total, since_start[total.figure]) for total in last.totals if total.figure in figures_]
    lines = figures.layer_lines(last.changes)
    left = len(lines) - _MOST_LAYERS
    return [
        Table(_COLUMNS, rows, title),
        Table(figures.layer_columns(None, last.params_of), lines[:_MOST_LAYERS]),
        Say(f"and {units.plural(left, 'layer')} more" if left > 0 else "", tone="dim"),
        Items(remarks(last) if last.standing != "same_cost" else map(knob, last.knobs)),
        Items(doubts(last), "bad"),
    ]


def answer(seen: Watched) -> str:
    """Say in one sentence what moved since the last save, and since the start where that is something else."""
    if seen.count is None:
        return "Waiting for the next save."
    if seen.last is None or seen.start is None:
        return ""
    said = f"Since the last save {_moved(seen.last)}"
    return f"{said}; since the start {_moved(seen.start)}." if seen.last != seen.start else f"{said}."


def _moved(spec: SpecDiff) -> str:
    """Name the main totals that moved, each by its share.

    >>> _moved(SpecDiff("a.yaml", "", "a", "same_cost"))
    'no change in cost'
    """
    moved = [total for total in shown_totals(spec) if total.delta or not (total.sure or total.unknown)]
    return ", ".join(
        f"{CALLED[total.figure][0]} {figures.share(total) or figures.delta(total)}" for total in moved
    ) or ("no change in cost" if spec.standing == "same_cost" else "no total moved")
