"""Zeros around a tensor, written as an operator of their own."""

from collections.abc import Sequence

from costlens.prediction.layout import IMAGE, Layout, Tensor
from costlens.prediction.rules._rule import SCALAR
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def padded(w: Writer, x: Tensor, pads: Sequence[tuple[int, int]], mode: str = "constant") -> Tensor:
    """Write a Pad of the spatial axes."""
    key = (mode, *pads)
    if key not in x.padded:
        x.padded[key] = _written(w, x, pads, mode)
    return x.padded[key]


def _written(w: Writer, x: Tensor, pads: Sequence[tuple[int, int]], mode: str) -> Tensor:
    image = len(x.shape) == IMAGE
    layout: Layout = "first" if "last" not in x.layouts or (x.first_later and image) else "last"
    read = w.lay(x, layout)
    before, after = zip(*pads, strict=True)
    zeros = (0, 0) if layout == "first" else (0,)
    tail = () if layout == "first" else (0,)
    amounts = (*zeros, *before, *tail, *zeros, *after, *tail)
    shape = (*(size + sum(pad) for size, pad in zip(x.shape, pads, strict=False)), x.channels)
    made = Tensor(shape, {layout}, first_later=x.first_later, normed=x.is_left)
    values = Operand((len(amounts),), "int64", stored=True, values=amounts)
    fill = [SCALAR] if image and mode == "constant" else []
    w.emit("Pad", [read, values, *fill], w.operand(made, layout), mode=mode)
    return made
