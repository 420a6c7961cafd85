"""Convolutions, of sequences and images, and transposed ones."""

from collections.abc import Sequence
from typing import Any

from costlens.arithmetic.shapes import per_axis
from costlens.prediction.layout import IMAGE, Shape, Tensor
from costlens.prediction.rules._convolution import as_image, as_line, conv, step_of, window_of
from costlens.prediction.rules._pads import padded
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _conv(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    x, kernel, window = _line_padded(w, layer, reads[0])
    return conv(w, x, kernel, out, groups=layer.groups, bias=layer.bias, step=step_of(layer), **window)


def _depthwise(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    x, kernel, window = _line_padded(w, layer, reads[0])
    return conv(w, x, kernel, out, groups=reads[0].channels, bias=layer.bias, step="depthwise", **window)


def _line_padded(w: Writer, layer: Any, x: Tensor) -> tuple[Tensor, Shape, dict[str, Any]]:
    """Return a sequence or a volume behind a Pad of its own, where its convolution cannot pad it as it is meant."""
    kernel, window = window_of(layer, x.shape)
    chosen = layer.window(x.shape)
    pads = chosen.pads(x.shape[:-1])
    by_itself = chosen.is_same(pads) and max(chosen.dilation) == 1
    volume = len(kernel) == IMAGE
    if len(kernel) == IMAGE - 1 or (volume and "first" in x.layouts) or by_itself or not any(map(any, pads)):
        return x, kernel, window
    return padded(w, x, pads), kernel, window | {"pads": (0,) * 2 * len(kernel)}


def _transposed_conv(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a transposed convolution; one over a sequence is one over an image of one row."""
    (x,) = reads
    axes = len(out) - 1
    kernel, stride = per_axis(layer.kernel, axes, "kernel"), per_axis(layer.stride, axes, "stride")
    total = [(n - 1) * s + k - o for n, s, k, o in zip(x.shape, stride, kernel, out, strict=False)]
    before, after = [max(0, each) // 2 for each in total], [max(0, each) - max(0, each) // 2 for each in total]
    flat, shape = axes == 1, out
    if flat:
        kernel, stride, shape, before, after = (1, *kernel), (1, *stride), (1, *out), [0, *before], [0, *after]
        x = as_image(w, x, "conv_transpose")
    read = w.lay(x, "first")
    made = Tensor(shape, {"first"}, first_later=True)
    weights = Operand((x.channels, layer.filters // layer.groups, *kernel), stored=True)
    biases = [Operand((layer.filters,), stored=True)] if layer.bias else []
    made.maker = w.emit(
        "ConvTranspose", [read, weights, *biases], w.operand(made, "first"),
        strides=stride, pads=(*before, *after), group=layer.groups,
    )  # fmt: skip
    return as_line(w, made, out, parted=layer.bias) if flat else made


RULES = {"conv": _conv, "depthwise": _depthwise, "conv_transpose": _transposed_conv}
