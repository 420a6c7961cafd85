"""Convolutions and pools, in blocks of channels where the runtime has a kernel for that."""

from typing import Any

from costlens.prediction.layout import IMAGE, Layout, Shape, Tensor, one_row
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import NCHWC, Operand

ALIGNED = 4
"""Channels that a kernel in blocks reads divide by this; those of a block are fewer or equal."""


def step_of(layer: Any) -> str:
    """Return what a layer is to the exporter: convolutions in groups are no convolutions of Keras'."""
    return "grouped" if layer.kind() == "conv" and layer.groups > 1 else layer.kind()


def conv(
    w: Writer,
    x: Tensor,
    kernel: Shape,
    out: Shape,
    *,
    groups: int = 1,
    bias: bool = True,
    step: str = "conv",
    **window: Any,
) -> Tensor:
    """Write a convolution; one over a sequence is one over an image of one row."""
    flat = len(kernel) == 1
    if flat:
        kernel, window = (1, *kernel), one_row(window)
        if step == "depthwise":  # Keras strides over the one row, too
            window["strides"] = window["strides"][1:] * 2
        x = as_image(w, x, step)
    shape = (1, *out) if flat else out
    filters, inputs = out[-1], x.channels // groups
    in_blocks, direct = _blocks(w, inputs, filters, groups) if len(kernel) + 1 == IMAGE else (False, False)
    layout: Layout = "blocks" if in_blocks else "first"
    made = Tensor(shape, {layout}, first_later=True)
    read = w.lay(x, "first" if direct or not in_blocks else "blocks")
    stored = [(w.padded(filters) if in_blocks else filters, inputs, *kernel)]
    if in_blocks and groups == 1 and not direct:
        stored = [(w.padded(filters), w.padded(inputs), *kernel)]
    depthwise = inputs == 1 and groups == filters
    groups = w.padded(groups) if in_blocks and depthwise and groups > 1 else groups
    biases = [Operand(stored[0][:1], stored=True)] if bias else []
    weights = Operand(stored[0], stored=True)
    made.maker = w.emit(
        f"{NCHWC}Conv" if in_blocks else "Conv", [read, weights, *biases], w.operand(made, layout),
        group=groups, **window,
    )  # fmt: skip
    made.blocks_of = x.blocks_of if "blocks" in x.layouts and not direct else 0
    return as_line(w, made, out, parted=bias) if flat else made


def as_image(w: Writer, x: Tensor, step: str) -> Tensor:
    """Return a sequence as an image of one row; steps of one kind read the same."""
    if x.image is not None and not x.layouts and not x.is_left and not x.parted:
        return x.image
    if step not in x.read_as:
        if not x.layouts:
            w.lay(x, "first")
        x.read_as[step] = _row_of(w, x)
    return x.read_as[step]


def _row_of(w: Writer, x: Tensor) -> Tensor:
    steps, channels = x.shape
    made = Tensor((1, steps, channels), {"first" if "first" in x.layouts else "last"}, x.uses, first_later=True)
    read, turned = w.operand(x, "first" if "first" in x.layouts else "last"), Operand((w.batch, channels, 1, steps))
    if "first" not in x.layouts:
        flat = Operand((w.batch, *made.shape))
        w.emit("Reshape", [read], flat)
        if x.uses > 1 and not x.forked and channels > 1:  # turned once for all that read it
            w.emit("Transpose", [flat], turned, perm=(0, 3, 1, 2))
            made = Tensor(made.shape, {"first"}, x.uses, first_later=True)
    elif x.is_left:
        flat = Operand((w.batch, 1, channels, steps))
        w.emit("Reshape", [read], flat)
        w.emit("Transpose", [flat], turned, perm=(0, 2, 1, 3))
    else:
        w.emit("Reshape", [read], turned)
    return made


def as_line(w: Writer, image: Tensor, shape: Shape, *, parted: bool = False) -> Tensor:
    """Return an image of one row as a sequence, which is written when something reads it so."""
    return Tensor(shape, set(), image=image, maker=None, first_later=True, parted=parted)


def _blocks(w: Writer, inputs: int, filters: int, groups: int) -> tuple[bool, bool]:
    """Return whether a convolution runs in blocks, and whether it reads channels first even so."""
    if w.block == 1:
        return False, False
    if groups > 1:
        depthwise = inputs == 1 and filters == groups
        whole = inputs % w.block == 0 and filters // groups % w.block == 0
        return filters % ALIGNED == 0 and (depthwise or whole), False
    if inputs < w.block:
        return True, True
    return inputs % ALIGNED == 0, False


def pool(w: Writer, op: str, x: Tensor, out: Shape, **window: Any) -> Tensor:
    """Write a pool; one over a sequence is one over an image of one row."""
    flat = len(out) == IMAGE - 1
    if flat:
        window = {
            name: (1, *value) if name != "pads" else one_row({"pads": value})["pads"] if value else value
            for name, value in window.items()
        }
        x = as_image(w, x, op)
    shape = (1, *out) if flat else out
    in_blocks = w.block > 1 and x.channels % w.block == 0 and len(shape) == IMAGE
    layout: Layout = "blocks" if in_blocks else "first"
    made = Tensor(shape, {layout}, first_later=True)
    read = w.lay(x, layout)
    made.blocks_of = x.blocks_of
    w.emit(f"{NCHWC}{op}" if in_blocks else op, [read], w.operand(made, layout), **window)
    return as_line(w, made, out) if flat else made


def window_of(layer: Any, x: Shape) -> tuple[Shape, dict[str, Any]]:
    """Return a layer's kernel, and the attributes of its operator."""
    window = layer.window(x)
    pads = window.pads(x[:-1])
    before, after = zip(*pads, strict=True)
    spread = {"strides": window.stride, "dilations": window.dilation, "pads": (*before, *after)}
    return window.kernel, spread
