"""Attention: products, with the transposes that part and join its heads."""

from collections.abc import Sequence
from math import prod
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand


def _attention(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor | None:
    if layer.position_bias or layer.causal or layer.mask or (layer.kv_heads or layer.heads) != layer.heads:
        return None
    sizes = layer._sizes(*(each.shape for each in reads))
    lead = (w.batch, *sizes.leading)
    for each in reads:
        w.lay(each, "last")
    queries = _headed(w, layer, (*lead, sizes.queries), sizes.channels, sizes.key)
    keys = _headed(w, layer, (*lead, sizes.keys), sizes.memory, sizes.key, turned=True)
    values = _headed(w, layer, (*lead, sizes.keys), sizes.memory, sizes.value)
    scores = Operand((*lead, sizes.heads, sizes.queries, sizes.keys))
    w.emit("microsoft.FusedMatMul", [queries, keys], scores, transB=int(layer.heads == 1))
    w.emit("Softmax", [scores], scores, axis=-1)
    summed = Operand((*lead, sizes.heads, sizes.queries, sizes.value))
    w.emit("MatMul", [scores, values], summed)
    if layer.heads > 1:
        joined = Operand((*lead, sizes.queries, sizes.heads, sizes.value))
        w.emit("Transpose", [summed], joined, perm=_swap(len(lead)))
    if layer.project:
        _product(w, layer, (*lead, sizes.queries), sizes.heads * sizes.value, sizes.units)
    return Tensor(out, {"last"})


def _product(w: Writer, layer: Any, places: Shape, inner: int, columns: int) -> None:
    """Write a product with weights at each place, and its bias."""
    rows, made = prod(places), Operand((*places, columns))
    w.emit("MatMul", [Operand((rows, inner)), Operand((inner, columns), stored=True)], Operand((rows, columns)))
    if layer.bias:
        w.emit("Add", [made, Operand((columns,), stored=True)], made)


def _headed(w: Writer, layer: Any, places: Shape, inner: int, size: int, *, turned: bool = False) -> Operand:
    """Write what makes queries, keys or values, the heads in front; ``turned``: the places last."""
    *lead, length = places
    heads = layer.heads
    _product(w, layer, places, inner, heads * size)
    if heads == 1:
        return Operand((*lead, 1, length, size))
    last = (size, length) if turned else (length, size)
    made, axes = Operand((*lead, heads, *last)), len(lead)
    perm = (*range(axes), axes + 1, axes + 2, axes) if turned else _swap(axes)
    w.emit("Transpose", [Operand((*places, heads, size))], made, perm=perm)
    return made


def _swap(axes: int) -> tuple[int, ...]:
    """Return the order of axes that swaps places and heads behind leading ones."""
    return (*range(axes), axes + 1, axes, axes + 2)


RULES = {"attention": _attention}
