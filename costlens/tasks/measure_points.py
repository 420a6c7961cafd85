"""``costlens explore --measure``: points of a family → exports → proofs → times beside the network as written.

Each point is a comparison of its own, so what was measured is kept when a run is interrupted, and a point that fails
is one point. Points are timed on this machine, or on the workers of a cluster that carry the resource ``bench``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens.analysis.pareto import undominated
from costlens.errors import UsageError, did_you_mean
from costlens.results.counts import FIGURES
from costlens.results.exploration import PREDICTED, Exploration, ExploredPoint, FrontAxis
from costlens.results.point_times import PointTimes
from costlens.sources._word import Word
from costlens.sources._word import word as word_of
from costlens.sources.find import one_file
from costlens.tasks._timing import require_runtime
from costlens.tasks.exploration.counting import Job
from costlens.tasks.exploration.point import Bench, PointJob, ThisMachine
from costlens.tasks.exploration.reading import read_family

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.tasks._tools import Tools

FRONT = "front"
MOST = 200
"""The most points that one run times: each takes up to a minute."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to time: all of the front, and at least so many points."""

    text: str
    front: bool
    least: int


def wanted(text: str) -> Wanted:
    """Read ``front``, a number of points, or both with a comma between; UsageError for anything else.

    >>> wanted("front,20")
    Wanted(text='front,20', front=True, least=20)
    """
    front, least = False, 0
    for word in (part.strip() for part in text.split(",")):
        if word == FRONT:
            front = True
        elif word.isascii() and word.isdigit() and 0 < int(word) <= MOST:
            least = int(word)
        else:
            known = f"{FRONT}, a number of points up to {MOST}, or both, such as {FRONT},20"
            raise UsageError(f"--measure {text}: expected {known}{did_you_mean(word, (FRONT,))}")
    return Wanted(text, front, least)


def measured(
    given: str | Word,
    found: Exploration,
    wish: Wanted,
    plan: Protocol,
    *,
    tools: Tools,
    cluster: str = "",
    workers: int | None = None,
) -> Exploration:
    """Return an exploration with the times of the points that were asked for.

    cluster: whose workers that carry the resource ``bench`` time them, in the place of this machine; workers: how many
    are started where it starts them. UsageError where the front has more points than one run times; RuntimeUnavailable
    where what measures is missing. What fails at one point is kept as its problem.
    """
    chosen = to_time(found, wish)
    if not chosen:
        return found
    one = one_file([given], "explore")
    word = one if isinstance(one, Word) else word_of(one)
    plan = replace(plan, pinned=True)
    with _bench(cluster, workers, plan, tools) as bench:
        jobs = [*_jobs(word, found, chosen, plan)]
        timed = sorted(bench.map(jobs), key=lambda each: each.time.point)
        where = bench.where()
    tools.observe("points", len(chosen), len(chosen), "")
    if again := sum(each.again for each in timed):
        tools.note(f"{again} of {len(chosen)} points were timed within the last day; their times are used again")
    device = next((each.device for each in timed if each.device), "cpu" if plan.device == "auto" else plan.device)
    times = tuple(each.time for each in timed)
    made = PointTimes(wish.text, where.cpu, where.runtime, device, plan.threads, plan.batch, times, where.pinned)
    return replace(found, times=made)


def to_time(found: Exploration, wish: Wanted) -> list[int]:
    """Return the numbers of the points that are to be timed, in order.

    A number of points is spread over the front, from end to end by the first figure that it is of; where the front has
    fewer, the others are those that are on the front once it is taken away, and so on.
    """
    rivals = [
        (number, point)
        for number, point in enumerate(found.points, 1)
        if point.totals and point.same_as is None and point.holds is not False
    ]
    chosen: list[int] = []
    while rivals and ((wish.front and not chosen) or len(chosen) < wish.least):
        costs = [_costs(found, point) for _, point in rivals]
        on = undominated(costs)
        layer = sorted((cost, number) for (number, _), cost, is_on in zip(rivals, costs, on, strict=True) if is_on)
        whole = wish.front and not chosen
        chosen += [number for _, number in (layer if whole else _spread(layer, wish.least - len(chosen)))]
        rivals = [rival for rival, is_on in zip(rivals, on, strict=True) if not is_on]
    if len(chosen) > MOST:
        raise UsageError(
            f"--measure {wish.text}: {len(chosen)} points are on the front, and one run times {MOST} at most; "
            f"--measure {MOST} takes so many of them"
        )
    return sorted(chosen)


def _costs(found: Exploration, point: ExploredPoint) -> tuple[float, ...]:
    return tuple((-1 if axis.larger else 1) * _figure(found, point, axis) for axis in found.front_of)


def _figure(found: Exploration, point: ExploredPoint, axis: FrontAxis) -> float:
    if axis.name == PREDICTED:
        return point.predicted_ms or 0.0
    if axis.name in FIGURES:
        return getattr(point.totals, FIGURES[axis.name]) or 0.0
    try:
        return float(point.values[found.axes.index(axis.name)])
    except ValueError:  # a knob that is the same at every point, or has words as values
        return 0.0


def _spread(layer: Sequence[tuple[object, int]], number: int) -> Sequence[tuple[object, int]]:
    """Return so many of a layer, its ends among them and the others as far apart as can be.

    >>> _spread([(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)], 3)
    [(0, 1), (0, 3), (0, 5)]
    """
    if len(layer) <= number:
        return layer
    if number == 1:
        return layer[:1]
    return [layer[round(place * (len(layer) - 1) / (number - 1))] for place in range(number)]


def _jobs(word: Word, found: Exploration, chosen: Sequence[int], plan: Protocol) -> Iterator[PointJob]:
    """Yield the points as plain values, with the texts of the spec as they are now."""
    _, texts = read_family(word)
    settings = tuple((name, str(value)) for name, value in word.settings.items())
    job = Job(word.path.as_posix(), texts, settings, found.axes)
    for number in chosen:
        point = found.points[number - 1]
        assert point.totals and point.totals.macs is not None  # noqa: PT018, S101  # else there is nothing to time
        yield PointJob(job, word.text, number, point.values, point.totals.macs, point.totals.params, plan)


@contextmanager
def _bench(cluster: str, workers: int | None, plan: Protocol, tools: Tools) -> Iterator[Bench]:
    """Return what times points: workers of a cluster, or this machine."""
    if cluster:
        from costlens.tasks.exploration.benches import Benches
        from costlens.tasks.exploration.cluster import Cluster

        with Cluster(cluster, workers) as connected:
            yield Benches.of(connected, plan, tools)
    else:
        require_runtime(plan)
        yield ThisMachine(plan, tools)
