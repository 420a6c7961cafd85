"""The points of an exploration as columns: there may be 200,000, so each is made when it is looked at."""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, overload

from costlens.results.counts import Totals
from costlens.results.exploration import ExploredPoint

_NAMES = tuple(each.name for each in fields(Totals))
_REAL = "intensity"
_PLACES = {name: place for place, name in enumerate(_NAMES)}
_NONE = -1
"""Stands for None: no figure of a network is below zero."""


class TotalsColumns:
    """The totals of points by their places, a column a figure."""

    def __init__(self, points: int) -> None:
        self._columns: list[Any] = [array("d" if name == _REAL else "q", [_NONE]) * points for name in _NAMES]
        self._known = bytearray(points)
        self._longer: dict[int, Totals] = {}
        """Totals with a figure that no column holds."""

    def __setitem__(self, place: int, figures: Sequence[int | float | None]) -> None:
        """Keep the totals of a point, by their fields in order."""
        self._known[place] = True
        try:
            for column, figure in zip(self._columns, figures, strict=True):
                column[place] = _NONE if figure is None else figure
        except OverflowError:
            self._longer[place] = Totals(*figures)  # type: ignore[arg-type]  # in their order

    def knows(self, place: int) -> bool:
        """Say whether a point has totals."""
        return bool(self._known[place])

    def figure(self, place: int, name: str) -> int | float | None:
        """Return one figure of a point that has totals."""
        if place in self._longer:
            found: int | float | None = getattr(self._longer[place], name)
            return found
        value: int | float = self._columns[_PLACES[name]][place]
        return None if value < 0 else value

    def __getitem__(self, place: int) -> Totals | None:
        """Return the totals of a point; None where it has none."""
        if not self._known[place]:
            return None
        if place in self._longer:
            return self._longer[place]
        return Totals(*[None if (figure := column[place]) < 0 else figure for column in self._columns])


@dataclass(frozen=True, slots=True, eq=False)
class ExploredPoints(Sequence[ExploredPoint]):
    """Points by their places.

    reasons: of those that are no networks. same_as: numbers of equal networks, 0 for none; these share their totals.
    misses: whether constraints are missed, None where there are none. predicted_ms: None where that was not asked for.
    """

    values: Sequence[tuple[str, ...]]
    totals: TotalsColumns
    reasons: Mapping[int, str]
    same_as: Sequence[int]
    misses: bytearray | None
    front: bytearray
    predicted_ms: Sequence[float] | None = None

    def __len__(self) -> int:
        return len(self.values)

    @overload
    def __getitem__(self, index: int) -> ExploredPoint: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[ExploredPoint, ...]: ...

    def __getitem__(self, index: int | slice) -> ExploredPoint | tuple[ExploredPoint, ...]:
        """Return a point, or several."""
        if isinstance(index, slice):
            return tuple([self[place] for place in range(*index.indices(len(self)))])
        place = range(len(self))[index]
        same_as = self.same_as[place] or None
        totals = self.totals[same_as - 1 if same_as else place]
        holds = None if self.misses is None or totals is None else not self.misses[place]
        predicted_ms = self.predicted_ms[place] if self.predicted_ms and totals else None
        reason = self.reasons.get(place, "")
        return ExploredPoint(self.values[place], totals, reason, same_as, holds, bool(self.front[place]), predicted_ms)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(one == each for one, each in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]  # as of any sequence that is compared with lists
