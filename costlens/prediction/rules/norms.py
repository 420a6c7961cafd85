"""Norms that stay in the file: those behind a convolution are part of it."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import IMAGE, Shape, Tensor
from costlens.prediction.rules._elementwise import channelwise
from costlens.prediction.rules._products import average
from costlens.prediction.rules._rule import SCALAR
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return channelwise(w, "Add", channelwise(w, "Mul", reads[0]))


def _scale(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return channelwise(w, "Mul", reads[0])


def _layer_norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a norm over channels; an image that lies channels first is turned behind its statistics."""
    (x,) = reads
    if len(out) == IMAGE and x.turns and not x.is_left:
        first = _statistics(w, w.lay(x, "first"), [1])
        one = Operand((w.batch, *out[:-1], 1))
        for turned in (first, one, one):  # as the exporter's transposes of one channel
            w.emit("Reshape", [first], turned)
        whole = w.lay(x, "last")
        _scaled(w, layer, whole, one, (out[-1],))
    else:
        _standardised(w, layer, w.lay(x, "last"), [len(out)], (out[-1],))
    return Tensor(out, {"last"})


def _group_norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a norm over all places and the channels of a group."""
    *places, channels = out
    groups = {"global_norm": 1, "instance_norm": channels}.get(layer.kind()) or layer.groups
    read = w.lay(reads[0], "last")
    parted = (groups, channels // groups)
    whole = Operand((w.batch, *places, *parted))
    w.emit("Reshape", [read], whole)
    _standardised(w, layer, whole, [*range(1, len(places) + 1), len(places) + 2], parted)
    w.emit("Reshape", [whole], read)
    return Tensor(out, {"last"})


def _standardised(w: Writer, layer: Any, x: Operand, axes: Sequence[int], learned: Shape) -> None:
    """Write (x - mean) ÷ deviation over axes, with gamma and beta of this shape, step by step as the export does."""
    _scaled(w, layer, x, _statistics(w, x, axes), learned)


def _statistics(w: Writer, x: Operand, axes: Sequence[int]) -> Operand:
    """Write the mean, below zero, and 1 ÷ deviation over axes; return the shape that each has."""
    one = Operand(tuple(1 if axis in axes else size for axis, size in enumerate(x.shape)))
    average(w, x, axes)
    w.emit("Neg", [one], one)
    w.emit("Sub", [x, one], x)
    w.emit("Mul", [x, x], x)
    average(w, x, axes)
    w.emit("Add", [one, SCALAR], one)
    w.emit("Sqrt", [one], one)
    w.emit("Reciprocal", [one], one)
    return one


def _scaled(w: Writer, layer: Any, x: Operand, one: Operand, learned: Shape) -> None:
    """Write (x + one of the statistics) · the other, with gamma and beta of this shape."""
    aligned = (*(1,) * (len(x.shape) - len(learned)), *learned)
    stored = Operand(aligned, stored=True)
    scale = Operand(tuple(map(max, one.shape, aligned))) if layer.scale or layer.center else one
    spread = scale if layer.scale else one
    if layer.scale:
        w.emit("Mul", [one, stored], spread)
    w.emit("Mul", [x, spread], x)
    w.emit("Mul", [one, spread], spread)
    if layer.center:
        w.emit("Add", [spread, stored], scale)
    w.emit("Add", [x, scale], x)


def _sub_spectral_norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    times, frequencies, channels = x.shape
    bands = layer.bands
    read = w.lay(x, "first")
    split = Operand((w.batch, channels, times, bands, frequencies // bands))
    turned = Operand((w.batch, channels, bands, times, frequencies // bands))
    whole = Operand((w.batch, channels * bands, times, frequencies // bands))
    numbers = Operand((1, channels * bands, 1, 1), stored=True)
    w.emit("Reshape", [read], split)
    w.emit("Transpose", [split], turned, perm=(0, 1, 3, 2, 4))
    for op in ("Mul", "Add"):
        w.emit(op, [whole, numbers], whole)
    w.emit("Transpose", [turned], split, perm=(0, 1, 3, 2, 4))
    w.emit("Reshape", [split], read)
    return Tensor(out, {"first"}, first_later=x.first_later)


RULES = {
    "batch_norm": _norm, "affine": _norm, "scale": _scale, "layer_norm": _layer_norm,
    "group_norm": _group_norm, "global_norm": _group_norm, "instance_norm": _group_norm,
    "sub_spectral_norm": _sub_spectral_norm,
}  # fmt: skip
