"""Time kernels in processes of their own, each kernel in several: that tells how sure a time is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import Final

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.bench.kernels_worker import KernelJob, KernelSamples
from costlens.bench.machine import caches, last_level, own_cache, usable_last
from costlens.bench.pace import is_slow
from costlens.bench.process import OnProgress, in_child, silent
from costlens.errors import MachineSlow, MachineTooNoisy
from costlens.runtimes import Options
from costlens.runtimes._operation import Operation
from costlens.storage.files import scratch

PASSES: Final = 4
"""The most passes of one thread; a quiet machine needs two or three."""
_PASSES_TOGETHER: Final = 8
"""The most of several threads: how long cores take to hand on work may be twice as long for minutes."""
_LEAST_PASSES = 2
_AGREE, _AGREE_US = 0.03, 0.7
"""Two times of a kernel agree within this part of them, or so many microseconds."""
A_PROCESS: Final = 144
"""Kernels that one process times."""
TOO_NOISY: Final = 0.25
"""Half of the kernels differ by more than this from one process to another: no time is worth keeping."""
ONE_PASS: Final = 0.05
"""How far apart two passes are taken to be where there was one."""
_SECONDS = 0.012
_PATIENCE_S, _SHORT_PATIENCE_S = 15.0, 8.0
"""How long a process waits in all while the machine is slow; the second where kernels are timed on the spot."""
_HUNG_S = 300.0
_LLC_UNKNOWN = 32 * 2**20
_START_S, _KERNEL_S = 4.0, 0.11


@dataclass(frozen=True, slots=True)
class Timed:
    """A kernel's microseconds in the last cache and out of it; ``spread``: how far the passes are apart, relative.

    near_us: where as much of what is used as fits is in the core's own cache; None of a kernel that is too large.
    """

    operation: Operation
    warm_us: float
    cold_us: float
    spread: float
    near_us: float | None = None


@dataclass(frozen=True, slots=True)
class TimedKernels:
    """What was timed, what the runtime refuses with the reason, and what holds for all kernels of the machine.

    pace_us: the machine's best, by which a later run knows whether it is slow. slow: what was not timed, as the machine
    was slow whenever it ran.
    """

    timed: tuple[Timed, ...]
    refused: tuple[tuple[Operation, str], ...]
    block: int
    call_us: float
    pace_us: float = 0.0
    slow: tuple[Operation, ...] = ()


def most_passes(threads: int) -> int:
    """Return how many passes over its kernels a table may ask for."""
    return PASSES if threads == 1 else _PASSES_TOGETHER


def run_job(job: KernelJob) -> KernelSamples:
    """Do a job in a process of its own."""
    return in_child("costlens.bench.kernels_worker", job, KernelSamples, _HUNG_S)


def seconds_for(kernels: int, passes: int) -> float:
    """Return about how long so many kernels take."""
    processes = -(-kernels // A_PROCESS)
    return passes * (processes * _START_S + kernels * _KERNEL_S)


def time_kernels(
    operations: Sequence[Operation],
    threads: int = 1,
    *,
    passes: int = PASSES,
    pace_us: float = 0.0,
    on_progress: OnProgress = silent,
    launch: Callable[[KernelJob], KernelSamples] = run_job,
) -> TimedKernels:
    """Time kernels.

    Of several passes a kernel's two shortest times count, since other work only makes times longer. Those of slow
    moments do not count; pace_us is the machine's best so far, 0 where none is known. Kernels whose two shortest times
    agree are left out of further passes, of which there are ``passes`` at most. MachineTooNoisy where times differ too
    much in the end, MachineSlow where none is of a quick moment. Raises RuntimeUnavailable or BenchError.
    """
    runtimes.get(runtimes.DEFAULT).require("cpu")
    last, own = last_level(caches()), own_cache(caches())
    own_bytes = own.bytes if own and own != last else 0
    cache_bytes = usable_last(last.bytes if last else _LLC_UNKNOWN, own_bytes)
    patience_s = _PATIENCE_S if passes > 1 else _SHORT_PATIENCE_S
    every = [_Samples(one) for one in dict.fromkeys(operations)]
    found: list[KernelSamples] = []
    for number in range(passes):
        wanted = [one for one in every if number < _LEAST_PASSES or one.differs(pace_us)]
        if number and not wanted:
            break
        said = plural(len(wanted), "kernel")
        for start in range(0, max(1, len(wanted)), A_PROCESS):
            on_progress(start, len(wanted), f"pass {number + 1}: {said}")
            part = wanted[start : start + A_PROCESS]
            lines = tuple(one.operation.text for one in part)
            with scratch() as folder:
                job = KernelJob(
                    Options("cpu", threads), lines, folder, cache_bytes, _SECONDS, own_bytes, pace_us, patience_s
                )
                taken = launch(job)
            found.append(taken)
            pace_us = min(pace_us or taken.pace_us, taken.pace_us)
            near_us = taken.near_us or (None,) * len(part)
            paces_us = taken.paces_us or (0.0,) * len(part)
            for place, one in enumerate(part):
                us = taken.warm_us[place], taken.cold_us[place], near_us[place]
                one.add(*us, paces_us[place], taken.refused[place])
        on_progress(len(wanted), len(wanted), f"pass {number + 1}: {said}")
    ran = [one for one in every if not one.refused]
    quick = [one for one in ran if one.quick(pace_us)]
    if ran and not quick:
        raise _slowness(min(one.pace_us for each in ran for one in each.found) / pace_us - 1)
    timed = tuple(one.timed(pace_us) for one in quick)
    _refuse_noise(timed)
    return TimedKernels(
        timed,
        tuple((one.operation, one.refused) for one in every if one.refused),
        found[0].block,
        median(sample.call_us for sample in found),
        pace_us,
        tuple(one.operation for one in ran if not one.quick(pace_us)),
    )


@dataclass(frozen=True, slots=True)
class _Sample:
    """What one process found of a kernel, and the machine's pace then."""

    warm_us: float
    cold_us: float
    near_us: float | None
    pace_us: float


