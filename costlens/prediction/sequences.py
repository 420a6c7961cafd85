"""What layers over sequences are in an exported file: recurrent ones, attention and what stands around it."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand

Rule = Callable[[Writer, Any, Sequence[Tensor], Shape], Tensor]
SCALAR = Operand((), stored=True)


def recurrent(op: str, gates: int) -> Rule:
    """Return the rule of a recurrent layer: its operator between two transposes."""

    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        x, units = reads[0], layer.units
        steps, channels = x.shape
        ways = 2 if getattr(layer, "bidirectional", None) else 1
        sequence = Operand((steps, w.batch, channels))
        w.emit("Transpose", [w.lay(x, "last")], sequence, perm=(1, 0, 2))
        stored = [(ways, gates * units, channels), (ways, gates * units, units), (ways, 2 * gates * units)]
        every = Operand((steps, ways, w.batch, units))
        emitted = w.emit(
            op,
            [sequence, *(Operand(each, stored=True) for each in stored)],
            every,
            hidden_size=units,
            direction="bidirectional" if ways > 1 else None,
        )
        states = 2 if op == "LSTM" else 1
        emitted.outputs += [Operand((ways, w.batch, units))] * states
        made = Tensor(out, {"last"})
        w.emit("Transpose", [every], Operand((w.batch, steps, ways, units)), perm=(2, 0, 1, 3))
        return made

    return rule


def matmul(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a product of two computed tensors."""
    made = Tensor(out, {"last"})
    w.emit("MatMul", [w.lay(each, "last") for each in reads], w.operand(made, "last"))
    return made


def attention(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
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


def layer_norm(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write a layer norm, which the export writes step by step."""
    x = _last(w, reads[0])
    one, axis = (*out[:-1], 1), [len(out) - 1]
    stored = Operand((x.channels,), stored=True)
    mean = w.reduce("ReduceMean", x, axis, one, keep=True)
    apart = w.join("Sub", [x, mean], out)
    spread = w.reduce("ReduceMean", w.join("Mul", [apart, apart], out), axis, one, keep=True)
    for op, more in (("Add", [SCALAR]), ("Sqrt", []), ("Reciprocal", [])):
        w.unary(op, spread, *more)
    scale = Tensor(out, {"last"})
    w.emit("Mul", [w.operand(spread, "last"), stored], w.operand(scale, "last"))
    scaled = w.join("Mul", [x, scale], out)
    w.unary("Neg", mean)
    w.join("Mul", [mean, scale], out)
    return w.join("Add", [scaled, w.unary("Add", scale, stored)], out)


def _last(w: Writer, x: Tensor) -> Tensor:
    """Return a tensor that lies channels last and in no other way."""
    w.lay(x, "last")
    return Tensor(x.shape, {"last"})


def gelu(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
    """Write the exact GELU, which the export writes with an error function."""
    (x,) = reads
    half = w.unary("Mul", x, SCALAR)
    made = half
    for op, more in (("Neg", []), ("Mul", [SCALAR]), ("Erf", []), ("Sub", [SCALAR])):
        made = w.unary(op, made if op != "Neg" else x, *more)
    return w.join("Mul", [half, made], out)
