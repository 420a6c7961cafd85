"""Norms that stay in the file: those behind a convolution are part of it."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._elementwise import channelwise, unary
from costlens.prediction.rules._joins import join
from costlens.prediction.rules._products import reduce
from costlens.prediction.rules._rule import SCALAR
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return channelwise(w, "Add", channelwise(w, "Mul", reads[0]))


def _scale(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return channelwise(w, "Mul", reads[0])


def _layer_norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a layer norm, which the export writes step by step."""
    x = _last(w, reads[0])
    one, axis = (*out[:-1], 1), [len(out) - 1]
    stored = Operand((x.channels,), stored=True)
    mean = reduce(w, "ReduceMean", x, axis, one, keep=True)
    apart = join(w, "Sub", [x, mean], out)
    spread = reduce(w, "ReduceMean", join(w, "Mul", [apart, apart], out), axis, one, keep=True)
    for op, more in (("Add", [SCALAR]), ("Sqrt", []), ("Reciprocal", [])):
        unary(w, op, spread, *more)
    scale = Tensor(out, {"last"})
    w.emit("Mul", [w.operand(spread, "last"), stored], w.operand(scale, "last"))
    scaled = join(w, "Mul", [x, scale], out)
    unary(w, "Neg", mean)
    join(w, "Mul", [mean, scale], out)
    return join(w, "Add", [scaled, unary(w, "Add", scale, stored)], out)


def _last(w: Writer, x: Tensor) -> Tensor:
    """Return a tensor that lies channels last and in no other way."""
    w.lay(x, "last")
    return Tensor(x.shape, {"last"})


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
    "sub_spectral_norm": _sub_spectral_norm,
}  # fmt: skip
