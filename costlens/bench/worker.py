"""The measuring process, ``python -m costlens.bench.worker``, its job and its samples.

It imports nothing but the runtime and what that needs, and sends nothing while it times.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal

from costlens import runtimes
from costlens.bench.memory import forget_peak, peak_resident_bytes
from costlens.bench.pinning import pin
from costlens.bench.protocol import Protocol, Turn, block_orders, load_order, plan_blocks, plan_turns, warmup_limit_s
from costlens.bench.wire import Send, answer
from costlens.errors import BenchError, first_line
from costlens.runtimes import Fingerprint

_COPIES_DISCARDED: Final = 3
_COPIES: Final = 20

Clock = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Job:
    """One process's work: ``time`` all models side by side, or load and run a single one ``alone``.

    ``turns`` is None where the process has to find out how long the models take, ``share_s`` where there is no
    time limit, ``deadline_s`` (seconds after which the process is ended) where there is no deadline. ``inputs``: those
    of a model file, by its path.
    """

    task: Literal["time", "alone"]
    protocol: Protocol
    models: Mapping[str, Path]
    process: int = 0
    share_s: float | None = None
    turns: Mapping[str, Turn] | None = None
    deadline_s: float | None = None
    inputs: Mapping[str, runtimes.Inputs] = field(default_factory=dict)

    def options(self, label: str) -> runtimes.Options:
        """Return how a model is run."""
        return replace(self.protocol.options, inputs=self.inputs.get(str(self.models[label]), {}))


@dataclass(frozen=True, slots=True)
class ModelSamples:
    """One model in one process, nanoseconds: timed calls by block; load, first and idle calls apart.

    ``was_first``: no other model had been loaded before it in this process, so its start was a cold one.
    """

    turn: Turn
    was_first: bool
    cold_start_ns: int
    first_call_ns: int
    after_idle_ns: tuple[int, ...]
    blocks_ns: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ProcessSamples:
    """All that one process measured. ``busy_s`` is its time from the job's arrival to the last sample."""

    fingerprint: Fingerprint
    busy_s: float
    models: Mapping[str, ModelSamples]


@dataclass(frozen=True, slots=True)
class AloneSamples:
    """One model alone in a process: start, first call, and memory in bytes; None where the system reports none.

    base_bytes, peak_bytes: peak resident before and after these. run_bytes: peak resident during a second run.
    arena_bytes: what the runtime's allocator held after its first runs. copy_in_ns, copy_out_ns: inputs to the
    device and outputs from it; None on a processor.
    """

    fingerprint: Fingerprint
    cold_start_ns: int
    first_call_ns: int
    base_bytes: int | None
    peak_bytes: int | None
    run_bytes: int | None = None
    arena_bytes: int | None = None
    copy_in_ns: int | None = None
    copy_out_ns: int | None = None


Samples = ProcessSamples | AloneSamples


def measure(
    job: Job,
    runtime: runtimes.Runtime,
    send: Send,
    clock: Clock = time.perf_counter_ns,
    sleep: Callable[[float], None] = time.sleep,
) -> ProcessSamples:
    """Load all models of a job in random order and time them side by side."""
    started = clock()
    protocol = job.protocol
    order = load_order(tuple(job.models), protocol.seed, job.process)
    runtime.start()
    loaded = {label: _start_model(job, label, runtime, send, clock) for label in order}
    sessions = {label: session for label, (session, _, _) in loaded.items()}
    limit_s = warmup_limit_s(job.share_s, len(order), protocol)
    call_ns: dict[str, int] = {}
    for label in order:
        send({"doing": f"warming up {label}", "label": label})
        call = partial(timed, sessions[label].run, clock)
        call_ns[label] = round(warm_up(call, protocol.warmup_calls, protocol.warmup_calls_least, limit_s))
    call_ns = _alike(job.models, call_ns)
    turns = job.turns or plan_turns({label: ns / 1e6 for label, ns in call_ns.items()}, protocol)
    first_of = {path: label for label, path in reversed([*job.models.items()])}  # a copy idles as its original does
    idle_s = _idle_s(protocol, {label: call_ns[label] for label in first_of.values()})
    left_s = None if job.share_s is None else job.share_s - (clock() - started) / 1e9 - idle_s
    round_s = sum(call_ns[label] * turn.total for label, turn in turns.items()) / 1e9
    number = plan_blocks(round_s, left_s, protocol)
    send({"doing": f"timing {', '.join(order)}" + (" side by side" if len(order) > 1 else "")})
    blocks_ns = _time_blocks(job, sessions, turns, number, clock)
    idle = {path: _after_idle(sessions[label], protocol, clock, sleep) for path, label in first_of.items()}
    models = {}
    for label, path in job.models.items():
        _, cold_ns, first_ns = loaded[label]
        blocks = tuple(blocks_ns[label])
        models[label] = ModelSamples(turns[label], label == order[0], cold_ns, first_ns, idle[path], blocks)
    return ProcessSamples(sessions[order[0]].fingerprint, (clock() - started) / 1e9, models)


