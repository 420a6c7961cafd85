"""The process that measures a machine's bounds, ``python -m costlens.bench.bounds_worker``, its job and its samples.

Every operation is a model that the runtime loads and runs like any other. They take turns in random order, block by
block, so that a slow moment of the machine meets all of them; the best block counts.
"""

import gc
import random
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from costlens import runtimes
from costlens.bench.protocol import Turn
from costlens.bench.wire import Send, answer
from costlens.bench.worker import Clock, time_turn
from costlens.errors import BenchError, CostlensError, first_line
from costlens.results.bounds import NotMeasured, Precision, Rate, Unit
from costlens.runtimes import Fingerprint, Options, _bound_models
from costlens.runtimes._bound_models import Sizes, Work

BLOCKS_LEAST = 5
_TURN_NS = 10_000_000
_CALLS_MOST = 500

Models = Mapping[tuple[str, Precision], Callable[[Path, Sizes], Work]]
Casts = Callable[[Path, tuple[str, ...]], int | None]


@dataclass(frozen=True, slots=True)
class BoundsJob:
    """One process's work: how large the operations are, and for how many seconds to measure them.

    ``folder`` is an empty folder for the models, which the parent removes.
    """

    options: Options
    sizes: Sizes
    seconds: float
    folder: Path


@dataclass(frozen=True, slots=True)
class BoundsSamples:
    """What one process measured at its number of threads, and what it could not."""

    fingerprint: Fingerprint
    providers: tuple[str, ...]
    rates: tuple[Rate, ...]
    not_measured: tuple[NotMeasured, ...]


@dataclass(slots=True)
class _Loaded:
    """An operation that can be run, and the shortest call of each of its turns, in nanoseconds."""

    operation: str
    precision: Precision
    session: runtimes.Session
    work: Work
    turns_ns: list[int] = field(default_factory=list)


def measure(
    job: BoundsJob,
    runtime: runtimes.Runtime,
    send: Send,
    *,
    clock: Clock = time.perf_counter_ns,
    models: Models = _bound_models.OPERATIONS,
    casts: Casts = _bound_models.casts,
) -> BoundsSamples:
    """Measure each operation that the runtime has in its precision; BenchError where fp32 cannot be measured.

    int8 is left out on a graphics card, where kernels that it lacks would run on the processor.
    """
    runtime.start()
    threads = job.options.threads
    loaded: list[_Loaded] = []
    missing: list[NotMeasured] = []
    for (operation, precision), write in models.items():
        if precision == "int8" and job.options.device == "cuda":
            continue
        send({"doing": f"loading {operation} in {precision}"})
        path = job.folder / f"{operation.replace(' ', '-')}-{precision}.onnx"
        work = write(path, job.sizes)
        try:
            session = _load(path, job.options, runtime)
            if precision == "fp16":
                _require_no_casts(casts(path, session.fingerprint.providers))
        except CostlensError as problem:
            if precision == "fp32":
                raise
            missing.append(NotMeasured(precision, threads, operation, str(problem)))
        else:
            loaded.append(_Loaded(operation, precision, session, work))
    send({"doing": "measuring the machine's bounds"})
    _time(loaded, job.seconds, clock)
    rates = tuple(_rate(one, threads) for one in loaded)
    available = tuple(runtime.imported().get_available_providers())
    return BoundsSamples(loaded[0].session.fingerprint, available, rates, tuple(missing))


def _rate(one: _Loaded, threads: int) -> Rate:
    """Return an operation's best: work a nanosecond of the shortest block, or microseconds a kernel."""
    best_ns, work = min(one.turns_ns), one.work
    unit: Unit = "us" if work.kernels else "GMAC/s" if work.macs else "GB/s"
    value = best_ns / 1e3 / work.kernels if work.kernels else (work.macs or work.traffic_bytes) / best_ns
    spread = statistics.median(one.turns_ns) / best_ns
    return Rate(one.operation, one.precision, threads, value, unit, work.size, spread, len(one.turns_ns))


def _load(path: Path, options: Options, runtime: runtimes.Runtime) -> runtimes.Session:
    """Load a model and run it once; BenchError, one line, where that fails."""
    try:
        session = runtime.load(path, options)
        session.run()
    except Exception as problem:
        # Runtimes raise what they like; a missing kernel is an answer here.
        raise BenchError(f"this runtime has no such kernel: {first_line(problem)}") from problem
    return session


def _require_no_casts(added: int | None) -> None:
    if added is None:
        raise BenchError("it is not known whether this provider computes it in fp16")
    if added:
        raise BenchError("not computed in fp16: the runtime casts to fp32 and back")


def _time(loaded: list[_Loaded], seconds: float, clock: Clock) -> None:
    """Let the operations take turns for about so many seconds."""
    turns = [Turn(1, _calls(one.session, clock)) for one in loaded]
    pairs = list(zip(loaded, turns, strict=True))
    order = random.Random(0)  # noqa: S311 (no secret)
    gc.collect()
    gc.disable()
    until = clock() + round(seconds * 1e9)
    blocks = 0
    while blocks < BLOCKS_LEAST or clock() < until:
        for one, turn in order.sample(pairs, len(pairs)):
            one.turns_ns.append(_shortest(one.session, turn, clock))
        blocks += 1
    gc.enable()


def _calls(session: runtimes.Session, clock: Clock) -> int:
    """Return how many calls fill a turn, after two that show how long they take."""
    session.run()
    return min(_CALLS_MOST, max(2, _TURN_NS // _shortest(session, Turn(1, 1), clock)))


def _shortest(session: runtimes.Session, turn: Turn, clock: Clock) -> int:
    return max(1, min(time_turn(session, turn, clock)))


def _do(job: BoundsJob, send: Send) -> BoundsSamples:
    return measure(job, runtimes.get(runtimes.DEFAULT), send)


if __name__ == "__main__":
    answer(BoundsJob, _do)
