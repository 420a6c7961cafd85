"""Time per layer: each row's measured share of a call, with the kernels that ran. ``costlens.layer-times/1``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Literal, TypeVar

from costlens.errors import UsageError
from costlens.results.latency import MachineFacts
from costlens.results.stored import to_json
from costlens.runtimes import Fingerprint

SCHEMA = "costlens.layer-times/1"

_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class KernelTime:
    """A kernel that ran: microseconds as profiled and as they are without the profiler."""

    name: str
    op: str
    profiled_us: float
    microseconds: float


@dataclass(frozen=True, slots=True)
class LayerTime:
    """One row of the spec (of a bare file: one node) or a line that belongs to no row.

    ``microseconds`` a call, without the profiler's share; ``share`` of the sum of all lines. ``fused`` are the rows
    whose work these kernels do besides, ``inside`` the row whose kernels do this one's work where it has none of its
    own. ``macs`` and ``traffic_bytes`` are the count's, None where they are not known. ``bound_us`` is the least time
    this machine could take for both, ``limited_by`` what sets it (``compute`` or ``memory``): None and empty where the
    machine's bounds were not measured.
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
    def gmacs_per_s(self) -> float | None:
        """Achieved 10⁹ MACs a second."""
        return self.macs / self.microseconds / 1e3 if self.macs and self.microseconds else None

    @property
    def bytes_per_s(self) -> float | None:
        """The count's traffic a second: what must be moved at least."""
        return self.traffic_bytes / self.microseconds * 1e6 if self.traffic_bytes and self.microseconds else None

    @property
    def macs_per_byte(self) -> float | None:
        """MACs ÷ traffic."""
        return self.macs / self.traffic_bytes if self.macs is not None and self.traffic_bytes else None

    @property
    def of_bound(self) -> float | None:
        """The least possible time ÷ the measured one."""
        return self.bound_us / self.microseconds if self.bound_us and self.microseconds else None


@dataclass(frozen=True, slots=True)
class Rung:
    """A net of small kernels, by which the profiler is weighed.

    Microseconds a call without it and with it, and the sum of the kernels by its own account.
    """

    kernels: int
    unprofiled_us: float
    profiled_us: float
    kernels_us: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """What profiling adds to a kernel, microseconds: inside its own duration and outside it.

    ``call_us`` is what a call costs without any kernel. ``error_us`` is how far the rungs are from the lines through
    them, root mean square a kernel.
    """

    inside_us: float
    outside_us: float
    call_us: float
    error_us: float
    rungs: tuple[Rung, ...]


@dataclass(frozen=True, slots=True)
class LayerTimes:
    """One model's time, row by row; every kernel is in one line.

    ``layout`` are kernels that only move data for the runtime's sake, ``other`` those of which it is not known what
    they are for. ``unprofiled_us`` is the latency measured in
    the same processes without the profiler, ``profiled_us`` with it. All are of calls that were least disturbed, the
    fastest quarter of each process; medians over processes.
    """

    schema: str
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

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise UsageError(f"layer times: expected {SCHEMA}, received {self.schema!r}; profile the model again")

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
        """All lines and the call itself: what the unprofiled latency is compared with."""
        return sum(line.microseconds for line in self.lines) + self.calibration.call_us

    @property
    def coverage(self) -> float:
        """Kernels of which it is known what they are for ÷ all."""
        return 1 - len(self.other.kernels) / self.kernels if self.kernels else 1.0

    @property
    def time_coverage(self) -> float:
        """The same in time."""
        return 1 - self.other.share

    @property
    def residual(self) -> float:
        """(sum − unprofiled latency) ÷ unprofiled latency."""
        return self.sum_us / self.unprofiled_us - 1

    @property
    def raw_residual(self) -> float:
        """The residual without any correction: the sum of the kernels as profiled ÷ the unprofiled latency, − 1."""
        raw = sum(kernel.profiled_us for line in self.lines for kernel in line.kernels)
        return raw / self.unprofiled_us - 1


def fold(times: LayerTimes, depth: int | None) -> LayerTimes:
    """Fold rows by the first ``depth`` parts of their names, as counts are folded; None leaves them as they are."""
    if depth is None:
        return times
    runs = groupby(times.rows, key=lambda row: tuple(row.row.split(".")[:depth]))
    return replace(times, rows=tuple(_block(list(run)) for _, run in runs))


def ordered(times: LayerTimes, by: Literal["time", "macs"] | None) -> LayerTimes:
    """Put the rows with the most time or MACs first; None leaves them in the network's order."""
    if by is None:
        return times
    key = (lambda row: -row.microseconds) if by == "time" else (lambda row: -(row.macs or 0))
    return replace(times, rows=tuple(sorted(times.rows, key=key)))


def layer_times_to_json(times: LayerTimes) -> str:
    """Return one model's times as JSON text."""
    return to_json(times)


def _block(run: Sequence[LayerTime]) -> LayerTime:
    if len(run) == 1:
        return run[0]
    names = {row.row for row in run}
    microseconds = sum(row.microseconds for row in run)
    bounds = [row.bound_us for row in run if row.kernels]
    hosts = {row.inside for row in run if row.inside} - names
    own = tuple(kernel for row in run for kernel in row.kernels)
    return LayerTime(
        row=_common_name([row.row for row in run]),
        kind=f"{len(run)} layers",
        microseconds=microseconds,
        share=sum(row.share for row in run),
        kernels=own,
        fused=tuple(dict.fromkeys(name for row in run for name in row.fused if name not in names)),
        inside=hosts.pop() if len(hosts) == 1 and not own else "",
        macs=_sum([row.macs for row in run]),
        macs_share=_sum([row.macs_share for row in run]),
        traffic_bytes=_sum([row.traffic_bytes for row in run]),
        bound_us=_sum(bounds) if bounds else None,
        limited_by=_dominant(run),
    )


def _common_name(names: Sequence[str]) -> str:
    parts = zip(*(name.split(".") for name in names), strict=False)
    return ".".join(column[0] for column in takewhile(lambda column: len(set(column)) == 1, parts))


def _sum(values: Sequence[_Number | None]) -> _Number | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _dominant(run: Sequence[LayerTime]) -> str:
    """Return what limits most of the time of a block."""
    words = {row.limited_by for row in run if row.limited_by}
    spent = {word: sum(row.microseconds for row in run if row.limited_by == word) for word in words}
    return max(sorted(spent), key=lambda word: spent[word], default="")
