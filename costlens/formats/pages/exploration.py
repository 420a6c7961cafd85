"""An exploration: the front as a table, how many points there are of which sort, and why some cannot be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from costlens.arithmetic.units import plural
from costlens.formats.pages import point_times
from costlens.formats.pages._family import (
    CHARTS,
    FIRST,
    MEASURED,
    NUMBER,
    TOTALS,
    Row,
    cloud,
    of_axis,
    of_figure,
    of_prediction,
    require_axes,
)
from costlens.results.counts import FIGURES
from costlens.results.exploration import PREDICTED, Exploration, ExploredPoint
from costlens.results.page import Block, Chart, Items, Page, Picture, Records, Say, Table
from costlens.results.point_times import PointTime

_SHOWN, _REASONS = 40, 5
_PLANNED = ("arena_bytes", "flash_bytes")
"""Figures that are shown behind the first ones, the arena where it was planned."""
CHOICES = (NUMBER, *map(of_figure, TOTALS))
"""The columns that a reader can choose; those of knobs and kinds always stay."""


def page(found: Exploration, x: str = "", y: str = "", *, picture: str = "") -> Page:
    """Return the page of an exploration: its front by the first figure that it is of.

    x, y: the figures or knobs that charts have to the right and upwards, where these are not the first two of the
    front; UsageError for others. picture: the address of the drawing of the front.
    """
    heading = f"{found.title or found.name}: explore"
    sorts, front = _Sorts.of(found), found.front
    answer = _answer(found, sorts, front)
    drawn = cloud(found, x, y)
    blocks: list[Block] = [
        _table(found, front),
        Items(_left_out(front), "dim"),
        *([Picture(picture, "The networks by two figures, and the Pareto front")] if picture and drawn else []),
        *point_times.blocks(found),
        Items([_how_predicted(found), *_equal_or_missed(found, sorts), *_constant(found)], "dim"),
        Items(_reasons(sorts), "warn"),
        *(Chart(kind, drawn, in_part=True) for kind in CHARTS if drawn),
    ]
    said = Say(answer, tone="strong")
    screen = [Say(heading, tone="strong"), *blocks, said]
    records = Records(_recorded(found), _Rows(found))
    return Page(heading, [said, *blocks], found, 1, screen, records=records, summary=answer)


def document(found: Exploration, x: str = "", y: str = "") -> Page:
    """Return a page for a format that writes the document alone; UsageError where ``page`` raises it."""
    require_axes(found, x, y)
    return Page(found.title, [], found)


@dataclass(slots=True)
class _Sorts:
    """How many points there are of each sort: different networks, equal ones, and those that miss the constraints.

    reasons: why points are no networks, and how many there are of each.
    """

    networks: int = 0
    same: int = 0
    missed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, found: Exploration) -> _Sorts:
        """Look at each point once: there may be 200,000."""
        made = cls()
        for point in found.points:
            made.networks += point.totals is not None and point.same_as is None
            made.same += point.same_as is not None
            made.missed += point.holds is False
            if point.reason:
                made.reasons[point.reason] += 1
        return made


def _answer(found: Exploration, sorts: _Sorts, front: Sequence[Row]) -> str:
    *others, last = (axis.written for axis in found.front_of)
    named = f"{', '.join(others)} and {last}" if others else last
    points, networks = len(found.points), sorts.networks
    of = f"{plural(networks, 'different network')} at {plural(points, 'point')}"
    if not networks:
        return f"None of {plural(points, 'point')} is a network."
    if not front:
        return f"None of the {of} keeps {' and '.join(found.where)}."
    are = "is" if len(front) == 1 else "are"
    kept = f", of those that keep {' and '.join(found.where)}" if found.where else ""
    return f"{len(front):,} of {of} {are} on the front of {named}{kept}."


def _table(found: Exploration, front: Sequence[Row]) -> Table:
    """Return the front, the figures that it is of in front; the points of one first figure by the second, and so on."""
    own = [FIGURES.get(axis.name, axis.name) for axis in found.front_of if axis.name in (*FIGURES, PREDICTED)]
    predicted = [PREDICTED] if _is_predicted(found) else []
    first = found.first_network
    planned = [name for name in _PLANNED if first and getattr(first.totals, name)]
    names = list(dict.fromkeys((*own, *predicted, *FIRST, *planned)))
    priorities = [max(0, place + 1 - len(own)) for place, _ in enumerate(names)]
    figures = [
        of_prediction(found, priority) if name == PREDICTED else of_figure(name, priority)
        for name, priority in zip(names, priorities, strict=True)
    ]
    columns = [NUMBER, *(of_axis(name, place) for place, name in enumerate(found.axes)), *figures]
    return Table(columns, _ordered(front, own)[:_SHOWN])


def _ordered(front: Sequence[Row], own: Sequence[str]) -> list[Row]:
    return sorted(front, key=lambda row: ([_figure(row[1], name) for name in own], row[0]))


def _figure(point: ExploredPoint, name: str) -> Any:
    return point.predicted_ms if name == PREDICTED else getattr(point.totals, name)


def _is_predicted(found: Exploration) -> bool:
    first = found.first_network
    return first is not None and first.predicted_ms is not None


def _left_out(front: Sequence[Row]) -> list[str]:
    more = len(front) - _SHOWN
    return [f"{plural(more, 'more point')} of the front: --format csv and -o write all."] if more > 0 else []


def _how_predicted(found: Exploration) -> str:
    """Say what predicted times are of, where every point has one."""
    if not _is_predicted(found):
        return ""
    return "Predicted times: from the kernels timed on this machine, one thread, one example; no network was run."


def _equal_or_missed(found: Exploration, sorts: _Sorts) -> list[str]:
    """Say how many points are equal to others, and how many miss the constraints."""
    return [
        f"{plural(sorts.same, 'point')} gave a network that an earlier one had given, which was counted once."
        if sorts.same
        else "",
        f"{plural(sorts.missed, 'point')} did not keep {' and '.join(found.where)}." if sorts.missed else "",
    ]


def _constant(found: Exploration) -> list[str]:
    """Say which knobs are the same at every point."""
    return (
        [f"At every point: {', '.join(f'{name}={value}' for name, value in found.knobs.items())}."]
        if found.knobs
        else []
    )


def _reasons(sorts: _Sorts) -> list[str]:
    """Return why points are no networks, the most frequent reasons first."""
    shown = sorts.reasons.most_common(_REASONS)
    rest = len(sorts.reasons) - len(shown)
    lines = [f"{plural(number, 'point')} {'is' if number == 1 else 'are'} no network: {why}" for why, number in shown]
    return [*lines, f"{plural(rest, 'further reason')}: --format csv and -o write all." if rest else ""]


@dataclass(frozen=True, slots=True)
class _Rows:
    """The records of points, each made when it is written: there may be 200,000."""

    found: Exploration

    def __iter__(self) -> Iterator[list[Any]]:
        times = self.found.times
        timed = {one.point: one for one in times.points} if times else {}
        predicted = of_prediction(self.found)
        columns = _times(self.found)
        for number, point in enumerate(self.found.points, 1):
            time = timed.get(number)
            known = {PREDICTED: predicted.raw((number, point)), MEASURED: time and time.measured_ms}
            yield _record(number, point, time, [known[name] for name in columns])


def _times(found: Exploration) -> tuple[str, ...]:
    """Return the columns of times that records have."""
    return (PREDICTED, MEASURED) if found.times else (PREDICTED,) if _is_predicted(found) else ()


def _recorded(found: Exploration) -> tuple[str, ...]:
    return ("point", *found.axes, *TOTALS, "same_as", "holds", "front", *_times(found), "reason")


def _record(number: int, point: ExploredPoint, time: PointTime | None, times: Sequence[float | None]) -> list[Any]:
    figures = [getattr(point.totals, name, None) for name in TOTALS]
    judged = (point.same_as, _said(point.holds), _said(point.front), *times)
    return [number, *point.values, *figures, *judged, point.reason or (time.problem if time else "")]


def _said(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"
