"""Time per layer of a counted model or of a bare ONNX file: rows in, rows with their times and bounds out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from costlens.cost import BYTES_PER_VALUE
from costlens.errors import UsageError
from costlens.results.counts import CountRow, ModelCount
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.results.onnx_counts import OnnxCount, OnnxRow
from costlens.roofline import Bound, bound, row_bounds
from costlens.runtimes import Options
from costlens.shapes import elements

OnProgress = Callable[[int, int, str], None]


def of_model(model: ModelCount, path: Path, options: Options, *, on_progress: OnProgress) -> LayerTimes:
    """Measure the rows of a counted model, unfolded, by its exported file."""
    from costlens.bench.attribution.run import layer_times
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find

    named = Named(model.name, model.title, model.variant, model.also)
    times = layer_times(named, path, [_counted(row) for row in model.rows], options, on_progress=on_progress)
    known = find(times.fingerprint)
    return times if known is None else _bounded(times, row_bounds(model, known))


def of_file(path: Path, options: Options, *, on_progress: OnProgress) -> LayerTimes:
    """Measure the nodes of an ONNX file, at the batch that it is for."""
    from costlens import onnx_model
    from costlens.bench.attribution.run import layer_times
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find

    if not path.is_file():
        raise UsageError(f"{path}: no such file; name an ONNX file that is there, or a spec")
    count = onnx_model.read(path)
    rows = [_node(row, count) for row in count.rows]
    named = Named(path.name, "", "")
    times = layer_times(named, path, rows, replace(options, batch=count.batch), on_progress=on_progress)
    known = find(times.fingerprint)
    if known is None:
        return times
    return _bounded(times, [bound(row.macs or 0, row.traffic_bytes or 0, known) for row in times.rows])


def _counted(row: CountRow) -> LayerTime:
    return LayerTime(
        row.name, row.kind, 0.0, 0.0, (), macs=row.macs, macs_share=row.macs_share, traffic_bytes=row.traffic_bytes
    )


def _node(row: OnnxRow, count: OnnxCount) -> LayerTime:
    """Make a node's line; its traffic is its weights, first input and first output, where a shape is known."""
    moved = [elements(shape) for shape in (row.input, row.output) if shape is not None]
    traffic = BYTES_PER_VALUE * (row.params + sum(moved)) if moved else None
    share = row.macs / count.macs if row.macs is not None and count.macs else None
    return LayerTime(row.name, row.op, 0.0, 0.0, (), macs=row.macs, macs_share=share, traffic_bytes=traffic)


def _bounded(times: LayerTimes, bounds: Sequence[Bound]) -> LayerTimes:
    rows = (
        replace(row, bound_us=one.time_us, limited_by=one.limited_by)
        for row, one in zip(times.rows, bounds, strict=True)
    )
    return replace(times, rows=tuple(rows))
