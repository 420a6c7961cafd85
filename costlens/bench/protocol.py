"""The plan of a measurement: how many processes, warm-up calls, blocks and calls, and how they fit the time.

The process is the sampling unit: calls of one process are correlated and share their placement in memory, so
more calls do not replace more processes. Within a process every block gives each model one turn, in random
order, and what is compared are the minima of a block's turns.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from costlens.errors import UsageError, did_you_mean
from costlens.runtimes import DEVICES, Device, Options

_MUCH_LARGER = 3.0
_WARMUP_SHARE = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """One comparison: all models side by side in each of ``processes`` processes.

    ``time_budget_s`` bounds the whole comparison by cutting warm-up and blocks, never processes; None is no
    bound. UsageError for numbers that make no measurement.
    """

    runtime: str = "onnxruntime"
    device: Device = "auto"
    threads: int = 1
    batch: int = 1
    seed: int = 0

    processes: int = 10
    time_budget_s: float | None = 45.0

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

    def __post_init__(self) -> None:
        """Refuse what cannot be measured."""
        for name in ("threads", "batch", "processes", "blocks_least", "calls_least", "warmup_calls_least"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} must be at least 1, received {getattr(self, name)}")
        if self.seed < 0:
            raise UsageError(f"seed must not be negative, received {self.seed}")
        if self.time_budget_s is not None and not self.time_budget_s > 0:
            raise UsageError(f"time_budget_s must be above 0, received {self.time_budget_s}")
        if self.device not in DEVICES:
            hint = did_you_mean(self.device, DEVICES)
            raise UsageError(f"device must be one of {', '.join(DEVICES)}, received {self.device!r}{hint}")

    @classmethod
    def quick(cls, **changes: Any) -> Protocol:
        """Return the plan for a look: three processes, so intervals of 75 % instead of 95 %.

        >>> Protocol.quick(threads=2).processes
        3
        """
        return cls(**{"processes": 3, "blocks": 8, "time_budget_s": 9.0, **changes})

    @property
    def options(self) -> Options:
        """What the runtime has to know."""
        return Options(self.device, self.threads, self.batch, self.seed)

    def facts(self) -> dict[str, Any]:
        """Return every number of the plan by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True, slots=True)
class Side:
    """One model's turn in a block: calls thrown away, then calls timed."""

    discards: int
    calls: int

    @property
    def total(self) -> int:
        """All calls of the turn."""
        return self.discards + self.calls


def plan_sides(call_ms: Mapping[str, float], protocol: Protocol) -> dict[str, Side]:
    """Return each model's turn: about ``side_ms`` long at most, longer only where the least plan is.

    A model beside a much larger one finds its caches emptied and discards more calls.

    >>> plan_sides({"a": 0.02, "b": 0.03}, Protocol())["a"]
    Side(discards=3, calls=10)
    >>> plan_sides({"a": 0.02, "b": 90.0}, Protocol())
    {'a': Side(discards=10, calls=10), 'b': Side(discards=1, calls=2)}
    """
    largest = max(call_ms.values())
    return {label: _side(ms, largest >= _MUCH_LARGER * ms, protocol) for label, ms in call_ms.items()}


def _side(ms: float, beside_larger: bool, protocol: Protocol) -> Side:
    discards = protocol.discards_after_larger if beside_larger else protocol.discards
    fits = int(protocol.side_ms / ms) if ms > 0 else discards + protocol.calls
    if fits >= discards + protocol.calls:
        return Side(discards, protocol.calls)
    calls = max(protocol.calls_least, fits * protocol.calls // (discards + protocol.calls))
    return Side(max(protocol.discards_least, fits - calls), calls)


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


def load_order(labels: Sequence[str], seed: int, process: int) -> tuple[str, ...]:
    """Return the models in this process's random order; over the processes each is first equally often."""
    group, turn = divmod(process, len(labels))
    order = random.Random(f"load {seed} {group}").sample(list(labels), len(labels))  # noqa: S311 (no secret)
    return (*order[turn:], *order[:turn])


def block_orders(labels: Sequence[str], blocks: int, seed: int, process: int) -> tuple[tuple[str, ...], ...]:
    """Return, block by block, the random order in which the models take their turns."""
    source = random.Random(f"blocks {seed} {process}")  # noqa: S311 (no secret)
    return tuple(tuple(source.sample(list(labels), len(labels))) for _ in range(blocks))
