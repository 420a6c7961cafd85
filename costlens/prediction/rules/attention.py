"""Attention: products, with the transposes that part and join its heads."""

from collections.abc import Sequence
from math import prod
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _attention(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write the products of an attention, with the transposes that part and join its heads."""
    x, memory = reads[0], reads[-1]
    sizes = layer._sizes(*(each.shape for each in reads))
    lead = w.batch * prod(sizes.leading)

    def product(rows: int, inner: int, columns: int) -> None:
        w.emit("MatMul", [Operand((rows, inner)), Operand((inner, columns), stored=True)], Operand((rows, columns)))
        if layer.bias:
            w.emit("Add", [Operand((rows, columns)), Operand((columns,), stored=True)], Operand((rows, columns)))

    def heads(length: int, size: int, count: int) -> Operand:
        split = Operand((lead, length, count, size))
        turned = Operand((lead, count, length, size))
        if count > 1:
            w.emit("Transpose", [split], turned, perm=(0, 2, 1, 3))
        return turned

    w.lay(x, "last"), w.lay(memory, "last")
    product(lead * sizes.queries, sizes.channels, sizes.heads * sizes.key)
    queries = heads(sizes.queries, sizes.key, sizes.heads)
    product(lead * sizes.keys, sizes.memory, sizes.kv_heads * sizes.key)
    keys = heads(sizes.keys, sizes.key, sizes.heads)
    scores = Operand((lead, sizes.heads, sizes.queries, sizes.keys))
    w.emit("microsoft.FusedMatMul", [queries, keys], scores, transB=1)
    w.emit("Softmax", [scores], scores, axis=-1)
    product(lead * sizes.keys, sizes.memory, sizes.kv_heads * sizes.value)
    values = heads(sizes.keys, sizes.value, sizes.heads)
    summed = Operand((lead, sizes.heads, sizes.queries, sizes.value))
    w.emit("MatMul", [scores, values], summed)
    if sizes.heads > 1:
        w.emit("Transpose", [summed], Operand((lead, sizes.queries, sizes.heads, sizes.value)), perm=(0, 2, 1, 3))
    if layer.project:
        product(lead * sizes.queries, sizes.heads * sizes.value, sizes.units)
    return Tensor(out, {"last"})


RULES = {"attention": _attention}
