"""Pools and reductions."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Layout, Shape, Tensor
from costlens.prediction.rules._convolution import pool, window_of
from costlens.prediction.rules._pads import padded
from costlens.prediction.rules._products import reduce
from costlens.prediction.rules._rule import SCALAR, Rule
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _pool(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        (x,) = reads
        kernel, window = window_of(layer, x.shape)
        chosen = layer.window(x.shape)
        pads = chosen.pads(x.shape[:-1])
        if any(map(any, pads)) and not chosen.is_same(pads):
            x = padded(w, x, pads)
            return pool(w, op, x, out, kernel_shape=kernel, strides=window["strides"], auto_pad="VALID")
        return pool(
            w, op, x, out, kernel_shape=kernel, **{name: value for name, value in window.items() if name != "dilations"}
        )

    return rule


def _global(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        axes = range(len(reads[0].shape) - 1)
        return reduce(w, op, reads[0], axes, out, keep=len(out) > 1)

    return rule


def _reduce(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor | None:
    op = {"mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "sum": "ReduceSum"}.get(layer.by)
    (x,) = reads
    return reduce(w, op, x, layer._gone(x.shape), out, keep=layer.keep_axes) if op else None


def _stats_pool(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor | None:
    """Write the mean of a sequence and its deviation, joined."""
    (x,) = reads
    if not x.is_line:
        return None
    layout: Layout = "first" if x.turns and not x.is_left else "last"
    read, place = w.lay(x, layout), 2 if layout == "first" else 1
    steps = Operand((1,), "int64", stored=True, values=(place,))
    mean, flat = w.operand(Tensor((1, x.channels), {layout}), layout), Operand((w.batch, x.channels))
    w.emit("ReduceMean", [read, steps], mean, noop_with_empty_axes=1)
    if layout == "first":
        w.emit("Transpose", [mean], Operand((w.batch, 1, x.channels)), perm=(0, 2, 1))
    w.emit("Sub", [read, mean], read)
    w.emit("Mul", [read, read], read)
    w.emit("ReduceMean", [read, steps], flat, keepdims=0, noop_with_empty_axes=1)
    w.emit("Add", [flat, SCALAR], flat)
    w.emit("Sqrt", [flat], flat)
    w.emit("Concat", [flat, flat], Operand((w.batch, *out)), axis=1)
    return Tensor(out, {"last"})


RULES = {
    "max_pool": _pool("MaxPool"), "avg_pool": _pool("AveragePool"),
    "global_avg_pool": _global("ReduceMean"), "global_max_pool": _global("ReduceMax"),
    "reduce": _reduce, "stats_pool": _stats_pool,
}  # fmt: skip
