"""What grew and what shrank: a bar for each thing that changed, to the right where it grew, the largest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.results.charts import Change, Changes
from costlens.results.columns import COUNT, Column, Unit
from costlens.results.page import Line, Table

title = "What grew, what shrank"
beside = False
_WIDTH, _DELTA, _LEFT, _RIGHT, _ROW, _BAR, _TOP = 860, 284, 300, 130, 26, 14, 6
_LONGEST = 28
_MOST = 24
"""Bars of one drawing; the changes that are smaller are one line together."""
_GREW, _SHRANK = "c1", "c0"


def says(data: Changes) -> Sequence[Line]:
    """Return nothing: each drawing has its own sentence."""
    return ()


def panels(data: Changes) -> Sequence[Panel]:
    """Return a drawing for each figure that changed somewhere."""
    moved = {figure: by_size(changes) for figure, changes in data.figures.items()}
    return [
        Panel(figure, partial(_drawing, figure, changes), _said(figure, changes, data.of))
        for figure, changes in moved.items()
        if changes
    ]


def table(data: Changes) -> Table:
    """Return a row a change, the largest first."""
    rows = [(figure, each) for figure, changes in data.figures.items() for each in by_size(changes)]
    figure: Column[tuple[str, Change]] = Column("figure", "figure", value=lambda row: row[0])
    return Table(
        [
            Column("name", data.of, value=lambda row: row[1].name),
            *([figure] if len({name for name, _ in rows}) > 1 else []),
            Column("what", "", value=lambda row: row[1].what),
            Column("base", "base", COUNT, lambda row: row[1].base),
            Column("head", "head", COUNT, lambda row: row[1].head),
            Column("delta", "Δ", Unit(signed), lambda row: row[1].delta),
        ],
        rows,
    )


def by_size(changes: Sequence[Change]) -> list[Change]:
    """Return what changed, the largest change first whatever its sign."""
    return sorted((each for each in changes if each.delta), key=lambda each: -abs(each.delta))


def signed(value: int) -> str:
    """Write a difference with its sign.

    >>> signed(1234), signed(-5)
    ('+1,234', '−5')
    """
    return f"{'+' if value > 0 else '−'}{abs(value):,}"


def _said(figure: str, changes: Sequence[Change], of: str) -> str:
    """Say how much grew, how much shrank, and what that comes to."""
    said = []
    for word, found in (("grew", [c for c in changes if c.delta > 0]), ("shrank", [c for c in changes if c.delta < 0])):
        if found:
            said.append(f"{units.plural(len(found), of)} {word} by {units.short(abs(sum(c.delta for c in found)))}")
    total = sum(each.delta for each in changes)
    sign = "+" if total > 0 else "−"
    together = f"; together {sign}{units.short(abs(total))}" if len(said) > 1 else ""
    return f"{figure}: {', '.join(said)}{together}."


def _drawing(figure: str, changes: Sequence[Change]) -> Drawing:
    shown, others = list(changes[:_MOST]), changes[_MOST:]
    if others:
        shown.append(Change(f"{len(others)} others", None, sum(each.delta for each in others)))
    least, most = min(0, *(each.delta for each in shown)), max(0, *(each.delta for each in shown))
    x = Scale(least, most, _LEFT, _WIDTH - _RIGHT)
    shapes: list[Shape] = []
    for place, each in enumerate(shown):
        alone = bool(others) and place == len(shown) - 1
        shapes += _bar(figure, each, x, _TOP + _ROW * place, alone=alone)
    high = _TOP + _ROW * len(shown)
    return Drawing(_WIDTH, high + 4, [*shapes, Rule([(x(0), 0), (x(0), high)], "soft")])


def _bar(figure: str, change: Change, x: Scale, top: float, *, alone: bool) -> Iterator[Shape]:
    """Yield a bar, its name and change at its left, what it was and is at its right; ``alone`` was nothing."""
    middle = top + _ROW / 2 - 2
    ends = sorted((x(0), x(change.delta)))
    sides = [units.short(side) if side is not None else "" for side in (change.base, change.head)]
    became = "new" if change.base is None else "gone" if change.head is None else " → ".join(sides)
    name = change.name if len(change.name) <= _LONGEST else f"{change.name[:14]}…{change.name[-13:]}"
    said = f"{change.name}: {figure} {signed(change.delta)}" + ("" if alone else f" ({became})")
    box = Boxes([(ends[0], middle - _BAR / 2, max(1.0, ends[1] - ends[0]), _BAR)],
                _GREW if change.delta > 0 else _SHRANK)  # fmt: skip
    yield Mark("\n".join(filter(None, (said, change.what))), [box], "", "hit")
    yield Words(0, middle, name, "soft" if alone else "")
    yield Words(_DELTA, middle, signed(change.delta), "bold", "end")
    if not alone:
        yield Words(_WIDTH - _RIGHT + 12, middle, became, "soft")