@dataclass(slots=True)
class _Samples:
    """What the passes found of one kernel."""

    operation: Operation
    found: list[_Sample] = field(default_factory=list)
    refused: str = ""

    def add(
        self, warm_us: float | None, cold_us: float | None, near_us: float | None, pace_us: float, refused: str
    ) -> None:
        """Take in what one process found."""
        if warm_us is None or cold_us is None:
            self.refused = self.refused or refused or "it was not run"
        else:
            self.found.append(_Sample(warm_us, cold_us, near_us, pace_us))

    def differs(self, best_us: float) -> bool:
        """Return whether another pass may find a shorter time, as the machine's best pace is."""
        if self.refused:
            return False
        if len(self.quick(best_us)) < _LEAST_PASSES:
            return True
        taken = [sorted(each) for each in self._taken(best_us) if each]
        return any(one[1] - one[0] > max(_AGREE * one[0], _AGREE_US) for one in taken)

    def timed(self, best_us: float) -> Timed:
        """Return the shortest times of quick moments; a kernel takes no longer in a cache than out of it."""
        warm, cold, near = self._taken(best_us)
        spread = max(_spread(warm), _spread(cold))
        out_us = _short(cold)
        warm_us = min(_short(warm), out_us)
        return Timed(self.operation, warm_us, out_us, spread, min(_short(near), warm_us) if near else None)

    def quick(self, best_us: float) -> list[_Sample]:
        """Return what was found while the machine was not slow."""
        return [one for one in self.found if not is_slow(one.pace_us, best_us)]

    def _taken(self, best_us: float) -> tuple[list[float], list[float], list[float]]:
        """Return the times warm, cold and near of quick moments."""
        kept = self.quick(best_us)
        near = [one.near_us for one in kept if one.near_us is not None]
        return [one.warm_us for one in kept], [one.cold_us for one in kept], near


def _slowness(slower: float) -> MachineSlow:
    return MachineSlow(
        f"this machine is {100 * slower:.0f} % slower than at its best, so no time of a kernel is kept; end other "
        "programs, and try again"
    )


def _refuse_noise(timed: Sequence[Timed]) -> None:
    differ = median(one.spread for one in timed) if timed else 0.0
    if differ > TOO_NOISY:
        raise MachineTooNoisy(
            f"half of {plural(len(timed), 'kernel')} took {100 * differ:.0f} % longer in one process than in another, "
            "so no time is kept; end other programs, and try again"
        )


def _short(taken: Sequence[float]) -> float:
    """Return the mean of the two shortest times: a sum of all kernels' luckiest moments would be too short."""
    return fmean(sorted(taken)[:2])


def _spread(taken: Sequence[float]) -> float:
    """Return how much longer than the shortest the second shortest is; a guess for a single one."""
    least, *others = sorted(taken)
    return (others[0] - least) / least if others and least > 0 else ONE_PASS
