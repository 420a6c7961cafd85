"""What a machine can do at most, measured through a runtime and kept by fingerprint; JSON round-trips exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from costlens.errors import UsageError
from costlens.results.latency import MachineFacts
from costlens.results.stored import from_json, to_json
from costlens.runtimes import Fingerprint

SCHEMA = "costlens.bounds/1"

Precision = Literal["fp32", "fp16", "int8"]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The best that was seen on one machine, at one number of threads, in one precision.

    fingerprint: of the machine, the runtime and the threads; a measurement is compared with the bounds of its own.
    peak_gmacs_per_s: 10⁹ multiply-accumulates a second. bandwidth_bytes_per_s: bytes read and written, tensors far
    larger than the caches. measured: the time, UTC.
    cache_bytes: the last level's size; cache_bandwidth_bytes_per_s: tensors that stay in the caches;
    overhead_us: what one kernel costs however small it is. These are 0 where they are not known.
    """

    fingerprint: str
    peak_gmacs_per_s: float
    bandwidth_bytes_per_s: float
    threads: int
    precision: Precision
    measured: str
    cache_bytes: int = 0
    cache_bandwidth_bytes_per_s: float = 0.0
    overhead_us: float = 0.0

    def __post_init__(self) -> None:
        for name in ("peak_gmacs_per_s", "bandwidth_bytes_per_s"):
            if not 0 < getattr(self, name) < float("inf"):
                raise UsageError(f"bounds: {name} must be above 0 and finite, received {getattr(self, name)}")

    @property
    def ridge_macs_per_byte(self) -> float:
        """The intensity above which work is bound by compute: peak ÷ bandwidth, in MACs a byte.

        >>> Bounds("f", 50.0, 20e9, 1, "fp32", "").ridge_macs_per_byte
        2.5
        """
        return self.peak_gmacs_per_s * 1e9 / self.bandwidth_bytes_per_s


@dataclass(frozen=True, slots=True)
class CacheFacts:
    """One cache of the first core: its level, what it holds, its size, and how many of the cores share it."""

    level: int
    kind: Literal["data", "instruction", "unified"]
    bytes: int
    shared_by: int


@dataclass(frozen=True, slots=True)
class Rate:
    """One operation at its best: ``value`` in ``unit``, the highest of ``blocks`` blocks.

    ``spread`` is that ÷ the median block's: 1.00 on a quiet machine. ``size`` says how large the operation is.
    """

    operation: str
    precision: Precision
    threads: int
    value: float
    unit: Literal["GMAC/s", "GB/s", "us"]
    size: str
    spread: float
    blocks: int


@dataclass(frozen=True, slots=True)
class NotMeasured:
    """A figure that this machine and runtime do not have, and why."""

    precision: Precision
    threads: int
    operation: str
    why: str


@dataclass(frozen=True, slots=True)
class MachineBounds:
    """One machine, what it is and what it can do. ``fingerprint`` is that at one thread; ``seconds`` all of it took."""

    schema: str
    fingerprint: str
    measured: str
    seconds: float
    machine: MachineFacts
    caches: tuple[CacheFacts, ...]
    runtime: Fingerprint
    providers_available: tuple[str, ...]
    bounds: tuple[Bounds, ...]
    rates: tuple[Rate, ...]
    not_measured: tuple[NotMeasured, ...]

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise UsageError(f"bounds: expected {SCHEMA}, received {self.schema!r}; run costlens machine --measure")


@dataclass(frozen=True, slots=True)
class LeastTime:
    """The least time of one model by the roofline of its machine, and the median that was measured.

    ``limited_by`` is what more than half of that time goes to.
    """

    label: str
    least_ms: float
    measured_ms: float
    limited_by: Literal["compute", "memory"]
    bounds: Bounds

    @property
    def times_least(self) -> float:
        """How many times the least time was measured."""
        return self.measured_ms / self.least_ms


def bounds_to_json(bounds: MachineBounds) -> str:
    """Return a machine's bounds as JSON text."""
    return to_json(bounds)


def bounds_from_json(text: str, *, what: str = "bounds") -> MachineBounds:
    """Read a machine's bounds; UsageError where the text holds none, or those of another version."""
    return from_json(MachineBounds, text, what=what, remedy="run costlens machine --measure")
