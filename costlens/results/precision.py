"""A count of a model file → the same in another precision, as far as its rows tell."""

from __future__ import annotations

from dataclasses import replace

from costlens.arithmetic.precision import DTYPES, FP32, INT8, WIDTHS, Precision
from costlens.errors import UsageError
from costlens.results.counts import CountRow, ModelCount, add


def in_precision(count: ModelCount, precision: Precision) -> ModelCount:
    """Return a count of a file in fp32 with its sizes in a precision; activations by their width, of flash nothing.

    UsageError where the file stores its numbers in another one.
    """
    if count.precision == precision:
        return count
    if count.precision not in ("", FP32) or not is_float(count):
        stored = count.precision or ", ".join(dict.fromkeys(row.dtype for row in count.rows if row.weight_bytes))
        raise UsageError(f"its numbers are {stored} already; leave --precision out, or name its spec or its fp32 file")
    rows = tuple(_row(row, precision) for row in count.rows)
    totals = count.totals
    weights, traffic = (add(getattr(row, name) for row in rows) for name in ("weight_bytes", "traffic_bytes"))
    known = totals.weight_bytes is not None and totals.traffic_bytes is not None
    return replace(
        count,
        precision=precision,
        rows=rows,
        status={**count.status, "flash_bytes": "unavailable"},
        totals=replace(
            totals,
            weight_bytes=weights if known else totals.weight_bytes,
            traffic_bytes=traffic if known else totals.traffic_bytes,
            peak_activation_bytes=_narrowed(totals.peak_activation_bytes, precision),
            arena_bytes=totals.arena_bytes_int8 if precision == INT8 else _narrowed(totals.arena_bytes, precision),
            flash_bytes=None,
            intensity=totals.flops / traffic if known and totals.flops is not None and traffic else totals.intensity,
        ),
    )


def is_float(count: ModelCount) -> bool:
    """Say whether all that a file stores and computes is in fp32, as far as its rows tell."""
    return all(row.dtype in ("float32", "") or not row.weight_bytes for row in count.rows) and all(
        row.weight_bytes is None or row.deployed_params is None or row.weight_bytes == 4 * row.deployed_params
        for row in count.rows
    )


def _row(row: CountRow, precision: Precision) -> CountRow:
    weights = row.weight_bytes_int8 if precision == INT8 else _narrowed(row.weight_bytes, precision)
    moved = None if row.traffic_bytes is None else row.traffic_bytes - (row.weight_bytes or 0)
    traffic = None if moved is None or weights is None else weights + (_narrowed(moved, precision) or 0)
    return replace(
        row,
        weight_bytes=weights,
        traffic_bytes=traffic,
        live_bytes=_narrowed(row.live_bytes, precision),
        intensity=row.flops / traffic if row.flops is not None and traffic else row.intensity,
        dtype=DTYPES[precision] if row.dtype == DTYPES[FP32] else row.dtype,
    )


def _narrowed(size: int | None, precision: Precision) -> int | None:
    return None if size is None else size * WIDTHS[precision] // WIDTHS[FP32]
