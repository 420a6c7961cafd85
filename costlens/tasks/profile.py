"""Time per layer of a counted model or of a bare ONNX file: rows in, rows with their times and bounds out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from costlens.analysis.roofline import Bound, Bounds, bound, cached_bytes, row_bounds
from costlens.errors import UsageError
from costlens.results.counts import CountRow, ModelCount
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.runtimes import Options

OnProgress = Callable[[int, int, str], None]


def of_model(model: ModelCount, path: Path, options: Options, *, processes: int, on_progress: OnProgress) -> LayerTimes:
    """Measure the rows of a counted model, unfolded, by its exported file, in one to three processes."""
    from costlens.bench.attribution.run import PROCESSES, layer_times
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find

    named = Named(model.name, model.title, model.variant, model.also)
    rows = [_counted(row) for row in model.rows]
    few = max(1, min(processes, PROCESSES))
    times = layer_times(named, path, rows, options, processes=few, on_progress=on_progress)
    known = find(times.fingerprint)
    return times if known is None else _bounded(times, row_bounds(model, known))


def of_file(path: Path, options: Options, *, on_progress: OnProgress) -> LayerTimes:
    """Measure the nodes of an ONNX file, at the batch that it is for.

    A node has a bound where its MACs and its traffic are known. Its bound holds the MACs at padded positions too, and a
    cache is taken to hold what it can where the weights and the largest activations of one node fit.
    """
    from costlens.bench.attribution.run import layer_times
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find
    from costlens.readers import onnx as onnx_model

    if not path.is_file():
        raise UsageError(f"{path}: no such file; name an ONNX file that is there, or a spec")
    count = onnx_model.read(path)
    rows = [_counted(row) for row in count.rows]
    named = Named(path.name, "", "")
    times = layer_times(named, path, rows, replace(options, batch=count.batch), on_progress=on_progress)
    known = find(times.fingerprint)
    if known is None:
        return times
    footprint = (count.totals.weight_bytes or 0) + max(map(_activation_bytes, count.rows), default=0)
    return _bounded(times, [_bound(row, footprint, known) for row in count.rows])


def _counted(row: CountRow) -> LayerTime:
    return LayerTime(
        row.name, row.kind, 0.0, 0.0, (), macs=row.macs, macs_share=row.macs_share, traffic_bytes=row.traffic_bytes
    )


def _activation_bytes(row: CountRow) -> int:
    return (row.traffic_bytes or 0) - (row.weight_bytes or 0) if row.traffic_bytes else 0


def _bound(row: CountRow, footprint_bytes: int, known: Bounds) -> Bound | None:
    if row.macs is None or row.traffic_bytes is None:
        return None
    return bound(row.macs, row.traffic_bytes, known, cached_bytes=cached_bytes(row, footprint_bytes, known))


def _bounded(times: LayerTimes, bounds: Sequence[Bound | None]) -> LayerTimes:
    rows = (
        row if one is None else replace(row, bound_us=one.time_us, limited_by=one.limited_by)
        for row, one in zip(times.rows, bounds, strict=True)
    )
    return replace(times, rows=tuple(rows))
