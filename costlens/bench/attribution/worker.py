"""The profiling process, ``python -m costlens.bench.attribution.worker``, its job and its samples.

The profiler slows the kernels that it times, so each model runs with and without it, in turn in one process.
"""

import gc
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from costlens import runtimes
from costlens.bench.wire import Send, answer
from costlens.bench.worker import Clock, timed, warm_up
from costlens.errors import BenchError
from costlens.results.layer_times import Rung
from costlens.runtimes import Fingerprint, Options, Runtime, Session
from costlens.runtimes._profile import GraphNode, Kernel, ProfiledSession

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


@dataclass(frozen=True, slots=True)
class ProfileJob:
    """One process's work: measure the profiler's cost, then run a model with and without it in turn, for ``seconds``.

    ``graphs``: return the model's graphs too, which are the same for all processes. ``folder`` is for what the
    runtime writes; the parent removes it, however the process ends.
    """

    runtime: str
    options: Options
    model: Path
    folder: Path
    seconds: float
    graphs: bool


@dataclass(frozen=True, slots=True)
class Weighed:
    """A model with and without the profiler, microseconds a call: both latencies, and each kernel as profiled.

    All are means over the fastest quarter of the calls; ``runs`` is how many were profiled. ``within`` is how many
    kernels ran inside each, as in a loop.
    """

    unprofiled_us: float
    profiled_us: float
    kernels: tuple[Kernel, ...]
    kernels_us: tuple[float, ...]
    within: tuple[float, ...]
    runs: int

    @property
    def rung(self) -> Rung:
        """The sums, as a rung of a ladder."""
        return Rung(len(self.kernels), self.unprofiled_us, self.profiled_us, sum(self.kernels_us))


@dataclass(frozen=True, slots=True)
class ProfileSamples:
    """What one process found: the model, the ladder, and the nodes of both graphs if the job asks for them."""

    fingerprint: Fingerprint
    model: Weighed
    ladder: tuple[Rung, ...]
    optimised: tuple[GraphNode, ...]
    source: tuple[GraphNode, ...]


def measure(job: ProfileJob, runtime: Runtime, send: Send, clock: Clock = time.perf_counter_ns) -> ProfileSamples:
    """Measure the profiler's cost on its ladder, then profile the model and read both of its graphs.

    RuntimeUnavailable where the runtime has no profiler.
    """
    profiler = runtime.profiler()
    runtime.start()
    send({"doing": "measuring what the profiler costs"})
    small = Options(job.options.device, job.options.threads)
    ladder = tuple(
        weigh(runtime.load(path, small), profiler.profiled(path, small, job.folder), RUNG_S, clock).rung
        for path in profiler.ladder(job.folder)
    )
    send({"doing": f"loading {job.model}"})
    plain = runtime.load(job.model, job.options)
    profiled = profiler.profiled(job.model, job.options, job.folder, graphs=job.graphs)
    send({"doing": f"profiling {job.model}"})
    model = weigh(plain, profiled, job.seconds, clock)
    send({"doing": f"reading the graphs of {job.model}"})
    return ProfileSamples(plain.fingerprint, model, ladder, *profiled.graphs())


def weigh(plain: Session, profiled: ProfiledSession, seconds: float, clock: Clock = time.perf_counter_ns) -> Weighed:
    """Run a model without and with the profiler, in turn, for about so many seconds."""
    both = unprofiled_turns, profiled_turns = Turns(plain, clock), Turns(profiled, clock)
    warm_ns = [warm_up(turns.call, WARMUP_CALLS, WARMUP_CALLS_LEAST, WARMUP_S) for turns in both]
    call_s = max(1e-6, max(warm_ns) / 1e9)
    calls = min(MOST_CALLS, max(1, round(TURN_S / call_s)))
    discards = min(DISCARDS, calls)
    rounds = min(MOST_RUNS // calls, max(LEAST_ROUNDS, round(seconds / (2 * (calls + discards) * call_s))))
    gc.collect()
    gc.disable()
    for number in range(rounds):
        # They take turns at going first, so that a machine that slows down slows both alike.
        for turns in both if number % 2 else reversed(both):
            turns.take(discards, calls)
    gc.enable()
    profile = profiled.end()
    runs = [profile.runs_us[place] for place in profiled_turns.undisturbed() if place < len(profile.runs_us)]
    if not runs:
        raise BenchError("the runtime's profile holds no run that was timed: the model runs too many kernels for it")
    return Weighed(
        unprofiled_us=unprofiled_turns.undisturbed_us(),
        profiled_us=profiled_turns.undisturbed_us(),
        kernels=profile.kernels,
        kernels_us=tuple(map(fmean, zip(*runs, strict=True))),
        within=profile.within,
        runs=rounds * calls,
    )


class Turns:
    """All calls of one session, nanoseconds each, and the places of those that were neither warm-up nor discards."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self.calls_ns: list[int] = []
        self._kept: list[int] = []

    def call(self) -> int:
        """Call once and return the nanoseconds."""
        self.calls_ns.append(timed(self._session.run, self._clock))
        return self.calls_ns[-1]

    def take(self, discards: int, calls: int) -> None:
        """Take a turn: throw some calls away, then keep some."""
        for _ in range(discards):
            self.call()
        self._session.synchronize()
        for _ in range(calls):
            self._kept.append(len(self.calls_ns))
            self.call()
        self._session.synchronize()

    def undisturbed(self) -> tuple[int, ...]:
        """Return the places of the fastest quarter of the kept calls.

        The others may have waited for the processor, the longer, profiled calls more often than the plain ones.
        """
        ordered = sorted(self._kept, key=lambda place: (self.calls_ns[place], place))
        return tuple(sorted(ordered[: max(1, len(ordered) // 4)]))

    def undisturbed_us(self) -> float:
        """Return their mean, microseconds: a profile counts whole ones, so a median would be a whole number, too."""
        return fmean(self.calls_ns[place] for place in self.undisturbed()) / 1e3


def _do(job: ProfileJob, send: Send) -> ProfileSamples:
    try:
        return measure(job, runtimes.get(job.runtime), send)
    except OSError as problem:
        raise BenchError(f"{job.model}: its profile cannot be kept: {problem.strerror}; free space") from problem


if __name__ == "__main__":
    answer(ProfileJob, _do)
