"""The roofline: the least time that a machine's peak and its bandwidth leave to a piece of work. Arithmetic only.

Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for multicore
architectures", Communications of the ACM 52(4), 2009.
"""

from dataclasses import dataclass
from math import prod
from typing import Literal

from costlens.results.bounds import Bounds, LeastTime
from costlens.results.counts import CountRow, ModelCount, known


@dataclass(frozen=True, slots=True)
class Bound:
    """The least time of a piece of work, and which of the two roofs it lies under."""

    time_us: float
    limited_by: Literal["compute", "memory"]


def bound(macs: int, traffic_bytes: int, bounds: Bounds, *, cached_bytes: int = 0) -> Bound:
    """Return max(MACs ÷ peak, traffic ÷ bandwidth), in microseconds.

    ``cached_bytes`` is the part of the traffic that a cache holds: it moves at the cache's bandwidth, where that was
    measured.

    >>> laptop = Bounds("f", 50.0, 20e9, 1, "fp32", "2025-01-31T12:00Z", 2**25, 80e9)
    >>> bound(100_000_000, 4_000_000, laptop)
    Bound(time_us=2000.0, limited_by='compute')
    >>> bound(1_000_000, 4_000_000, laptop)
    Bound(time_us=200.0, limited_by='memory')
    >>> bound(1_000_000, 4_000_000, laptop, cached_bytes=4_000_000)
    Bound(time_us=50.0, limited_by='memory')
    """
    cache_bandwidth = bounds.cache_bandwidth_bytes_per_s or bounds.bandwidth_bytes_per_s
    compute_us = macs / bounds.peak_gmacs_per_s / 1e3
    memory_us = 1e6 * ((traffic_bytes - cached_bytes) / bounds.bandwidth_bytes_per_s + cached_bytes / cache_bandwidth)
    return Bound(max(compute_us, memory_us), "compute" if compute_us > memory_us else "memory")


def cached_bytes(row: CountRow, footprint_bytes: int, bounds: Bounds) -> int:
    """Return how much of a row's traffic the last-level cache may hold from one row, and one call, to the next.

    All of it where the whole model fits (``footprint_bytes``: its weights and peak activations); else its activations
    where these fit. That is the most a cache can do, as a least time asks.
    """
    if footprint_bytes <= bounds.cache_bytes:
        return known(row.traffic_bytes)
    activations = max(0, known(row.traffic_bytes) - known(row.weight_bytes))
    return activations if activations <= bounds.cache_bytes else 0


def computed_macs(row: CountRow) -> int:
    """Return a row's MACs without those at padded positions, which are counted and which kernels skip.

    The zeros are taken as split evenly between both ends, as ``same`` does, and the taps as next to each other.
    """
    macs = known(row.macs)
    if row.kernel is None:
        return macs
    axes = zip(known(row.input), row.kernel, row.stride or row.kernel, known(row.output), strict=False)
    return round(macs * prod(_taps(size, kernel, stride, out) / (out * kernel) for size, kernel, stride, out in axes))


def _taps(size: int, kernel: int, stride: int, out: int) -> int:
    """Count, over all positions of one axis, the kernel's taps that meet the input; a transposed axis has no others.

    >>> _taps(8, 5, 1, 8), _taps(8, 5, 1, 4), _taps(8, 3, 2, 4), _taps(4, 3, 2, 8)
    (34, 20, 11, 24)
    """
    if (out - 1) * stride >= size:
        return out * kernel
    before = max(0, (out - 1) * stride + kernel - size) // 2
    starts = range(-before, out * stride - before, stride)
    return sum(min(size, start + kernel) - max(0, start) for start in starts)


def row_bounds(model: ModelCount, bounds: Bounds, *, padded: bool = False) -> tuple[Bound | None, ...]:
    """Return the bound of each of a model's rows in their order; None where a figure is not known, or not in fp32.

    ``padded``: MACs at padded positions are kept in, where the layout of the shapes is not known, as in a model file.
    Where the peak of activations is not known, the most that one row moves stands for it.
    """
    moved = [row.traffic_bytes - (row.weight_bytes or 0) for row in model.rows if row.traffic_bytes is not None]
    peak = model.totals.peak_activation_bytes
    footprint = (model.totals.weight_bytes or 0) + (max(moved, default=0) if peak is None else peak)
    return tuple(
        None
        if row.macs is None or row.traffic_bytes is None or row.dtype != "float32"
        else bound(
            row.macs if padded else computed_macs(row),
            row.traffic_bytes,
            bounds,
            cached_bytes=cached_bytes(row, footprint, bounds),
        )
        for row in model.rows
    )


def least_time(model: ModelCount, measured_ms: float, bounds: Bounds, label: str, *, padded: bool = False) -> LeastTime:
    """Sum the bounds of a model's rows, which run one after another, and set them beside its measured time.

    Every row must have a bound, see ``row_bounds``, which also says what ``padded`` is.
    """
    rows = [known(one) for one in row_bounds(model, bounds, padded=padded)]
    least_us = sum(row.time_us for row in rows)
    compute_us = sum(row.time_us for row in rows if row.limited_by == "compute")
    limited_by: Literal["compute", "memory"] = "compute" if 2 * compute_us > least_us else "memory"
    return LeastTime(label, least_us / 1e3, measured_ms, limited_by, bounds)
