"""Layers that begin with a waveform."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._convolution import conv
from costlens.prediction.rules._products import dense
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _stft(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a convolution with the waves of each frequency, and the magnitude of what it makes."""
    (x,) = reads
    steps, bins = out
    window: dict[str, Any] = {"strides": (layer.hop,), "dilations": (1,), "pads": (0, 0)}
    column = Tensor((x.shape[0], 1), {"last"})
    pairs = conv(w, column, (layer.window,), (steps, 2 * bins), bias=False, **window)
    squared = w.lay(pairs, "first")
    both, part = Operand((w.batch, steps, 2 * bins)), Operand((w.batch, *out))
    w.emit("Mul", [squared, squared], squared)
    w.emit("Transpose", [squared], both, perm=(0, 2, 1))
    w.emit("Split", [both], part, axis=-1, num_outputs=2).outputs.append(part)
    w.emit("Add", [part, part], part)
    w.emit("Sqrt", [part], part)
    return Tensor(out, {"last"})


def _mel(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return dense(w, reads[0], layer.bands, bias=False)


RULES = {"stft": _stft, "mel": _mel}
