"""The process that measures a machine's bounds, ``python -m costlens.bench.bounds_worker``: one number of threads.

Every operation is a model that the runtime loads and runs like any other. They take turns, in blocks and at random, so
that a slow moment of the machine meets all of them; what counts is the best.
"""

from __future__ import annotations

import gc
import json
import os
import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from costlens import runtimes
from costlens.bench.worker import Clock, Send, answer
from costlens.errors import BenchError, CostlensError, first_line
from costlens.runtimes import Options, _bound_models
from costlens.runtimes._bound_models import Sizes, Work

BLOCKS_LEAST = 5
_SIDE_NS = 10_000_000
_CALLS_MOST = 500

Write = Callable[[str, str, Sizes, Path], Work]
Casts = Callable[[Path, tuple[str, ...]], int | None]


@dataclass(frozen=True, slots=True)
class BoundsJob:
    """One process's work: the operations and precisions to measure, how large, and for how many seconds.

    ``folder`` is an empty one for the models, which the parent removes.
    """

    options: Options
    sizes: Sizes
    seconds: float
    folder: str
    asked: tuple[tuple[str, str], ...] = field(default_factory=lambda: tuple(_bound_models.OPERATIONS))

    def to_json(self) -> str:
        """Write the job as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str) -> BoundsJob:
        """Read what ``to_json`` wrote."""
        read: dict[str, Any] = json.loads(line)
        return cls(
            options=Options(**read["options"]),
            sizes=Sizes(**read["sizes"]),
            seconds=read["seconds"],
            folder=read["folder"],
            asked=tuple((operation, precision) for operation, precision in read["asked"]),
        )


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
) -> Iterable[dict[str, Any]]:
    """Yield a message for each operation (``operation``, or ``missing`` with why), and the fingerprint last.

    BenchError where not even single precision can be measured.
    """
    runtime.start()
    loaded: list[_Loaded] = []
    for operation, precision in job.asked:
        send({"doing": f"loading {operation} in {precision}"})
        try:
            loaded.append(_load(job, operation, precision, runtime, write, casts))
        except CostlensError as problem:
            if precision == "fp32":
                raise
            yield {"missing": operation, "precision": precision, "why": str(problem)}
    send({"doing": "measuring the machine's bounds"})
    for one, blocks_ns in _time(loaded, job.seconds, clock):
        yield {
            "operation": one.operation,
            "precision": one.precision,
            "work": asdict(one.work),
            "best_ns": min(blocks_ns),
            "median_ns": statistics.median(blocks_ns),
            "blocks": len(blocks_ns),
        }
    yield {"fingerprint": asdict(loaded[0].session.fingerprint), "providers": list(providers())}


def _load(
    job: BoundsJob, operation: str, precision: str, runtime: runtimes.Runtime, write: Write, casts: Casts
) -> _Loaded:
    """Load an operation and run it once; BenchError, one line, where it is not computed in its precision."""
    path = Path(job.folder) / f"{operation.replace(' ', '-')}-{precision}.onnx"
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
            taken[id(one)].append(_side(one.session, calls[id(one)], clock))
        blocks += 1
    gc.enable()
    return [(one, taken[id(one)]) for one in loaded]


def _calls(session: runtimes.Session, clock: Clock) -> int:
    """Return how many calls fill a side, after two that show how long they take."""
    session.run()
    return min(_CALLS_MOST, max(2, _SIDE_NS // max(1, _side(session, 1, clock))))


def _side(session: runtimes.Session, calls: int, clock: Clock) -> int:
    """Discard one call, return the shortest of the next."""
    session.run()
    session.synchronize()
    shortest = None
    for _ in range(calls):
        before = clock()
        session.run()
        taken = clock() - before
        shortest = taken if shortest is None else min(shortest, taken)
    return max(1, shortest or 1)


def _do(line: str, send: Send) -> Iterable[Mapping[str, Any]]:
    return measure(BoundsJob.from_json(line), runtimes.get(runtimes.DEFAULT), send)


if __name__ == "__main__":
    os._exit(answer(_do))
