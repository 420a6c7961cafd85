"""Budgets: how much of each limit is used, a panel a figure; a bar that passes the mark is over its limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.results.charts import Budgets, Used
from costlens.results.columns import PERCENT, Column
from costlens.results.page import Line, Table

title = "Budgets"
beside = True
_WIDTH, _ROW, _BAR = 300, 38, 10
_LETTER, _SHORTEST = 7.4, 8
_MUCH = 10.0
_MOST = 20
_FURTHEST = 2.0
"""A bar that is longer than so many limits is cut."""
_SIGNS = {"kept": ("✓", "c0"), "inconclusive": ("?", "c4")}
_OVER = ("✗", "alarm")


def says(data: Budgets) -> Sequence[Line]:
    """Say how many of the limits are exceeded, and what the mark is."""
    over = sum(each.verdict == "missed" for each in data.limits)
    said = f"{over} of {units.plural(len(data.limits), 'budget')} {'is' if over == 1 else 'are'} exceeded."
    return (said, "The mark is the whole budget.") if data.limits else ()


def panels(data: Budgets) -> Sequence[Panel]:
    """Return a drawing for each figure that is limited, with the limits that are used most."""
    limits = by_share(data)
    figures = dict.fromkeys(each.figure for each in data.limits)
    return [_panel(figure, [each for each in limits if each.figure == figure]) for figure in figures]


def _panel(figure: str, limits: Sequence[Used]) -> Panel:
    more = len(limits) - _MOST
    said = f"{more} more {'is' if more == 1 else 'are'} used less."
    return Panel(figure, partial(_drawing, limits[:_MOST]), said if more > 0 else "")


def table(data: Budgets) -> Table:
    """Return a row a limit, the one used most first."""
    return Table(
        [
            Column("name", "network"),
            Column("figure", "figure"),
            Column("limit", "limit"),
            Column("ours", "ours"),
            Column("share", "used", PERCENT),
            Column("left", "headroom"),
            Column("verdict", ""),
        ],
        by_share(data),
    )


def by_share(data: Budgets) -> list[Used]:
    """Return the limits, the one used most first."""
    return sorted(data.limits, key=lambda each: -each.share)


def _drawing(limits: Sequence[Used]) -> Drawing:
    x = Scale(0, min(_FURTHEST, max(1.0, *(each.share for each in limits))), 0, _WIDTH - 2)
    shapes = [shape for place, each in enumerate(limits) for shape in _bar(each, x, _ROW * place)]
    return Drawing(_WIDTH, _ROW * len(limits), shapes)


def _bar(used: Used, x: Scale, top: float) -> Iterator[Shape]:
    """Yield a bar with its name and its figures above it, and the mark that is the whole budget."""
    sign, style = _SIGNS.get(used.verdict, _OVER)
    share = units.percent(used.share) if used.share < _MUCH else f"{100 * used.share:,.0f}%"
    figures = f"{share} · {used.left}"
    room = max(_SHORTEST, int(_WIDTH / _LETTER) - len(figures) - 3)
    name = used.name if len(used.name) <= room else f"{used.name[: room - room // 2 - 1]}…{used.name[-(room // 2) :]}"
    said = f"{used.name}: {used.ours} of {used.limit}, {units.percent(used.share)} used, {used.verdict}"
    yield Words(0, top + 10, f"{sign} {name}", "alarm" if style == "alarm" else "")
    yield Words(_WIDTH, top + 10, figures, "bold", "end")
    yield Boxes([(0, top + 19, x(1), _BAR)], "track")
    yield Mark(said, [Boxes([(0, top + 19, max(1.0, x(min(used.share, x.high))), _BAR)], style)], "", "hit")
    yield Rule([(x(1), top + 16), (x(1), top + 32)], "ink", 2)