def measure_alone(job: Job, runtime: runtimes.Runtime, send: Send, clock: Clock = time.perf_counter_ns) -> AloneSamples:
    """Load the one model of a job and run it once; return how far the process's memory rose."""
    (label,) = job.models
    runtime.start()
    runtime_only = peak_resident_bytes()
    session, cold_ns, first_ns = _start_model(job, label, runtime, send, clock)
    found = AloneSamples(session.fingerprint, cold_ns, first_ns, runtime_only, peak_resident_bytes())
    copies = copies_ns(session, clock)
    if copies:
        found = replace(found, copy_in_ns=copies[0], copy_out_ns=copies[1])
    if forget_peak():
        session.run()
        found = replace(found, run_bytes=peak_resident_bytes())
    del session
    if job.protocol.arena:
        send({"doing": f"loading {label} ({job.models[label]}) again for its arena", "label": label})
        with suppress(Exception):  # whatever the runtime raises: the model ran, and a missing figure is not a failure
            found = replace(found, arena_bytes=runtime.arena_bytes(job.models[label], job.options(label)))
    return found


def _start_model(
    job: Job, label: str, runtime: runtimes.Runtime, send: Send, clock: Clock
) -> tuple[runtimes.Session, int, int]:
    """Return a model's session, the nanoseconds its load took, and those of its first call."""
    path = job.models[label]
    send({"doing": f"loading {label} ({path})", "label": label})
    before = clock()
    session = runtime.load(path, job.options(label))
    loaded_ns = clock() - before
    send({"doing": f"running {label} ({path}) for the first time", "label": label})
    try:
        return session, loaded_ns, timed(session.run, clock)
    except Exception as problem:
        # Runtimes raise any exception, and none of them names the model.
        raise BenchError(f"{path}: the model loads but cannot be run: {first_line(problem)}") from problem


def _alike(models: Mapping[str, Path], call_ns: Mapping[str, int]) -> dict[str, int]:
    """Give a model and its copy, the A/A control, one duration, so that their turns have equally many calls."""
    return {label: min(ns for other, ns in call_ns.items() if models[other] == models[label]) for label in call_ns}


def timed(run: Callable[[], None], clock: Clock) -> int:
    """Call once and return the nanoseconds."""
    before = clock()
    run()
    return clock() - before


def warm_up(call: Callable[[], int], most: int, least: int, limit_s: float) -> float:
    """Call until the time is over, within these numbers; return the nanoseconds of a warm call, a median."""
    taken: list[int] = []
    while len(taken) < most and (len(taken) < least or sum(taken) < limit_s * 1e9):
        taken.append(call())
    return statistics.median(taken[len(taken) // 2 :])


def _time_blocks(
    job: Job, sessions: Mapping[str, runtimes.Session], turns: Mapping[str, Turn], blocks: int, clock: Clock
) -> dict[str, list[tuple[int, ...]]]:
    blocks_ns: dict[str, list[tuple[int, ...]]] = {label: [] for label in job.models}
    gc.collect()
    gc.disable()
    for order in block_orders(tuple(job.models), blocks, job.protocol.seed, job.process):
        for label in order:
            blocks_ns[label].append(time_turn(sessions[label], turns[label], clock))
    gc.enable()
    return blocks_ns


def time_turn(session: runtimes.Session, turn: Turn, clock: Clock) -> tuple[int, ...]:
    """Take a turn with a model and return the nanoseconds of the calls that are kept."""
    for _ in range(turn.discards):
        session.run()
    session.synchronize()
    taken = tuple(timed(session.run, clock) for _ in range(turn.calls))
    session.synchronize()
    return taken


def _after_idle(
    session: runtimes.Session, protocol: Protocol, clock: Clock, sleep: Callable[[float], None]
) -> tuple[int, ...]:
    taken = []
    session.run()
    for _ in range(protocol.idle_calls):
        sleep(protocol.idle_ms / 1e3)
        taken.append(timed(session.run, clock))
    return tuple(taken)


def copies_ns(session: runtimes.Session, clock: Clock, calls: int = _COPIES) -> tuple[int, int] | None:
    """Return the median nanoseconds of copying all inputs in, and all outputs out; None where there is no device.

    The session has run before, so that its outputs are there. Host memory is pageable, as NumPy's is.
    """
    if session.fingerprint.device == "cpu" or not isinstance(session, runtimes.DeviceSession):
        return None

    def median_ns(copy: Callable[[], None]) -> int:
        def finish() -> None:
            copy()
            session.synchronize()

        session.synchronize()
        taken = [timed(finish, clock) for _ in range(_COPIES_DISCARDED + calls)]
        return round(statistics.median(taken[_COPIES_DISCARDED:]))

    return median_ns(session.copy_in), median_ns(session.copy_out)


def _idle_s(protocol: Protocol, call_ns: Mapping[str, int]) -> float:
    """Return about how long the calls after idling will take: each costs up to twice a call."""
    calls = protocol.idle_calls
    return sum(calls * protocol.idle_ms / 1e3 + (1 + 2 * calls) * ns / 1e9 for ns in call_ns.values())


def _do(job: Job, send: Send) -> Samples:
    if job.protocol.pinned:
        pin(job.protocol.threads)
    runtime = runtimes.get(job.protocol.runtime)
    return measure(job, runtime, send) if job.task == "time" else measure_alone(job, runtime, send)


if __name__ == "__main__":
    answer(Job, _do)
