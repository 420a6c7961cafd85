"""What each layer kind is in an exported file: the operators of its row, kind by kind, as the export writes them.

A kind that is not here is one kernel of an unknown operator, whose time is modelled by what it reads and makes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from costlens.network.layers import Layer
from costlens.prediction.layout import IMAGE, Layout, Shape, Tensor
from costlens.prediction.sequences import SCALAR, Rule, attention, gelu, layer_norm, matmul, recurrent
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def write(writer: Writer, layer: Layer, reads: Sequence[Tensor], shapes: Sequence[Shape]) -> list[Tensor]:
    """Write a layer's kernels and return the tensors that it makes, of these shapes."""
    rule = RULES.get(layer.kind())
    if rule is not None and len(shapes) == 1 and (layer.kind() not in _RANKS or len(shapes[0]) <= _RANKS[layer.kind()]):
        return [rule(writer, layer, reads, shapes[0])]
    stored = layer.cost(*(each.shape for each in reads)).params
    return writer.opaque(layer.kind(), reads, shapes, stored)


def _window(layer: Any, x: Shape) -> tuple[Shape, dict[str, Any]]:
    """Return a layer's kernel, and the attributes of its operator."""
    window = layer.window(x)
    pads = window.pads(x[:-1])
    before, after = zip(*pads, strict=True)
    spread = {"strides": window.stride, "dilations": window.dilation, "pads": (*before, *after)}
    return window.kernel, spread


