"""Timing on a Dask cluster: points go to workers that carry the resource ``bench``, and to machines of one kind alone.

A worker with ``--nthreads 1 --resources bench=1`` times one point at a time; a lock keeps two workers of one machine
apart. Times of different machines are not comparable, so the kind that most of these workers are is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from costlens.arithmetic.units import plural
from costlens.errors import BenchError, RuntimeUnavailable, UsageError
from costlens.results.point_times import PointTime
from costlens.storage.cache import code_key
from costlens.tasks._timing import require_runtime
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.cluster import Cluster
from costlens.tasks.exploration.point import PointJob, Timed, Where, here, time_point

if TYPE_CHECKING:
    from distributed import Future

    from costlens.bench.protocol import Protocol

RESOURCE = "bench"
_KEPT = "what was timed is kept on the workers for a day: the same command goes on from there"


class _Kind(NamedTuple):
    """What the time of a kernel on a worker depends on, as a key, and in words."""

    key: str
    where: Where


@dataclass(frozen=True, slots=True)
class Benches:
    """Times points on the workers of a cluster that carry the resource; within the context of the cluster."""

    cluster: Cluster
    plan: Protocol
    tools: Tools
    kind: _Kind
    workers: tuple[str, ...]

    @classmethod
    def of(cls, cluster: Cluster, plan: Protocol, tools: Tools) -> Benches:
        """Find the workers; RuntimeUnavailable where none carries the resource, or none has the runtime."""
        client = cluster.connected()
        told = client.scheduler_info(n_workers=-1)["workers"]
        able = [address for address, worker in told.items() if worker["resources"].get(RESOURCE)]
        if not able:
            raise RuntimeUnavailable(
                f"--measure: none of {plural(len(told), 'worker')} carries the resource {RESOURCE}; start one: "
                f"dask worker {client.scheduler.address} --nthreads 1 --resources {RESOURCE}=1, or leave --cluster out "
                "to time on this machine; what was counted is kept"
            )
        kinds: dict[str, _Kind] = client.run(_kind, plan, code(), workers=able)
        (chosen, number), *_ = Counter(kinds.values()).most_common()
        if number < len(kinds):
            others = ", ".join(sorted({one.where.cpu for one in kinds.values() if one != chosen}))
            tools.note(
                f"points are timed by {plural(number, 'worker')} on {chosen.where.cpu}; times of the other "
                f"{len(kinds) - number} ({others}) could not be compared with these"
            )
        return cls(cluster, plan, tools, chosen, tuple(sorted(at for at, one in kinds.items() if one == chosen)))

    def where(self) -> Where:
        """Return the machine that all workers are like."""
        return self.kind.where

    def map(self, points: Sequence[PointJob]) -> Iterator[Timed]:
        """Yield the time of each point as it is known; BenchError where the scheduler has gone."""
        from concurrent.futures import CancelledError

        from distributed import as_completed

        client, by = self.cluster.connected(), code()
        self.tools.observe("points", 0, len(points), f"on {plural(len(self.workers), 'worker')}")
        with client.as_current():
            running = {
                client.submit(timed, point, by, pure=False, workers=[*self.workers], resources={RESOURCE: 1}): point
                for point in points
            }
            try:
                for done, future in enumerate(as_completed(running), 1):
                    point = running[future]
                    self.tools.observe("points", done, len(points), f"point {point.number}")
                    yield _answer(future, point)
            except (CancelledError, OSError):
                raise BenchError(f"--measure: the scheduler has gone; {_KEPT}") from None
            finally:
                for future in running:
                    future.release()


def timed(point: PointJob, by: str) -> Timed:
    """Time a point on a worker; UsageError where its code is not that of the process that asks."""
    _require_same(by)
    return time_point(point, Tools())


def code() -> str:
    """Return a digest of the whole package: what measures is spread over it."""
    return code_key(("**/*.py",))


def _kind(plan: Protocol, by: str) -> _Kind:
    """Return what a worker is, on it."""
    from costlens.bench.machine import kernels_key, machine_facts

    _require_same(by)
    require_runtime(plan)
    where = here(plan)
    return _Kind(kernels_key(machine_facts(), where.runtime, plan.threads)[0], where)


def _require_same(by: str) -> None:
    if by != code():
        raise UsageError("a worker has another costlens; install the same version there")


def _answer(future: Future, point: PointJob) -> Timed:
    from distributed import KilledWorker

    try:
        found: Timed = future.result()
    except KilledWorker:
        why = "it ended several workers that timed it; is memory short?"
        return Timed(PointTime(point.number, problem=why))
    except ModuleNotFoundError as error:
        raise RuntimeUnavailable(f"--measure: a worker has no {error.name}; install the same costlens there") from None
    return found
