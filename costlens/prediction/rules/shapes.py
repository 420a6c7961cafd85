"""Layers that move numbers and compute nothing."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Layout, Shape, Tensor
from costlens.prediction.rules._joins import concat
from costlens.prediction.rules._pads import padded
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _pad(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    if layer.mode == "replicate":
        return w.opaque(layer.kind(), reads, [out])[0]
    return padded(w, reads[0], layer._pads(reads[0].shape), layer.mode)


def _pad_channels(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    layout: Layout = "first" if x.first_later or "last" not in x.layouts else "last"
    read = w.lay(x, layout)
    made = Tensor(out, {layout}, first_later=x.first_later)
    amounts = [0] * 2 * len(read.shape)
    amounts[len(read.shape) + (1 if layout == "first" else len(out))] = out[-1] - x.channels
    w.emit(
        "Pad",
        [read, Operand((len(amounts),), "int64", stored=True, values=tuple(amounts))],
        w.operand(made, layout),
        mode="constant",
    )
    return made


def _slice(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    layout = w.common(x)
    made = Tensor(out, {layout}, first_later=x.first_later)
    read = w.lay(x, layout)
    w.emit("Slice", [read], w.operand(made, layout))
    return made


def _view(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    read = w.lay(x, "last")
    made = Tensor(out, {"last"})
    w.emit("Reshape", [read], w.operand(made, "last"))
    return made


def _same(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return reads[0]


def _shuffle(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    sizes, channels, groups = x.shape[:-1], x.channels, layer.groups
    read = w.lay(x, "first")
    split = Operand((w.batch, groups, channels // groups, *sizes))
    turned = Operand((w.batch, channels // groups, groups, *sizes))
    w.emit("Reshape", [read], split)
    w.emit("Transpose", [split], turned, perm=(0, 2, 1, *range(3, 3 + len(sizes))))
    w.emit("Reshape", [turned], read)
    return Tensor(out, {"first"}, first_later=x.first_later)


def _concat(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return concat(w, reads, out, layer.axis % len(out))


RULES = {
    "pad": _pad, "pad_channels": _pad_channels, "slice": _slice, "flatten": _view, "reshape": _view, "dropout": _same,
    "channel_shuffle": _shuffle, "concat": _concat,
}  # fmt: skip
