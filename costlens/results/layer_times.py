"""Time per layer: each row's measured share of a call, with the kernels that ran. ``costlens.layer-times/1``."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from costlens.results.counts import add
from costlens.results.latency import MachineFacts
from costlens.results.names import blocks, common_name
from costlens.results.stored import Document
from costlens.runtimes import Fingerprint

OVERHEAD_BELOW = 0.4
"""A row that takes more than 2.5 times its bound is limited by something else: starting kernels, waiting, caches."""
NOISE = 0.1
"""Bounds and times of kernels were seen to differ by a few per cent from one measurement to the next."""
MOST_RESIDUAL = 0.1
"""On a quiet machine sums of layers are within 6 % of the latency; beyond this other work has moved one of the two."""


@dataclass(frozen=True, slots=True)
class KernelTime:
    """A kernel that ran: its microseconds as profiled, and with the profiler's cost taken off."""

    name: str
    op: str
    profiled_us: float
    microseconds: float


@dataclass(frozen=True, slots=True)
class LayerTime:
    """One row of a spec, one node of a bare file, or a line that belongs to no row.

    ``microseconds`` a call, with the profiler's cost taken off; ``share`` of the sum of all lines. ``fused``: the other
    rows whose work these kernels do. ``inside``: the row whose kernels do this row's work, where it has none of its
    own. ``macs`` and ``traffic_bytes`` come from the count and are None where they are not known. ``bound_us`` is the
    least time that this machine needs for both, and ``limited_by`` which of the two sets it (``compute`` or
    ``memory``): None and empty where the machine's bounds were not measured.
    """

    row: str
    kind: str
    microseconds: float
    share: float
    kernels: tuple[KernelTime, ...]
    fused: tuple[str, ...] = ()
    inside: str = ""
    macs: int | None = None
    macs_share: float | None = None
    traffic_bytes: int | None = None
    bound_us: float | None = None
    limited_by: str = ""

    @property
    def resolved(self) -> bool:
        """Whether the time is long enough for a rate: no shorter than what was taken off.

        The cost taken off is a mean over kernels of several operators, and a kernel's own may be a tenth or two away
        from it: five variants of one pooling layer, 2 µs off each, came out at 0.01 to 0.24 µs. From this limit on
        such an error moves the time, and each rate made from it, by no larger a share than it has of the cost.
        """
        taken_off_us = sum(kernel.profiled_us - kernel.microseconds for kernel in self.kernels)
        return bool(self.kernels) and self.microseconds > 0 and self.microseconds >= taken_off_us

    @property
    def gmacs_per_s(self) -> float | None:
        """Achieved 10⁹ MACs a second."""
        return self.macs / self.microseconds / 1e3 if self.macs and self.resolved else None

    @property
    def bytes_per_s(self) -> float | None:
        """Achieved bytes a second, of the traffic that the count says is needed at least."""
        return self.traffic_bytes / self.microseconds * 1e6 if self.traffic_bytes and self.resolved else None

    @property
    def macs_per_byte(self) -> float | None:
        """MACs ÷ traffic."""
        return self.macs / self.traffic_bytes if self.macs is not None and self.traffic_bytes else None

    @property
    def of_bound(self) -> float | None:
        """The least possible time ÷ the measured one; above 1 one of the two is wrong."""
        return self.bound_us / self.microseconds if self.bound_us and self.resolved else None

    @property
    def beats_bound(self) -> bool:
        """Whether the row is faster than its bound by more than the noise of a profile."""
        return self.of_bound is not None and self.of_bound > 1 + NOISE

    @property
    def bound_by(self) -> str:
        """What the time goes to: ``compute``, ``memory``, or ``overhead`` where both bounds are far away.

        ``too short to tell`` where the time is not ``resolved``; empty where there are no bounds or no kernels.
        """
        if not self.kernels or not self.limited_by:
            return ""
        if self.of_bound is None:
            return "too short to tell"
        return self.limited_by if self.of_bound >= OVERHEAD_BELOW else "overhead"


