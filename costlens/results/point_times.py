"""Points of an exploration that were built, proven and timed: what was predicted beside what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Literal

from costlens.errors import BenchError, CostlensError, MachineTooNoisy, VerificationError
from costlens.results.verdict import Verdict


@dataclass(frozen=True, slots=True)
class PredictedTime:
    """What a point was predicted to take, in ms, with its interval."""

    milliseconds: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class PointTime:
    """A point that was timed beside the network as written, in the same processes; times in ms.

    point: its number. unpredicted: why no time is predicted. measured_ms: the median over processes, with the interval
    that holds with ``confidence``; None where it was not timed, and ``problem`` says why. written_ms: of the network as
    written; ratio: to that, with its interval. None where that could not be timed, the ratio also of itself. verdict:
    of that ratio. noisy: the A/A control failed, so no verdict can be believed. disagrees: its proof failed.
    """

    point: int
    predicted: PredictedTime | None = None
    unpredicted: str = ""
    measured_ms: float | None = None
    interval_ms: tuple[float, float] | None = None
    confidence: float | None = None
    written_ms: float | None = None
    ratio: tuple[float, float, float] | None = None
    verdict: Verdict | None = None
    processes: int = 0
    resolution: float | None = None
    noisy: bool = False
    problem: str = ""
    disagrees: bool = False

    @property
    def off(self) -> float | None:
        """How far the prediction was from what was measured, as a fraction of that; None where one is not known."""
        if self.predicted is None or self.measured_ms is None:
            return None
        return self.predicted.milliseconds / self.measured_ms - 1

    @property
    def within(self) -> Literal["within", "outside"] | None:
        """Whether the predicted interval holds what was measured."""
        if self.predicted is None or self.measured_ms is None:
            return None
        return "within" if self.predicted.low <= self.measured_ms <= self.predicted.high else "outside"


@dataclass(frozen=True, slots=True)
class PointTimes:
    """The points that were to be timed, as ``--measure`` asked for them, and under which conditions.

    pinned: processes kept to as many cores as they had threads.
    """

    asked: str
    cpu: str
    runtime: str
    device: str
    threads: int
    batch: int
    points: tuple[PointTime, ...]
    pinned: bool = False

    @property
    def failures(self) -> list[CostlensError]:
        """What a command ends with."""
        wrong = [f"point {one.point}: {one.problem}" for one in self.points if one.disagrees]
        lost = [f"point {one.point}: {one.problem}" for one in self.points if one.problem and not one.disagrees]
        noisy = sum(one.noisy for one in self.points)
        said = f"machine too noisy at {noisy} of {len(self.points)} points: a copy timed as another network; repeat it"
        return [
            *([VerificationError("\n".join(wrong))] if wrong else []),
            *([BenchError("not timed: " + "\n".join(lost))] if lost else []),
            *([MachineTooNoisy(said)] if noisy else []),
        ]


def typical_off(points: Sequence[PointTime]) -> tuple[float, float] | None:
    """Return by how much predictions were off, in the median and at most, as fractions; None where nothing is known."""
    off = [abs(one.off) for one in points if one.off is not None]
    return (median(off), max(off)) if off else None


def ordered_alike(points: Sequence[PointTime]) -> tuple[int, int]:
    """Return how many pairs prediction orders as measuring does, and of how many whose intervals lie apart.

    >>> timed = lambda n, foretold, ms: PointTime(n, PredictedTime(foretold, 0, 9), "", ms, (ms - 0.1, ms + 0.1))
    >>> ordered_alike([timed(1, 1.0, 1.1), timed(2, 2.0, 2.1), timed(3, 1.5, 2.6)])
    (2, 3)
    """
    alike = apart = 0
    for one, other in combinations([each for each in points if each.off is not None], 2):
        first, second = (one, other) if (one.measured_ms or 0) < (other.measured_ms or 0) else (other, one)
        if first.interval_ms and second.interval_ms and first.interval_ms[1] < second.interval_ms[0]:
            apart += 1
            alike += bool(
                first.predicted and second.predicted and first.predicted.milliseconds < second.predicted.milliseconds
            )
    return alike, apart
