"""The measuring process, ``python -m costlens.bench.worker``: job on stdin, samples on stdout, as JSON lines.

It imports nothing but the runtime and what that needs, and sends nothing while it times. It ends when stdin does, which
means that its parent has ended.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar

from costlens import runtimes
from costlens.bench import wire
from costlens.bench.copies import copies_ns
from costlens.bench.job import AloneSamples, Job, ModelSamples, ProcessSamples, Samples
from costlens.bench.memory import forget_peak, peak_resident_bytes
from costlens.bench.protocol import (
    Protocol,
    Turn,
    block_orders,
    load_order,
    plan_blocks,
    plan_turns,
    warmup_limit_s,
)
from costlens.errors import BenchError, CostlensError, first_line

FAILED: Final = 3  # exit status after an error has been sent

T = TypeVar("T")

Clock = Callable[[], int]
Sleep = Callable[[float], None]
Send = Callable[[Mapping[str, Any]], None]


def measure(
    job: Job,
    runtime: runtimes.Runtime,
    send: Send,
    clock: Clock = time.perf_counter_ns,
    sleep: Sleep = time.sleep,
) -> ProcessSamples:
    """Load all models of a job in random order and time them side by side."""
    started = clock()
    protocol = job.protocol
    sessions: dict[str, runtimes.Session] = {}
    cold: dict[str, int] = {}
    first: dict[str, int] = {}
    order = load_order(tuple(job.models), protocol.seed, job.process)
    runtime.start()
    for label in order:
        sessions[label], cold[label], first[label] = _start_model(job, label, runtime, send, clock)
    limit_s = warmup_limit_s(job.share_s, len(order), protocol)
    call_ns: dict[str, int] = {}
    for label in order:
        send({"doing": f"warming up {label}", "label": label})
        call_ns[label] = _warm_up(sessions[label], protocol, limit_s, clock)
    call_ns = _alike(job.models, call_ns)
    turns = job.turns or plan_turns({label: ns / 1e6 for label, ns in call_ns.items()}, protocol)
    first_of = {path: label for label, path in reversed([*job.models.items()])}  # a copy idles as its original does
    idle_s = _idle_s(protocol, {label: call_ns[label] for label in first_of.values()})
    left_s = None if job.share_s is None else job.share_s - (clock() - started) / 1e9 - idle_s
    round_s = sum(call_ns[label] * turn.total for label, turn in turns.items()) / 1e9
    blocks = plan_blocks(round_s, left_s, protocol)
    send({"doing": f"timing {', '.join(order)}" + (" side by side" if len(order) > 1 else "")})
    timed = _time_blocks(job, sessions, turns, blocks, clock)
    idle = {path: _after_idle(sessions[label], protocol, clock, sleep) for path, label in first_of.items()}
    models = {
        label: ModelSamples(turns[label], label == order[0], cold[label], first[label], idle[path], timed[label])
        for label, path in job.models.items()
    }
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
            found = replace(found, arena_bytes=runtime.arena_bytes(job.models[label], job.protocol.options))
    return found


def _start_model(
    job: Job, label: str, runtime: runtimes.Runtime, send: Send, clock: Clock
) -> tuple[runtimes.Session, int, int]:
    """Return a model's session, the nanoseconds its load took, and those of its first call."""
    path = job.models[label]
    send({"doing": f"loading {label} ({path})", "label": label})
    before = clock()
    session = runtime.load(path, job.protocol.options)
    loaded_ns = clock() - before
    send({"doing": f"running {label} ({path}) for the first time", "label": label})
    try:
        before = clock()
        session.run()
        return session, loaded_ns, clock() - before
    except Exception as problem:
        # Runtimes raise any exception, and none of them names the model.
        raise BenchError(f"{path}: the model loads but cannot be run: {first_line(problem)}") from problem


def _alike(models: Mapping[str, Path], call_ns: Mapping[str, int]) -> dict[str, int]:
    """Give a model and its copy, the A/A control, one duration, so that their turns have equally many calls."""
    return {label: min(ns for other, ns in call_ns.items() if models[other] == models[label]) for label in call_ns}


def _warm_up(session: runtimes.Session, protocol: Protocol, limit_s: float, clock: Clock) -> int:
    taken: list[int] = []
    while len(taken) < protocol.warmup_calls:
        if len(taken) >= protocol.warmup_calls_least and sum(taken) >= limit_s * 1e9:
            break
        before = clock()
        session.run()
        taken.append(clock() - before)
    return round(statistics.median(taken[len(taken) // 2 :]))


def _time_blocks(
    job: Job, sessions: Mapping[str, runtimes.Session], turns: Mapping[str, Turn], blocks: int, clock: Clock
) -> dict[str, tuple[tuple[int, ...], ...]]:
    timed: dict[str, list[tuple[int, ...]]] = {label: [] for label in job.models}
    gc.collect()
    gc.disable()
    for order in block_orders(tuple(job.models), blocks, job.protocol.seed, job.process):
        for label in order:
            timed[label].append(time_turn(sessions[label], turns[label], clock))
    gc.enable()
    return {label: tuple(blocks_ns) for label, blocks_ns in timed.items()}


def time_turn(session: runtimes.Session, turn: Turn, clock: Clock) -> tuple[int, ...]:
    """Take a turn with a model and return the nanoseconds of the calls that are kept."""
    run = session.run
    for _ in range(turn.discards):
        run()
    session.synchronize()
    taken = []
    for _ in range(turn.calls):
        before = clock()
        run()
        taken.append(clock() - before)
    session.synchronize()
    return tuple(taken)


def _after_idle(session: runtimes.Session, protocol: Protocol, clock: Clock, sleep: Sleep) -> tuple[int, ...]:
    taken = []
    session.run()
    for _ in range(protocol.idle_calls):
        sleep(protocol.idle_ms / 1e3)
        before = clock()
        session.run()
        taken.append(clock() - before)
    return tuple(taken)


def _idle_s(protocol: Protocol, call_ns: Mapping[str, int]) -> float:
    """Return about how long the calls after idling will take: each costs up to twice a call."""
    calls = protocol.idle_calls
    return sum(calls * protocol.idle_ms / 1e3 + (1 + 2 * calls) * ns / 1e9 for ns in call_ns.values())


def _leave_with_parent() -> None:
    def watch() -> None:
        while os.read(0, 1):
            pass
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _own_stdout() -> TextIO:
    """Return the pipe to the parent; what libraries print from here on goes to stderr."""
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


def answer(kind: type[T], work: Callable[[T, Send], Any]) -> int:
    """Do the job of the line on stdin, send what was found, and return the exit status."""
    # An interrupt is for the parent to answer, which then ends this process and the rest of its group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pipe = _own_stdout()

    def send(message: Mapping[str, Any]) -> None:
        pipe.write(wire.write(message) + "\n")
        pipe.flush()

    job = wire.read(kind, json.loads(sys.stdin.readline()))
    _leave_with_parent()
    try:
        send({"found": work(job, send)})
    except CostlensError as problem:
        send({"error": type(problem).__name__, "message": str(problem)})
        return FAILED
    return 0


def _do(job: Job, send: Send) -> Samples:
    runtime = runtimes.get(job.protocol.runtime)
    return measure(job, runtime, send) if job.task == "time" else measure_alone(job, runtime, send)


if __name__ == "__main__":
    # All is sent: freeing gigabytes of weights in order would only cost time.
    os._exit(answer(Job, _do))
