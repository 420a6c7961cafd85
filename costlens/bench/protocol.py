"""The plan of a measurement: how many processes, warm-up calls, blocks and calls, and how they fit the time.

The process is the sampling unit: calls of one process are correlated and share their placement in memory, so more
calls do not replace more processes. Within a process every block gives each model one turn, in random order, and the
minima of a block's turns are compared. Verdicts are sought at fixed looks (10, 20, 30 processes). Each look's intervals
hold with 1 - 0.05 / looks, so that all of them together hold with 95 %.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.errors import UsageError, did_you_mean
from costlens.runtimes import DEFAULT, DEVICES, Device, Options

_MUCH_LARGER = 3.0
_WARMUP_SHARE = 0.3
_SLOWER_THAN_PLANNED = 5.0
_MORE_PATIENCE = {"cuda": 2.0, "tensorrt": 10.0}  # libraries to load; engines to build, which takes minutes
_LOAD_BYTES_PER_S = 50e6  # a slow disk; an .onnx of 0.5 GB took 1.3 s here


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One measurement: all models side by side in each of ``processes`` processes.

    While a verdict is inconclusive, ``looks`` allows twice and thrice as many processes. ``threshold`` is the
    difference, as a fraction, above which a model is faster or slower. ``time_budget_s`` limits the whole measurement
    by cutting warm-up, blocks and further looks, never the first look's processes; None is no limit. A process is
    taken for hung when it has run five times its plan and ``patience_s`` more, or half the budget if that is longer.
    pinned: processes keep to as many cores as they have threads, where the system can do it.
    UsageError for numbers that cannot be measured with.
    """

    runtime: str = DEFAULT
    device: Device = "auto"
    threads: int = 1
    batch: int = 1
    seed: int = 0

    processes: int = 10
    looks: int = 3
    threshold: float = 0.03
    time_budget_s: float | None = 60.0
    patience_s: float = 60.0

    warmup_calls: int = 20
    warmup_calls_least: int = 3
    warmup_s: float = 1.0

    blocks: int = 20
    blocks_least: int = 3
    calls: int = 10
    calls_least: int = 2
    discards: int = 3
    discards_after_larger: int = 10
    discards_least: int = 1
    side_ms: float = 20.0

    idle_ms: float = 10.0
    idle_calls: int = 2
    arena: bool = True
    pinned: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        least_one = ("threads", "batch", "processes", "looks", "blocks_least", "calls_least", "warmup_calls_least")
        for name in least_one:
            given = getattr(self, name)
            if not isinstance(given, int) or given < 1:
                raise UsageError(f"{name} must be a whole number of at least 1, received {given!r}")
        if not (isinstance(self.threshold, float) and 0 < self.threshold < 1):
            raise UsageError(f"threshold must be between 0 and 1 (0.03 is 3 %), received {self.threshold!r}")
        if self.seed < 0:
            raise UsageError(f"seed must not be negative, received {self.seed}")
        budget = self.time_budget_s
        if budget is not None and not (isinstance(budget, int | float) and budget > 0):
            raise UsageError(f"time_budget_s must be above 0, received {budget!r}")
        if self.device not in DEVICES:
            hint = did_you_mean(self.device, DEVICES)
            raise UsageError(f"device must be one of {', '.join(DEVICES)}, received {self.device!r}{hint}")

    @classmethod
    def quick(cls, **changes: Any) -> Protocol:
        """Return the plan of a quick look: three processes, so intervals of 75 % instead of 95 %.

        >>> Protocol.quick(threads=2).processes
        3
        """
        least = {"blocks_least": 2, "calls_least": 1, "warmup_calls_least": 1, "idle_calls": 1, "arena": False}
        return cls(**{"processes": 3, "looks": 1, "time_budget_s": 9.0, "blocks": 8, **least, **changes})

    @property
    def confidence(self) -> float:
        """The confidence of each look's intervals, with which all looks together hold with 95 %.

        >>> Protocol().confidence, Protocol(looks=1).confidence
        (0.9833333333333333, 0.95)
        """
        return 1 - 0.05 / self.looks

    @property
    def looks_at(self) -> tuple[int, ...]:
        """The numbers of processes at which verdicts are sought.

        >>> Protocol().looks_at
        (10, 20, 30)
        """
        return tuple(self.processes * look for look in range(1, self.looks + 1))

    @property
    def options(self) -> Options:
        """The part of the plan that the runtime needs."""
        return Options(self.device, self.threads, self.batch, self.seed)


@dataclass(frozen=True, slots=True)
class Turn:
    """One model's turn in a block: calls thrown away, then calls timed."""

    discards: int
    calls: int

    @property
    def total(self) -> int:
        """All calls of the turn."""
        return self.discards + self.calls


