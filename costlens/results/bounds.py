"""What a machine can do at most, measured through a runtime and kept by fingerprint; JSON round-trips exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from costlens.errors import UsageError
from costlens.results.latency import MachineFacts
from costlens.results.stored import Document
from costlens.runtimes import Fingerprint

Precision = Literal["fp32", "fp16", "int8"]
Unit = Literal["GMAC/s", "GB/s", "us"]
NOISE = 0.02
"""A time that is shorter than the least possible one by up to this may be noise."""
FALL = 0.05
"""A peak that is lower than with fewer threads by up to this may be noise."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The best that was seen on one machine with at most this number of threads, in one precision.

    fingerprint: of the machine, the runtime and the threads; a measurement is compared with the bounds of its own.
    peak_gmacs_per_s: 10⁹ multiply-accumulates a second. bandwidth_bytes_per_s: bytes read and written, in tensors far
    larger than the caches. measured: the time, UTC.
    cache_bytes: the last level's size. cache_bandwidth_bytes_per_s: for tensors that stay in the caches.
    overhead_us: the cost of a kernel that does next to nothing. These are 0 where they are not known.
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
    """One operation at its best: ``value`` in ``unit``, the best of ``blocks`` blocks.

    ``spread`` is the median block's time ÷ the best block's: 1.00 on a quiet machine. ``size`` is the operation's.
    """

    operation: str
    precision: Precision
    threads: int
    value: float
    unit: Unit
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
class MachineBounds(Document):
    """One machine, what it is and what it can do. ``fingerprint`` is that at one thread; ``seconds`` all of it took."""

    SCHEMA = "costlens.bounds/1"
    REMEDY = "run costlens machine --measure"

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


@dataclass(frozen=True, slots=True)
class LeastTime:
    """The least time of one model by the roofline of its machine, and the median that was measured.

    ``limited_by`` is the bound that sets more than half of the least time.
    """

    label: str
    least_ms: float
    measured_ms: float
    limited_by: Literal["compute", "memory"]
    bounds: Bounds

    @property
    def times_least(self) -> float:
        """The measured time ÷ the least time."""
        return self.measured_ms / self.least_ms

    @property
    def beaten(self) -> bool:
        """Whether the model was faster than that by more than noise, so that the bounds are too low."""
        return self.times_least < 1 - NOISE


def falling(rates: Sequence[Rate]) -> list[Rate]:
    """Return the peaks that are lower than with fewer threads, beyond noise: other work on the machine is likely."""
    peaks = [rate for rate in rates if rate.unit == "GMAC/s"]
    best: dict[tuple[str, str], float] = {}
    fallen = []
    for rate in sorted(peaks, key=lambda rate: rate.threads):
        key = (rate.operation, rate.precision)
        if rate.value < (1 - FALL) * best.get(key, 0.0):
            fallen.append(rate)
        best[key] = max(rate.value, best.get(key, 0.0))
    return fallen
