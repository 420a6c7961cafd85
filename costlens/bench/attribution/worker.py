"""The profiling process, ``python -m costlens.bench.attribution.worker``: job on stdin, samples on stdout.

The profiler slows the kernels that it times, so each model runs with and without it, in turn in one process.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any, Final

from costlens import runtimes
from costlens.bench.attribution.job import ProfileJob, ProfileSamples, Weighed
from costlens.bench.worker import answer
from costlens.errors import BenchError
from costlens.runtimes import Options, Session
from costlens.runtimes._profile import ProfiledSession, Profiler

WARMUP_CALLS: Final = 10
WARMUP_CALLS_LEAST: Final = 3
WARMUP_S: Final = 0.5
DISCARDS: Final = 2
TURN_S: Final = 0.01
"""The length of a turn, of one call at least and ``MOST_CALLS`` at most."""
MOST_CALLS: Final = 20
LEAST_ROUNDS: Final = 8
MOST_RUNS: Final = 400
"""Profiled runs; onnxruntime writes about 700 bytes a kernel and run, and keeps a million kernels at most."""
RUNG_S: Final = 0.1

Clock = Callable[[], int]
Send = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """One model loaded twice: as it is timed, and with the profiler on."""

    plain: Session
    profiled: ProfiledSession


def measure(job: ProfileJob, profiler: Profiler, send: Send, clock: Clock = time.perf_counter_ns) -> ProfileSamples:
    """Measure the profiler's cost on its ladder, then profile the model and read both of its graphs."""
    send({"doing": "measuring what the profiler costs"})
    small = Options(job.options.device, job.options.threads)
    pairs = (load_pair(profiler, path, small, job.folder, graph=False) for path in profiler.ladder(job.folder))
    ladder = tuple(weigh(pair, RUNG_S, clock).rung for pair in pairs)
    send({"doing": f"loading {job.model}"})
    pair = load_pair(profiler, job.model, job.options, job.folder, graph=job.graphs)
    send({"doing": f"profiling {job.model}"})
    model = weigh(pair, job.seconds, clock)
    send({"doing": f"reading the graphs of {job.model}"})
    graphs = (pair.profiled.nodes(), profiler.nodes(job.model)) if job.graphs else ((), ())
    return ProfileSamples(pair.plain.fingerprint, model, ladder, *graphs)


def load_pair(profiler: Profiler, path: Path, options: Options, folder: Path, *, graph: bool) -> Pair:
    """Load a model with and without the profiler."""
    return Pair(profiler.load(path, options), profiler.profiled(path, options, folder, graph=graph))


def weigh(pair: Pair, seconds: float, clock: Clock = time.perf_counter_ns) -> Weighed:
    """Run a model with and without the profiler, in turn, for about so many seconds."""
    plain, profiled = Turns(pair.plain, clock), Turns(pair.profiled, clock)
    call_s = max(_warm_up(plain), _warm_up(profiled))
    calls = min(MOST_CALLS, max(1, round(TURN_S / call_s)))
    discards = min(DISCARDS, calls)
    rounds = min(MOST_RUNS // calls, max(LEAST_ROUNDS, round(seconds / (2 * (calls + discards) * call_s))))
    gc.collect()
    gc.disable()
    for number in range(rounds):
        # They take turns at going first, so that a machine that slows down slows both alike.
        for turns in (plain, profiled) if number % 2 else (profiled, plain):
            turns.take(discards, calls)
    gc.enable()
    profile = pair.profiled.end()
    runs = [profile.runs_us[place] for place in profiled.undisturbed() if place < len(profile.runs_us)]
    if not runs:
        raise BenchError("the runtime's profile holds no run that was timed: the model runs too many kernels for it")
    return Weighed(
        unprofiled_us=plain.undisturbed_us(),
        profiled_us=profiled.undisturbed_us(),
        kernels=profile.kernels,
        kernels_us=tuple(map(fmean, zip(*runs, strict=True))),
        within=profile.within,
        runs=rounds * calls,
    )


class Turns:
    """All calls of one session, nanoseconds each, and the places of those that were neither warm-up nor discards."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._run, self._synchronize, self._clock = session.run, session.synchronize, clock
        self.calls_ns: list[int] = []
        self._kept: list[int] = []

    def call(self) -> int:
        """Call once and return the nanoseconds."""
        before = self._clock()
        self._run()
        self.calls_ns.append(self._clock() - before)
        return self.calls_ns[-1]

    def take(self, discards: int, calls: int) -> None:
        """Take a turn: throw some calls away, then keep some."""
        for _ in range(discards):
            self.call()
        self._synchronize()
        for _ in range(calls):
            self._kept.append(len(self.calls_ns))
            self.call()
        self._synchronize()

    def undisturbed(self) -> tuple[int, ...]:
        """Return the places of the fastest quarter of the kept calls.

        The others may have waited for the processor, the longer, profiled calls more often than the plain ones.
        """
        ordered = sorted(self._kept, key=lambda place: (self.calls_ns[place], place))
        return tuple(sorted(ordered[: max(1, len(ordered) // 4)]))

    def undisturbed_us(self) -> float:
        """Return their mean, microseconds: a profile counts whole ones, so a median would be a whole number, too."""
        return fmean(self.calls_ns[place] for place in self.undisturbed()) / 1e3


def _warm_up(turns: Turns) -> float:
    """Return about how many seconds a warm call takes."""
    taken: list[int] = []
    while len(taken) < WARMUP_CALLS and (len(taken) < WARMUP_CALLS_LEAST or sum(taken) < WARMUP_S * 1e9):
        taken.append(turns.call())
    return max(1e-6, median(taken[len(taken) // 2 :]) / 1e9)


def profiler_of(name: str) -> Profiler:
    """Start a runtime and return its profiler; RuntimeUnavailable where it has none."""
    runtime = runtimes.get(name)
    profiler = runtime.profiler()
    runtime.start()
    return profiler


def _do(job: ProfileJob, send: Send) -> ProfileSamples:
    try:
        return measure(job, profiler_of(job.runtime), send)
    except OSError as problem:
        raise BenchError(f"{job.model}: its profile cannot be kept: {problem.strerror}; free space") from problem


if __name__ == "__main__":
    os._exit(answer(ProfileJob, _do))
