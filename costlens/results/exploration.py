"""An exploration of a family: the points, what each costs or why it cannot be, and those that nothing beats."""

from collections.abc import Sequence
from dataclasses import dataclass

from costlens.errors import BenchError, CostlensError
from costlens.results.counts import Totals
from costlens.results.point_times import PointTimes
from costlens.results.stored import Document

PREDICTED = "predicted_ms"
"""The figure of a predicted time, beside those of counts."""
KIND = "kind:"
"""Begins the name of an axis of kinds; what follows is a glob."""


@dataclass(frozen=True, slots=True)
class ExploredPoint:
    """A value for each axis, and the totals for one example, or the ``reason`` why there is no such network.

    same_as: the number of the earlier point that is the same network, which alone can be on the front. holds: whether
    it keeps the constraints; None where there are none, or no totals. predicted_ms: by the machine's table of kernels,
    where that was asked for.
    """

    values: tuple[str, ...]
    totals: Totals | None = None
    reason: str = ""
    same_as: int | None = None
    holds: bool | None = None
    front: bool = False
    predicted_ms: float | None = None


@dataclass(frozen=True, slots=True)
class FrontAxis:
    """A figure or a knob by which points are compared, and whether more of it is better."""

    name: str
    larger: bool = False

    @property
    def written(self) -> str:
        """The axis as ``--front`` takes it."""
        return f"{self.name}:max" if self.larger else self.name


@dataclass(frozen=True, slots=True)
class Exploration(Document):
    """All points in order. ``axes`` names the values of a point: knobs, and globs behind ``kind:``.

    times: of the points that were measured; None where that was not asked for.
    """

    SCHEMA = "costlens.exploration/1"
    REMEDY = "explore again; another version of costlens may have written it"

    name: str
    title: str
    axes: tuple[str, ...]
    knobs: dict[str, int | float | str]
    where: tuple[str, ...]
    front_of: tuple[FrontAxis, ...]
    points: Sequence[ExploredPoint]
    times: PointTimes | None = None

    @property
    def first_network(self) -> ExploredPoint | None:
        """The first point that is a network, None where none is; what is known of it is known of all."""
        return next((point for point in self.points if point.totals), None)

    @property
    def front(self) -> list[tuple[int, ExploredPoint]]:
        """The points of the front with their numbers."""
        return [(number, point) for number, point in enumerate(self.points, 1) if point.front]

    @property
    def failures(self) -> list[CostlensError]:
        """What a command ends with."""
        if any(point.totals for point in self.points):
            return self.times.failures if self.times else []
        return [BenchError(f"{self.name}: none of the points is a network; the reasons are above")]