def plan_turns(call_ms: Mapping[str, float], protocol: Protocol) -> dict[str, Turn]:
    """Return each model's turn: about ``side_ms`` long at most, longer only where the least plan is.

    A much larger model beside it empties a model's caches, so the model discards more calls.

    >>> plan_turns({"a": 0.02, "b": 0.03}, Protocol())["a"]
    Turn(discards=3, calls=10)
    >>> plan_turns({"a": 0.02, "b": 90.0}, Protocol())
    {'a': Turn(discards=10, calls=10), 'b': Turn(discards=1, calls=2)}
    """
    largest = max(call_ms.values())
    return {label: _turn(ms, largest >= _MUCH_LARGER * ms, protocol) for label, ms in call_ms.items()}


def _turn(ms: float, beside_larger: bool, protocol: Protocol) -> Turn:
    discards = protocol.discards_after_larger if beside_larger else protocol.discards
    fits = int(protocol.side_ms / ms) if ms > 0 else discards + protocol.calls
    if fits >= discards + protocol.calls:
        return Turn(discards, protocol.calls)
    calls = max(protocol.calls_least, fits * protocol.calls // (discards + protocol.calls))
    return Turn(max(protocol.discards_least, fits - calls), calls)


def plan_blocks(round_s: float, available_s: float | None, protocol: Protocol) -> int:
    """Return how many blocks of ``round_s`` seconds fit what is left of a process's time.

    >>> [plan_blocks(0.1, available_s, Protocol()) for available_s in (None, 1.05, 0.1)]
    [20, 10, 3]
    """
    if available_s is None or round_s <= 0:
        return protocol.blocks
    return min(protocol.blocks, max(protocol.blocks_least, int(available_s / round_s)))


def warmup_limit_s(share_s: float | None, models: int, protocol: Protocol) -> float:
    """Return the seconds after which a model's warm-up stops, if it has made its least number of calls."""
    if share_s is None:
        return protocol.warmup_s
    return min(protocol.warmup_s, max(0.0, share_s) * _WARMUP_SHARE / models)


def share_s(protocol: Protocol, elapsed_s: float, processes_left: int, overhead_s: float) -> float | None:
    """Return the seconds the next process may be busy; its start and end cost ``overhead_s`` besides.

    >>> share_s(Protocol(time_budget_s=45), 5.0, 10, 0.5)
    3.5
    """
    if protocol.time_budget_s is None:
        return None
    return max(0.0, (protocol.time_budget_s - elapsed_s) / processes_left - overhead_s)


def time_for_more(protocol: Protocol, elapsed_s: float, pace_s: float, processes: int) -> bool:
    """Return whether a further look fits: half the time of a process so far must be left for each of its processes.

    >>> [time_for_more(Protocol(time_budget_s=60), elapsed_s, 4.0, 10) for elapsed_s in (40.0, 41.0)]
    [True, False]
    """
    return protocol.time_budget_s is None or protocol.time_budget_s - elapsed_s >= processes * pace_s / 2


def alone_deadline_s(protocol: Protocol, file_bytes: int) -> float:
    """Return the seconds after which a process that loads one file and runs it once is taken for hung."""
    return _patience_s(protocol) + _SLOWER_THAN_PLANNED * file_bytes / _LOAD_BYTES_PER_S


def deadline_s(protocol: Protocol, loads_s: Sequence[float], calls_s: Sequence[float], share: float | None) -> float:
    """Return the seconds after which a timing process is taken for hung.

    ``loads_s``, ``calls_s``: the times of its models' loads and first calls, alone. Its plan is its ``share`` of the
    time, or the least plan where that is longer, or the whole plan where there is no time limit.
    """
    if share is None:
        warmup, blocks, turn_s = protocol.warmup_calls, protocol.blocks, protocol.side_ms / 1e3
    else:
        warmup, blocks, turn_s = protocol.warmup_calls_least, protocol.blocks_least, 0.0
    turn = protocol.discards_least + protocol.calls_least
    once = 2 + warmup + 2 * protocol.idle_calls
    planned = sum(loads_s) + sum(once * call + blocks * max(turn_s, turn * call) for call in calls_s)
    return _patience_s(protocol) + _SLOWER_THAN_PLANNED * max(planned, share or 0.0)


def _patience_s(protocol: Protocol) -> float:
    return max(protocol.patience_s, (protocol.time_budget_s or 0.0) / 2) * _MORE_PATIENCE.get(protocol.device, 1.0)


def load_order(labels: Sequence[str], seed: int, process: int) -> tuple[str, ...]:
    """Return the models in this process's random order; over the processes each is first equally often."""
    group, turn = divmod(process, len(labels))
    order = random.Random(f"load {seed} {group}").sample(list(labels), len(labels))  # noqa: S311 (no secret)
    return (*order[turn:], *order[:turn])


def block_orders(labels: Sequence[str], blocks: int, seed: int, process: int) -> tuple[tuple[str, ...], ...]:
    """Return, block by block, the random order in which the models take their turns."""
    source = random.Random(f"blocks {seed} {process}")  # noqa: S311 (no secret)
    return tuple(tuple(source.sample(list(labels), len(labels))) for _ in range(blocks))
