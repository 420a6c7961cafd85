"""Layers that give maps another size."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import IMAGE, Layout, Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _resize(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    (x,) = reads
    layout: Layout = "first" if len(out) == IMAGE else "last"
    read = w.lay(x, layout)
    made = Tensor(out, {layout}, first_later=x.first_later)
    return w.opaque(layer.kind(), reads, [out])[0] if layout == "last" else _emitted(w, "?.resize", read, made, layout)


def _emitted(w: Writer, op: str, read: Operand, made: Tensor, layout: Any) -> Tensor:
    w.emit(op, [read], w.operand(made, layout))
    return made


RULES = {"upsample": _resize, "resize": _resize}
