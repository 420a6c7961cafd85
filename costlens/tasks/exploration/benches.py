"""Timing on a Dask cluster: points go to workers that carry the resource ``bench``, and to machines of one kind alone.

A worker with ``--nthreads 1 --resources bench=1`` times one point at a time; a lock keeps two workers of one machine
apart. Times of different machines are not comparable, so the kind that most of these workers are is chosen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.errors import BenchError, RuntimeUnavailable, first_line
from costlens.results.point_times import PointTime
from costlens.storage.cache import code_key
from costlens.tasks._tools import Tools
from costlens.tasks.exploration.cluster import Cluster, first_done, require_same
from costlens.tasks.exploration.point import PointJob, Timed, Where, this_machine, time_point

if TYPE_CHECKING:
    from distributed import Client, Future

    from costlens.bench.protocol import Protocol

RESOURCE = "bench"
_KEPT = "what was timed is kept on the workers for a day: the same command goes on from there"
_EXPORTS = ("tensorflow", "tf2onnx")


class _Kind(NamedTuple):
    """What times on a worker depend on, as a key, and the same in words."""

    key: str
    where: Where


@dataclass(frozen=True, slots=True)
class Benches:
    """Times points on the workers of a cluster that carry the resource; within the context of the cluster."""

    cluster: Cluster
    tools: Tools
    kind: _Kind
    workers: tuple[str, ...]

    @classmethod
    def of(cls, cluster: Cluster, plan: Protocol, tools: Tools) -> Benches:
        """Find the workers; those that cannot time are named and left out. RuntimeUnavailable where none is left."""
        client = cluster.connected(all_of_them=True)
        able = _able(client)
        if not able:
            raise RuntimeUnavailable(
                f"--measure: no worker of the cluster carries the resource {RESOURCE}; "
                f"{cluster.how_to_give(RESOURCE)}, or leave --cluster out to time on this machine"
            )
        told: Mapping[str, _Kind | Exception] = client.run(_kind, plan, code(), workers=able, on_error="return")
        kinds = {at: one for at, one in told.items() if isinstance(one, _Kind)}
        wrong = {at: first_line(one) for at, one in told.items() if not isinstance(one, _Kind)}
        for why, number in Counter(wrong.values()).items():
            tools.note(f"{plural(number, 'worker')} with the resource {RESOURCE} cannot time: {why}")
        if not kinds:
            raise RuntimeUnavailable(f"--measure: no worker of the cluster can time: {next(iter(wrong.values()))}")
        numbers = Counter(kinds.values())
        chosen = min(numbers, key=lambda one: (-numbers[one], one.key))
        if len(numbers) > 1:
            tools.note(
                f"points are timed by {plural(numbers[chosen], 'worker')} on {chosen.where.cpu}; times of the other "
                f"{len(kinds) - numbers[chosen]} could not be compared with these: another processor, number of cores, "
                "graphics card or runtime"
            )
        return cls(cluster, tools, chosen, tuple(sorted(at for at, one in kinds.items() if one == chosen)))

    def where(self) -> Where:
        """Return the machine that all workers are like."""
        return self.kind.where

    def map(self, points: Sequence[PointJob]) -> Iterator[Timed]:
        """Yield the time of each point as it is known; BenchError where the scheduler or all workers have gone."""
        from concurrent.futures import CancelledError

        from distributed.comm import CommClosedError

        client, by = self.cluster.connected(), code()
        where = {"workers": [*self.workers], "resources": {RESOURCE: 1}}
        running = {client.submit(timed, point, by, pure=False, **where): point for point in points}
        self.tools.observe("points", 0, len(points), f"on {plural(len(self.workers), 'worker')}")
        try:
            while running:
                for future in first_done(client, running, self._require_some):
                    point = running.pop(future)
                    self.tools.observe("points", len(points) - len(running), len(points), f"point {point.number}")
                    yield _answer(future, point)
        except (CancelledError, CommClosedError):
            raise BenchError(f"--measure: the scheduler has gone; {_KEPT}") from None
        finally:
            for future in running:
                future.release()

    def _require_some(self, client: Client) -> None:
        if not {*_able(client)} & {*self.workers}:
            raise BenchError(f"--measure: all workers that time points have gone; {_KEPT}")


def timed(point: PointJob, by: str) -> Timed:
    """Time a point on a worker; UsageError where its code is not that of the process that asks."""
    require_same(by, code())
    try:
        return time_point(point, Tools())
    except OSError as error:  # a full disk, say: of this worker, and not of the way to it
        return Timed(PointTime(point.number, problem=f"{type(error).__name__}: {first_line(error)}"))


def code() -> str:
    """Return a digest of the whole package: what measures is spread over it."""
    return code_key(("**/*.py",))


def _able(client: Client) -> list[str]:
    """Return the addresses of the workers that carry the resource."""
    told: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
    return [address for address, worker in told.items() if worker["resources"].get(RESOURCE)]


def _kind(plan: Protocol, by: str) -> _Kind:
    """Return what a worker is, on it; an error where it cannot time."""
    from costlens.bench.machine import kernels_key, machine_facts

    require_same(by, code())
    runtimes.get(plan.runtime).require(plan.device)
    if lacking := [name for name in _EXPORTS if find_spec(name) is None]:
        raise RuntimeUnavailable(f"{' and '.join(lacking)} cannot be imported; install costlens-nn[keras] there")
    where, machine = this_machine(plan), machine_facts()
    key, _ = kernels_key(machine, where.runtime, plan.threads)
    return _Kind(key if plan.device == "cpu" else f"{key} {machine.accelerators}", where)


def _answer(future: Future, point: PointJob) -> Timed:
    from distributed import KilledWorker

    try:
        found: Timed = future.result()
    except KilledWorker:
        why = "it ended several workers that timed it; is memory short?"
        return Timed(PointTime(point.number, problem=why))
    return found
