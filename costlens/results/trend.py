"""A figure over the runs of the history, a series for each network and condition. ``costlens.trend/1``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from costlens.results.stored import Document


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """A figure in a run: its time, its commit as people read it, and the interval where there is one."""

    run: int
    at: datetime
    commit: str
    digest: str
    value: int | float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A level that begins with a point, by its place: its median, and that of the level before."""

    place: int
    before: int | float
    after: int | float

    @property
    def ratio(self) -> float | None:
        """After ÷ before."""
        return self.after / self.before if self.before else None


@dataclass(frozen=True, slots=True)
class Series:
    """The runs of one network in one variant, of a time also in one condition and of one machine; the oldest first."""

    name: str
    network: str
    variant: str
    condition: str
    fingerprint: str
    machine: str
    points: tuple[TrendPoint, ...]
    levels: tuple[Level, ...] = ()

    @property
    def label(self) -> str:
        """The network with its variant."""
        return f"{self.network}:{self.variant}" if self.variant else self.network


@dataclass(frozen=True, slots=True)
class Trend(Document):
    """All series of a figure, those of the most runs first. left_out: what is not among them, a sentence each."""

    SCHEMA = "costlens.trend/1"
    REMEDY = "draw the trend again"

    database: str
    figure: str
    series: tuple[Series, ...]
    left_out: tuple[str, ...] = ()

    @property
    def machines(self) -> int:
        """How many fingerprints there are."""
        return len({one.fingerprint for one in self.series})
