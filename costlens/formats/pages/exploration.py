"""An exploration: the front as a table, how many points there are of which sort, and why some cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from costlens.arithmetic.units import plural
from costlens.results.columns import BYTES, COUNT, EXACT, ONE_DECIMAL, Column, Unit
from costlens.results.counts import FIGURES, Totals, in_bytes
from costlens.results.exploration import KIND, Exploration, ExploredPoint, counted
from costlens.results.page import Block, Items, Page, Records, Say, Table

_Row = tuple[int, ExploredPoint]
_SHOWN, _REASONS = 40, 5
_HEADERS = {
    "macs": "MACs", "flops": "FLOPs", "weight_bytes": "weights", "weight_bytes_int8": "weights int8",
    "peak_activation_bytes": "peak activations", "peak_activation_bytes_int8": "peak int8", "traffic_bytes": "traffic",
    "arena_bytes": "arena", "arena_bytes_int8": "arena int8", "flash_bytes": "flash",
    "deployed_params": "deployed", "non_trainable": "non-trainable",
}  # fmt: skip
_FIGURES = tuple(each.name for each in fields(Totals))
_FIRST = ("macs", "params", "weight_bytes", "weight_bytes_int8", "peak_activation_bytes")
"""The figures that a table shows, in the order in which narrow terminals drop them from the end."""
_PLANNED = ("arena_bytes", "flash_bytes")
"""Figures that are shown behind these, the arena where it was planned."""
_VALUE = Unit(str, numeric=True)


def _of_axis(name: str, place: int) -> Column[_Row]:
    header = name.removeprefix(KIND) if name.startswith(KIND) else name
    unit = Unit(str, numeric=False) if name.startswith(KIND) else _VALUE
    return Column(name, header, unit, lambda row: row[1].values[place])


def _of_figure(name: str, priority: int) -> Column[_Row]:
    unit = BYTES if in_bytes(name) else ONE_DECIMAL if name == "intensity" else COUNT
    return Column(name, _HEADERS.get(name, name), unit, _read(name), priority)


def _read(name: str) -> Callable[[_Row], Any]:
    return lambda row: getattr(row[1].totals, name, None)


_NUMBER: Column[_Row] = Column("point", "point", EXACT, lambda row: row[0])
CHOICES = (_NUMBER, *(_of_figure(name, 0) for name in _FIGURES))
"""The columns that a reader can choose; those of knobs and kinds always stay."""


def page(found: Exploration) -> Page:
    """Return the page of an exploration: its front by the first figure that it is of."""
    heading = f"{found.title or found.name}: explore"
    answer = _answer(found)
    blocks: list[Block] = [
        _table(found),
        Items(_left_out(found), "dim"),
        Items([*_sorts(found), *_constant(found)], "dim"),
        Items(_reasons(found), "warn"),
    ]
    said = Say(answer, tone="strong")
    screen = [Say(heading, tone="strong"), *blocks, said]
    records = Records(_recorded(found), _Rows(found))
    return Page(heading, [said, *blocks], found, 1, screen, records=records, summary=answer)


def _answer(found: Exploration) -> str:
    named = " and ".join(axis.written for axis in found.front_of)
    points, networks = len(found.points), counted(found.points)
    of = f"{plural(networks, 'different network')} at {plural(points, 'point')}"
    if not networks:
        return f"None of {plural(points, 'point')} is a network."
    if not found.front:
        return f"None of the {of} keeps {' and '.join(found.where)}."
    are = "is" if len(found.front) == 1 else "are"
    kept = f", of those that keep {' and '.join(found.where)}" if found.where else ""
    return f"{len(found.front):,} of {of} {are} on the front of {named}{kept}."


def _table(found: Exploration) -> Table:
    """Return the front, the figures that it is of in front; the points of one first figure by the second, and so on."""
    own = [FIGURES[axis.name] for axis in found.front_of if axis.name in FIGURES]
    planned = [name for name in _PLANNED if any(point.totals and getattr(point.totals, name) for point in found.points)]
    names = list(dict.fromkeys((*own, *_FIRST, *planned)))
    figures = [_of_figure(name, max(0, place + 1 - len(own))) for place, name in enumerate(names)]
    columns = [_NUMBER, *(_of_axis(name, place) for place, name in enumerate(found.axes)), *figures]
    return Table(columns, _ordered(found, own)[:_SHOWN])


def _ordered(found: Exploration, own: Sequence[str]) -> list[_Row]:
    return sorted(found.front, key=lambda row: ([getattr(row[1].totals, name) for name in own], row[0]))


def _left_out(found: Exploration) -> list[str]:
    more = len(found.front) - _SHOWN
    return [f"{plural(more, 'more point')} of the front: --format csv and -o write all."] if more > 0 else []


def _sorts(found: Exploration) -> list[str]:
    """Say how many points are equal to others, and how many miss the constraints."""
    same = sum(point.same_as is not None for point in found.points)
    missed = sum(point.holds is False for point in found.points)
    return [
        f"{plural(same, 'point')} gave a network that an earlier one had given, which was counted once."
        if same
        else "",
        f"{plural(missed, 'point')} did not keep {' and '.join(found.where)}." if missed else "",
    ]


def _constant(found: Exploration) -> list[str]:
    """Say which knobs are the same at every point."""
    return (
        [f"At every point: {', '.join(f'{name}={value}' for name, value in found.knobs.items())}."]
        if found.knobs
        else []
    )


def _reasons(found: Exploration) -> list[str]:
    """Return why points are no networks, the most frequent reasons first."""
    reasons = Counter(point.reason for point in found.points if point.reason)
    if not reasons:
        return []
    shown = reasons.most_common(_REASONS)
    rest = len(reasons) - len(shown)
    lines = [f"{plural(number, 'point')} {'is' if number == 1 else 'are'} no network: {why}" for why, number in shown]
    return [*lines, f"{plural(rest, 'further reason')}: --format csv and -o write all." if rest else ""]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The records of points, each made when it is written: there may be 200,000."""

    found: Exploration

    def __iter__(self) -> Iterator[list[Any]]:
        return (_record(number, point) for number, point in enumerate(self.found.points, 1))


def _recorded(found: Exploration) -> tuple[str, ...]:
    return ("point", *found.axes, *_FIGURES, "same_as", "holds", "front", "reason")


def _record(number: int, point: ExploredPoint) -> list[Any]:
    figures = [getattr(point.totals, name, None) for name in _FIGURES]
    return [number, *point.values, *figures, point.same_as, _said(point.holds), _said(point.front), point.reason]


def _said(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