def _conv(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    x, kernel, window = _line_padded(w, layer, reads[0])
    return w.conv(x, kernel, out, groups=layer.groups, bias=layer.bias, **window)


def _depthwise(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    x, kernel, window = _line_padded(w, layer, reads[0])
    return w.conv(x, kernel, out, groups=reads[0].channels, bias=layer.bias, **window)


def _line_padded(w: Writer, layer: Any, x: Tensor) -> tuple[Tensor, Shape, dict[str, Any]]:
    """Return a sequence padded by a Pad of its own where its convolution cannot pad it as it is meant to be."""
    kernel, window = _window(layer, x.shape)
    chosen = layer.window(x.shape)
    pads = chosen.pads(x.shape[:-1])
    by_itself = chosen.is_same(pads) and max(chosen.dilation) == 1
    if len(kernel) > 1 or by_itself or not any(map(any, pads)):
        return x, kernel, window
    return _padded(w, x, pads), kernel, window | {"pads": (0, 0)}


def _dense(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return w.dense(reads[0], layer.units, bias=layer.bias)


def _pool(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        (x,) = reads
        kernel, window = _window(layer, x.shape)
        chosen = layer.window(x.shape)
        pads = chosen.pads(x.shape[:-1])
        if any(map(any, pads)) and not chosen.is_same(pads):
            x = _padded(w, x, pads)
            return w.pool(op, x, out, kernel_shape=kernel, strides=window["strides"], auto_pad="VALID")
        return w.pool(
            op, x, out, kernel_shape=kernel, **{name: value for name, value in window.items() if name != "dilations"}
        )

    return rule


def _padded(w: Writer, x: Tensor, pads: Sequence[tuple[int, int]], mode: str = "constant") -> Tensor:
    """Write a Pad of the spatial axes."""
    image = len(x.shape) == IMAGE
    layout: Layout = "first" if "last" not in x.layouts or (x.first_later and image) else "last"
    read = w.lay(x, layout)
    before, after = zip(*pads, strict=True)
    zeros = (0, 0) if layout == "first" else (0,)
    tail = () if layout == "first" else (0,)
    amounts = (*zeros, *before, *tail, *zeros, *after, *tail)
    shape = (*(size + sum(pad) for size, pad in zip(x.shape, pads, strict=False)), x.channels)
    made = Tensor(shape, {layout}, first_later=x.first_later)
    values = Operand((len(amounts),), "int64", stored=True, values=amounts)
    fill = [SCALAR] if image and mode == "constant" else []
    w.emit("Pad", [read, values, *fill], w.operand(made, layout), mode=mode)
    return made


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


def _pad(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    if layer.mode == "replicate":
        return w.opaque(layer.kind(), reads, [out])[0]
    return _padded(w, reads[0], layer._pads(reads[0].shape), layer.mode)


def _unary(op: str, *fields: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        return w.activation(op, reads[0], **{name: float(_number(layer, name)) for name in fields})

    return rule


def _number(layer: Any, name: str) -> float:
    import struct

    found = getattr(layer, {"alpha": "slope"}.get(name, name), getattr(layer, name, 0.0))
    return float(struct.unpack("f", struct.pack("f", found))[0])  # as float32 holds it


def _clip(low: float, high: float) -> Rule:
    return lambda w, layer, reads, out: w.activation("Clip", reads[0], SCALAR, SCALAR, limits=(low, high))


def _hard_sigmoid(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return w.unary("Mul", w.unary("Clip", w.unary("Add", reads[0], SCALAR), SCALAR, SCALAR), SCALAR)


def _hard_swish(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    gate = _hard_sigmoid(w, layer, reads, out)
    return w.join("Mul", [x, gate], out)


def _join(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        if len(reads) == 1:
            return w.unary(op, reads[0], SCALAR)
        made = reads[0]
        for each in reads[1:]:
            made = w.join(op, [made, each], out)
        return made

    return rule


def _concat(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return w.concat(reads, out, layer.axis % len(out))


def _global(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        axes = range(len(reads[0].shape) - 1)
        return w.reduce(op, reads[0], axes, out, keep=len(out) > 1)

    return rule


def _norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return w.channelwise("Add", w.channelwise("Mul", reads[0]))


def _scale(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return w.channelwise("Mul", reads[0])


def _view(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    read = w.lay(x, "last")
    made = Tensor(out, {"last"})
    w.emit("Reshape", [read], w.operand(made, "last"))
    return made


def _same(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    return reads[0]


def _softmax(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    read = w.lay(x, "last")
    w.emit("Softmax", [read], read, axis=-1)
    return Tensor(out, {"last"})


def _squeeze_excite(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    rank = len(x.shape)
    ones = (1,) * (rank - 1)
    mean = w.reduce("ReduceMean", x, range(rank - 1), (*ones, x.channels), keep=True)
    gate = w.dense(mean, layer._units(x.shape), bias=True)
    gate = _named(w, layer.inner, gate)
    gate = w.dense(gate, x.channels, bias=True)
    gate = _named(w, layer.gate, gate)
    return w.join("Mul", [x, gate], out)


def _named(w: Writer, kind: str, x: Tensor) -> Tensor:
    """Write the activation of a name, with its default fields."""
    from costlens.network.layers import layer_kind

    return write(w, layer_kind(kind)(), [x], [x.shape])[0]


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


def _reduce(op: str) -> Rule:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        (x,) = reads
        rank = len(x.shape)
        axes = [axis % rank for axis in getattr(layer, "axes", range(rank - 1))]
        return w.reduce(op, x, axes, out, keep=len(out) == rank)

    return rule


def _transposed_conv(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    kernel = layer.kernel if isinstance(layer.kernel, tuple) else (layer.kernel,) * (len(out) - 1)
    stride = layer.stride if isinstance(layer.stride, tuple) else (layer.stride,) * (len(out) - 1)
    read = w.lay(x, "first")
    made = Tensor(out, {"first"}, first_later=True)
    weights = Operand((x.channels, layer.filters // layer.groups, *kernel), stored=True)
    biases = [Operand((layer.filters,), stored=True)] if layer.bias else []
    total = tuple((n - 1) * s + k - o for n, s, k, o in zip(x.shape, stride, kernel, out, strict=False))
    pads = (*(max(0, each) // 2 for each in total), *(max(0, each) - max(0, each) // 2 for each in total))
    made.maker = w.emit(
        "ConvTranspose",
        [read, weights, *biases],
        w.operand(made, "first"),
        strides=stride,
        pads=pads,
        group=layer.groups,
    )
    return made


def _resize(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    layout: Layout = "first" if len(out) == IMAGE else "last"
    read = w.lay(x, layout)
    made = Tensor(out, {layout}, first_later=x.first_later)
    return w.opaque(layer.kind(), reads, [out])[0] if layout == "last" else _emitted(w, "?.resize", read, made, layout)


def _emitted(w: Writer, op: str, read: Operand, made: Tensor, layout: Any) -> Tensor:
    w.emit(op, [read], w.operand(made, layout))
    return made


RULES: Mapping[str, Rule] = {
    "conv": _conv, "depthwise": _depthwise, "dense": _dense, "conv_transpose": _transposed_conv,
    "max_pool": _pool("MaxPool"), "avg_pool": _pool("AveragePool"), "pad": _pad,
    "global_avg_pool": _global("ReduceMean"), "global_max_pool": _global("ReduceMax"),
    "relu": _unary("Relu"), "sigmoid": _unary("Sigmoid"), "tanh": _unary("Tanh"), "elu": _unary("Elu", "alpha"),
    "leaky_relu": _unary("LeakyRelu", "alpha"), "softplus": _unary("Softplus"), "softsign": _unary("Softsign"),
    "selu": _unary("Selu"), "exp": _unary("Exp"), "log": _unary("Log"), "sqrt": _unary("Sqrt"), "abs": _unary("Abs"),
    "relu6": _clip(0.0, 6.0), "hard_tanh": _clip(-1.0, 1.0), "hard_sigmoid": _hard_sigmoid, "hard_swish": _hard_swish,
    "silu": lambda w, layer, reads, out: w.unary("microsoft.QuickGelu", reads[0], alpha=1.0),
    "gelu": gelu, "slice": _slice, "pad_channels": _pad_channels,
    "add": _join("Add"), "multiply": _join("Mul"), "subtract": _join("Sub"), "divide": _join("Div"),
    "maximum": _join("Max"), "minimum": _join("Min"), "concat": _concat, "batch_norm": _norm, "affine": _norm,
    "scale": _scale, "flatten": _view, "reshape": _view, "dropout": _same, "softmax": _softmax,
    "squeeze_excite": _squeeze_excite, "channel_shuffle": _shuffle, "matmul": matmul, "attention": attention,
    "lstm": recurrent("LSTM", 4), "gru": recurrent("GRU", 3), "upsample": _resize, "resize": _resize,
    "layer_norm": layer_norm, "sub_spectral_norm": _sub_spectral_norm,
}  # fmt: skip
"""The kinds whose operators are known."""
_RANKS = {"lstm": 2, "gru": 2}
