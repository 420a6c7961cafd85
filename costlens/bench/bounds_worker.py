"""The process that measures a machine's bounds, ``python -m costlens.bench.bounds_worker``: one number of threads.

Every operation is a model that the runtime loads and runs like any other. They take turns in random order, block by
block, so that a slow moment of the machine meets all of them; the best block counts.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from costlens import runtimes
from costlens.bench.protocol import Turn
from costlens.bench.worker import Clock, Send, answer, time_turn
from costlens.errors import BenchError, CostlensError, first_line
from costlens.results.bounds import NotMeasured, Precision, Rate, Unit
from costlens.runtimes import Fingerprint, Options, _bound_models
from costlens.runtimes._bound_models import Sizes, Work

BLOCKS_LEAST = 5
_TURN_NS = 10_000_000
_CALLS_MOST = 500

Write = Callable[[str, str, Sizes, Path], Work]
Casts = Callable[[Path, tuple[str, ...]], int | None]


@dataclass(frozen=True, slots=True)
class BoundsJob:
    """One process's work: the operations and precisions to measure, how large, and for how many seconds.

    ``folder`` is an empty folder for the models, which the parent removes.
    """

    options: Options
    sizes: Sizes
    seconds: float
    folder: Path
    asked: tuple[tuple[str, str], ...] = field(default_factory=lambda: tuple(_bound_models.OPERATIONS))


@dataclass(frozen=True, slots=True)
class BoundsSamples:
    """What one process measured at its number of threads, and what it could not."""

    fingerprint: Fingerprint
    providers: tuple[str, ...]
    rates: tuple[Rate, ...]
    not_measured: tuple[NotMeasured, ...]


@dataclass(frozen=True, slots=True)
class _Loaded:
    operation: str
    precision: str
    session: runtimes.Session
    work: Work


def measure(
    job: BoundsJob,
    runtime: runtimes.Runtime,
    send: Send,
    *,
    clock: Clock = time.perf_counter_ns,
    write: Write = _bound_models.write,
    casts: Casts = _bound_models.casts,
    providers: Callable[[], tuple[str, ...]] = _bound_models.providers,
) -> BoundsSamples:
    """Measure each operation that the runtime has in its precision; BenchError where fp32 cannot be measured."""
    runtime.start()
    loaded: list[_Loaded] = []
    missing: list[NotMeasured] = []
    for operation, precision in job.asked:
        send({"doing": f"loading {operation} in {precision}"})
        try:
            loaded.append(_load(job, operation, precision, runtime, write, casts))
        except CostlensError as problem:
            if precision == "fp32":
                raise
            missing.append(NotMeasured(cast(Precision, precision), job.options.threads, operation, str(problem)))
    send({"doing": "measuring the machine's bounds"})
    rates = tuple(_rate(one, blocks_ns, job.options.threads) for one, blocks_ns in _time(loaded, job.seconds, clock))
    return BoundsSamples(loaded[0].session.fingerprint, providers(), rates, tuple(missing))


def _rate(one: _Loaded, blocks_ns: list[int], threads: int) -> Rate:
    """Return an operation's best: work a nanosecond of the shortest block, or microseconds a kernel."""
    best_ns, work = min(blocks_ns), one.work
    unit: Unit = "us" if work.kernels else "GMAC/s" if work.macs else "GB/s"
    value = best_ns / 1e3 / work.kernels if unit == "us" else (work.macs or work.traffic_bytes) / best_ns
    spread = statistics.median(blocks_ns) / best_ns
    return Rate(one.operation, cast(Precision, one.precision), threads, value, unit, work.size, spread, len(blocks_ns))


def _load(
    job: BoundsJob, operation: str, precision: str, runtime: runtimes.Runtime, write: Write, casts: Casts
) -> _Loaded:
    """Load an operation and run it once; BenchError, one line, where it is not computed in its precision."""
    path = job.folder / f"{operation.replace(' ', '-')}-{precision}.onnx"
    work = write(operation, precision, job.sizes, path)
    try:
        session = runtime.load(path, job.options)
        session.run()
    except Exception as problem:
        # Runtimes raise what they like; a missing kernel is an answer here.
        raise BenchError(f"this runtime has no such kernel: {first_line(problem)}") from problem
    if precision == "fp16":
        added = casts(path, session.fingerprint.providers)
        if added is None:
            raise BenchError("it is not known whether this provider computes it in fp16")
        if added:
            raise BenchError("not computed in fp16: the runtime casts to fp32 and back")
    return _Loaded(operation, precision, session, work)


def _time(loaded: list[_Loaded], seconds: float, clock: Clock) -> list[tuple[_Loaded, list[int]]]:
    """Return each operation's shortest call of every block, in nanoseconds."""
    calls = {id(one): _calls(one.session, clock) for one in loaded}
    taken: dict[int, list[int]] = {id(one): [] for one in loaded}
    order = random.Random(0)  # noqa: S311 (no secret)
    gc.collect()
    gc.disable()
    until = clock() + round(seconds * 1e9)
    blocks = 0
    while blocks < BLOCKS_LEAST or clock() < until:
        for one in order.sample(loaded, len(loaded)):
            taken[id(one)].append(_shortest(one.session, calls[id(one)], clock))
        blocks += 1
    gc.enable()
    return [(one, taken[id(one)]) for one in loaded]


def _calls(session: runtimes.Session, clock: Clock) -> int:
    """Return how many calls fill a turn, after two that show how long they take."""
    session.run()
    return min(_CALLS_MOST, max(2, _TURN_NS // max(1, _shortest(session, 1, clock))))


def _shortest(session: runtimes.Session, calls: int, clock: Clock) -> int:
    """Discard one call, return the shortest of the next."""
    return max(1, min(time_turn(session, Turn(1, calls), clock)))


def _do(job: BoundsJob, send: Send) -> BoundsSamples:
    return measure(job, runtimes.get(runtimes.DEFAULT), send)


if __name__ == "__main__":
    os._exit(answer(BoundsJob, _do))
