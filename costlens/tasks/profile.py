"""Time per layer of a counted model or of a bare ONNX file: rows in, rows with their times and bounds out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from costlens.analysis.roofline import Bound, Bounds, bound, cached_bytes, row_bounds
from costlens.arithmetic.cost import BYTES_PER_VALUE
from costlens.arithmetic.shapes import elements
from costlens.errors import UsageError
from costlens.results.counts import CountRow, ModelCount
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.results.names import numbered
from costlens.results.onnx_counts import OnnxCount, OnnxRow
from costlens.runtimes import Options

OnProgress = Callable[[int, int, str], None]

_FP32_OR_STRUCTURE = frozenset({0, 1, 6, 7, 8, 9})
"""TensorProto.DataType: fp32, not told, and what shapes, axes and conditions are made of."""


@dataclass(frozen=True, slots=True)
class _Node:
    """What a node of an fp32 file moves, bytes."""

    weight_bytes: int
    activation_bytes: int

    @property
    def traffic_bytes(self) -> int:
        return self.weight_bytes + self.activation_bytes


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

    The second node of a name is ``name #2``. A node has a bound where its MACs and its traffic are known, and it has
    traffic where all numbers of the file are fp32. Its bound holds the MACs at padded positions too, and a cache is
    taken to hold what it can where the weights and the largest activations of one node fit.
    """
    from costlens.bench.attribution.run import layer_times
    from costlens.bench.attribution.summary import Named
    from costlens.bench.bounds import find
    from costlens.readers import onnx as onnx_model

    if not path.is_file():
        raise UsageError(f"{path}: no such file; name an ONNX file that is there, or a spec")
    count = onnx_model.read(path)
    moved = [_moved(row) for row in count.rows] if _is_fp32(path) else [None] * len(count.rows)
    names = numbered([row.name for row in count.rows])
    rows = [
        replace(_line(row, count), row=name, traffic_bytes=None if one is None else one.traffic_bytes)
        for row, name, one in zip(count.rows, names, moved, strict=True)
    ]
    named = Named(path.name, "", "")
    times = layer_times(named, path, rows, replace(options, batch=count.batch), on_progress=on_progress)
    known = find(times.fingerprint)
    if known is None:
        return times
    footprint = BYTES_PER_VALUE * count.params + max((one.activation_bytes for one in moved if one), default=0)
    macs = [row.macs for row in count.rows]
    return _bounded(times, [_bound(*each, footprint, known) for each in zip(macs, moved, strict=True)])


def _counted(row: CountRow) -> LayerTime:
    return LayerTime(
        row.name, row.kind, 0.0, 0.0, (), macs=row.macs, macs_share=row.macs_share, traffic_bytes=row.traffic_bytes
    )


def _line(row: OnnxRow, count: OnnxCount) -> LayerTime:
    share = row.macs / count.macs if row.macs is not None and count.macs else None
    return LayerTime(row.name, row.op, 0.0, 0.0, (), macs=row.macs, macs_share=share)


def _moved(row: OnnxRow) -> _Node | None:
    """Return a node's weights, first input and first output; None where no shape is known."""
    shapes = [elements(shape) for shape in (row.input, row.output) if shape is not None]
    return _Node(BYTES_PER_VALUE * row.params, BYTES_PER_VALUE * sum(shapes)) if shapes else None


def _is_fp32(path: Path) -> bool:
    """Say whether no tensor of an ONNX file, stored or made, is of another precision or quantised."""
    from costlens.readers.onnx.inference import infer

    graph = infer(path, {}).model.graph
    stored = [tensor.data_type for tensor in graph.initializer]
    made = [
        value.type.tensor_type.elem_type
        for value in (*graph.input, *graph.value_info, *graph.output)
        if value.type.HasField("tensor_type")
    ]
    return _FP32_OR_STRUCTURE.issuperset(stored + made)


def _bound(macs: int | None, moved: _Node | None, footprint_bytes: int, known: Bounds) -> Bound | None:
    if macs is None or moved is None:
        return None
    return bound(macs, moved.traffic_bytes, known, cached_bytes=cached_bytes(moved, footprint_bytes, known))


def _bounded(times: LayerTimes, bounds: Sequence[Bound | None]) -> LayerTimes:
    rows = (
        row if one is None else replace(row, bound_us=one.time_us, limited_by=one.limited_by)
        for row, one in zip(times.rows, bounds, strict=True)
    )
    return replace(times, rows=tuple(rows))
