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


def view(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write what shows the same numbers in another shape."""
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


def _split(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> list[Tensor]:
    (x,) = reads
    layout = w.outside(x) if len(out) > 1 else "last"
    axis = layer.axis % len(out)
    place = axis + 1 if layout == "last" else 1 if axis == len(out) - 1 else axis + 2
    parts = [
        Tensor(shape, {layout}, normed=x.is_left or x.is_line) for shape in (out, *layer.more_outputs(x.shape).values())
    ]
    sizes = tuple(part.shape[axis] for part in parts)
    cut = w.emit(
        "Split",
        [w.lay(x, layout), Operand((len(sizes),), "int64", stored=True, values=sizes)],
        w.operand(parts[0], layout),
        axis=place,
    )
    cut.outputs = [w.operand(part, layout) for part in parts]
    return parts


def _frame(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    made = Tensor(out, {"last"})
    steps = Operand(out[:2], "int64", stored=True)
    w.emit("Gather", [w.lay(reads[0], "last"), steps], w.operand(made, "last"), axis=1)
    return made


def _class_token(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    made = Tensor(out, {"last"})
    read, tokens = w.lay(x, "last"), (layer.tokens, out[-1])
    batch, sizes = Operand((1,), "int64"), Operand((3,), "int64")
    w.emit("Shape", [read], batch, start=0, end=1)
    w.emit("Concat", [batch, Operand((2,), "int64", stored=True, values=tokens)], sizes, axis=0)
    w.emit("Expand", [Operand((1, *tokens), stored=True), sizes], Operand((w.batch, *tokens)))
    w.emit("Concat", [Operand((w.batch, *tokens)), read], w.operand(made, "last"), axis=1)
    return made


def _position_embedding(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    read = w.lay(reads[0], "last")
    w.emit("Add", [read, Operand((1, *out), stored=True)], read)
    return Tensor(out, {"last"})


def _transpose(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    made = Tensor(out, {"last"})
    perm = (0, *(axis + 1 for axis in layer.axes))
    w.emit("Transpose", [w.lay(reads[0], "last")], w.operand(made, "last"), perm=perm)
    return made


RULES = {
    "pad": _pad, "pad_channels": _pad_channels, "slice": _slice, "flatten": view, "reshape": view, "dropout": _same,
    "channel_shuffle": _shuffle, "concat": _concat,
    "split": _split, "transpose": _transpose, "frame": _frame, "class_token": _class_token,
    "position_embedding": _position_embedding,
}  # fmt: skip
