"""Pools and reductions."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._convolution import pool, window_of
from costlens.prediction.rules._pads import padded
from costlens.prediction.rules._products import reduce
from costlens.prediction.rules._rule import Rule
from costlens.prediction.writer import Writer


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


RULES = {
    "max_pool": _pool("MaxPool"), "avg_pool": _pool("AveragePool"),
    "global_avg_pool": _global("ReduceMean"), "global_max_pool": _global("ReduceMax"),
    "reduce": _reduce,
}  # fmt: skip
