"""Time kernels in processes of their own, each kernel in several: that tells how sure a time is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from costlens import runtimes
from costlens.arithmetic.units import plural
from costlens.bench.kernels_worker import KernelJob, KernelSamples
from costlens.bench.machine import caches, last_level
from costlens.bench.process import OnProgress, in_child, silent
from costlens.errors import MachineTooNoisy
from costlens.runtimes import Options
from costlens.runtimes._operation import Operation
from costlens.storage.files import scratch

PASSES: Final = 3
A_PROCESS: Final = 96
"""Kernels that one process times."""
TOO_NOISY: Final = 0.25
"""Half of the kernels differ by more than this from one process to another: no time is worth keeping."""
ONE_PASS: Final = 0.05
"""How far apart two passes are taken to be where there was one."""
_SECONDS = 0.02
_HUNG_S = 300.0
_LLC_UNKNOWN = 32 * 2**20
_START_S, _KERNEL_S = 3.0, 0.08


@dataclass(frozen=True, slots=True)
class Timed:
    """A kernel's microseconds in the cache and out of it; ``spread``: how far the passes are apart, relative."""

    operation: Operation
    warm_us: float
    cold_us: float
    spread: float


@dataclass(frozen=True, slots=True)
class TimedKernels:
    """What was timed, what the runtime refuses with the reason, and what holds for all kernels of the machine."""

    timed: tuple[Timed, ...]
    refused: tuple[tuple[Operation, str], ...]
    block: int
    call_us: float
    cold: tuple[tuple[int, float], ...]


def run_job(job: KernelJob) -> KernelSamples:
    """Do a job in a process of its own."""
    return in_child("costlens.bench.kernels_worker", job, KernelSamples, _HUNG_S)


def seconds_for(kernels: int, passes: int = PASSES) -> float:
    """Return about how long so many kernels take."""
    processes = -(-kernels // A_PROCESS)
    return passes * (processes * _START_S + kernels * _KERNEL_S)


def time_kernels(
    operations: Sequence[Operation],
    threads: int = 1,
    *,
    passes: int = PASSES,
    ladder: bool = False,
    on_progress: OnProgress = silent,
    launch: Callable[[KernelJob], KernelSamples] = run_job,
) -> TimedKernels:
    """Time kernels; ``ladder``: how times grow with the working set, too, which is asked once for a machine.

    Of several passes the shortest time of a kernel counts, since other work only makes times longer. MachineTooNoisy
    where passes differ too much. Raises RuntimeUnavailable or BenchError.
    """
    runtimes.get(runtimes.DEFAULT).require("cpu")
    last = last_level(caches())
    cache_bytes = last.bytes if last else _LLC_UNKNOWN
    parts = [operations[start : start + A_PROCESS] for start in range(0, max(1, len(operations)), A_PROCESS)]
    total = passes * len(operations)
    samples: list[list[KernelSamples]] = []
    for number in range(passes):
        found = []
        for place, part in enumerate(parts):
            done = number * len(operations) + place * A_PROCESS
            on_progress(done, total, plural(len(operations), "kernel"))
            first = ladder and place == 0
            with scratch() as folder:
                lines = tuple(one.text for one in part)
                found.append(launch(KernelJob(Options("cpu", threads), lines, folder, cache_bytes, _SECONDS, first)))
        samples.append(found)
    on_progress(total, total, plural(len(operations), "kernel"))
    return _together(operations, samples)


def _together(operations: Sequence[Operation], samples: Sequence[Sequence[KernelSamples]]) -> TimedKernels:
    every = [sample for one_pass in samples for sample in one_pass]
    warm = list(zip(*([us for part in one_pass for us in part.warm_us] for one_pass in samples), strict=True))
    cold = list(zip(*([us for part in one_pass for us in part.cold_us] for one_pass in samples), strict=True))
    reasons = list(zip(*([why for part in one_pass for why in part.refused] for one_pass in samples), strict=True))
    timed, refused = [], []
    for one, in_cache, out, why in zip(operations, warm, cold, reasons, strict=True):
        taken = [us for us in in_cache if us is not None], [us for us in out if us is not None]
        if not all(taken):
            refused.append((one, next(filter(None, why), "it was not run")))
            continue
        spread = max(_spread(each) for each in taken)
        timed.append(Timed(one, min(taken[0]), max(min(taken[1]), min(taken[0])), spread))
    differ = median(one.spread for one in timed) if timed and len(samples) > 1 else 0.0
    if differ > TOO_NOISY:
        raise MachineTooNoisy(
            f"half of {plural(len(timed), 'kernel')} took {100 * differ:.0f} % longer in one process than in another, "
            "so no time is kept; end other programs, and try again"
        )
    ladders = [sample.ladder for sample in every if sample.ladder]
    return TimedKernels(
        tuple(timed),
        tuple(refused),
        every[0].block,
        median(sample.call_us for sample in every),
        shares({rungs[0][0]: min(us for _, us in rungs) for rungs in zip(*ladders, strict=True)}),
    )


def _spread(taken: Sequence[float]) -> float:
    """Return how much longer than the shortest the second shortest is; a guess for a single one."""
    least, *others = sorted(taken)
    return (others[0] - least) / least if others and least > 0 else ONE_PASS


def shares(microseconds: dict[int, float]) -> tuple[tuple[int, float], ...]:
    """Return times by working set as shares of the way from the shortest to the longest, which never fall.

    >>> shares({1: 10.0, 2: 9.0, 4: 15.0, 8: 20.0})
    ((1, 0.0), (2, 0.0), (4, 0.5), (8, 1.0))
    """
    if not microseconds:
        return ()
    sizes = sorted(microseconds)
    low, high = microseconds[sizes[0]], max(microseconds.values())
    highest = 0.0
    found = []
    for size in sizes:
        share = (microseconds[size] - low) / (high - low) if high > low else 0.0
        highest = max(highest, share)
        found.append((size, highest))
    return tuple(found)