@dataclass(frozen=True, slots=True)
class Rung:
    """A net of small kernels that shows what the profiler costs.

    Microseconds a call without it and with it, and the sum of its kernels as it reports them.
    """

    kernels: int
    unprofiled_us: float
    profiled_us: float
    kernels_us: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What profiling adds to a kernel, microseconds: inside its reported duration and outside it.

    ``call_us`` is the cost of a call without any kernel. ``error_us`` is the distance of the rungs from the lines
    through them, root mean square a kernel.
    """

    inside_us: float
    outside_us: float
    call_us: float
    error_us: float
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class LayerTimes(Document):
    """One model's time, row by row; every kernel is in exactly one line.

    ``layout``: kernels that only move data from one layout to another. ``other``: kernels whose purpose is not known.
    ``unprofiled_us`` is the latency measured in the same processes without the profiler, ``profiled_us`` with it. All
    times are of the least disturbed calls, the fastest quarter of each process; medians over processes. ``note``: what
    the reader must know of them.
    """

    SCHEMA = "costlens.layer-times/1"
    REMEDY = "profile the model again"

    name: str
    title: str
    variant: str
    also: tuple[str, ...]
    batch: int
    machine: MachineFacts
    runtime: Fingerprint
    fingerprint: str
    processes: int
    runs: int
    unprofiled_us: float
    profiled_us: float
    calibration: Calibration
    rows: tuple[LayerTime, ...]
    layout: LayerTime
    other: LayerTime
    note: str = ""

    @property
    def lines(self) -> tuple[LayerTime, ...]:
        """All lines that hold kernels."""
        return (*self.rows, self.layout, self.other)

    @property
    def kernels(self) -> int:
        """How many kernels a call runs."""
        return sum(len(line.kernels) for line in self.lines)

    @property
    def sum_us(self) -> float:
        """All lines and the call itself; it is compared with the unprofiled latency."""
        return sum(line.microseconds for line in self.lines) + self.calibration.call_us

    @property
    def coverage(self) -> float:
        """Kernels whose purpose is known ÷ all."""
        return 1 - len(self.other.kernels) / self.kernels if self.kernels else 1.0

    @property
    def residual(self) -> float:
        """(sum − unprofiled latency) ÷ unprofiled latency."""
        return self.sum_us / self.unprofiled_us - 1

    @property
    def trustworthy(self) -> bool:
        """Whether the layers add up to the latency, within ``MOST_RESIDUAL``."""
        return abs(self.residual) <= MOST_RESIDUAL

    @property
    def raw_residual(self) -> float:
        """The residual without any correction: the sum of the kernels as profiled ÷ the unprofiled latency, − 1."""
        raw = sum(kernel.profiled_us for line in self.lines for kernel in line.kernels)
        return raw / self.unprofiled_us - 1


def fold(times: LayerTimes, depth: int | None) -> LayerTimes:
    """Fold rows by the first ``depth`` parts of their names, as counts are folded; None leaves them as they are."""
    return replace(times, rows=tuple(map(_block, blocks(times.rows, depth, lambda row: row.row))))


def ordered(times: LayerTimes, by: Literal["time", "macs"] | None) -> LayerTimes:
    """Put the rows with the most time or MACs first; None leaves them in the network's order."""
    if by is None:
        return times
    key = (lambda row: -row.microseconds) if by == "time" else (lambda row: -(row.macs or 0))
    return replace(times, rows=tuple(sorted(times.rows, key=key)))


def _block(run: Sequence[LayerTime]) -> LayerTime:
    if len(run) == 1:
        return run[0]
    names = {row.row for row in run}
    microseconds = sum(row.microseconds for row in run)
    bounds = [row.bound_us for row in run if row.kernels]
    hosts = {row.inside for row in run if row.inside} - names
    own = tuple(kernel for row in run for kernel in row.kernels)
    spent: Counter[str] = Counter()
    for row in run:
        spent.update({row.limited_by: row.microseconds} if row.limited_by else {})  # most of the time is under one
    return LayerTime(
        row=common_name([row.row for row in run]),
        kind=f"{len(run)} layers",
        microseconds=microseconds,
        share=sum(row.share for row in run),
        kernels=own,
        fused=tuple(dict.fromkeys(name for row in run for name in row.fused if name not in names)),
        inside=hosts.pop() if len(hosts) == 1 and not own else "",
        macs=add(row.macs for row in run),
        macs_share=add(row.macs_share for row in run),
        traffic_bytes=add(row.traffic_bytes for row in run),
        bound_us=add(bounds) if bounds else None,
        limited_by=max(sorted(spent), key=lambda bound: spent[bound], default=""),
    )
