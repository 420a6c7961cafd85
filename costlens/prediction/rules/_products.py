"""Reductions and products with a matrix."""

from collections.abc import Sequence
from math import prod

from costlens.prediction.layout import Shape, Tensor
from costlens.prediction.rules._elementwise import unary
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import Operand

LONG_SUM = 1 << 14
"""Values above which the export writes a sum over several axes as one node an axis."""


def reduce(w: Writer, op: str, x: Tensor, axes: Sequence[int], shape: Shape, *, keep: bool = False) -> Tensor:
    """Write a reduction over axes of the shape without the batch."""
    rank = len(x.shape)
    layout = w.outside(x)
    if op in {"ReduceMean", "ReduceSum"} and prod(x.shape[axis] for axis in axes) > LONG_SUM:
        for axis in sorted(axes)[:0:-1]:
            left = (*(1 if at == axis else size for at, size in enumerate(x.shape)),)
            x = reduce(w, op, x, [axis], left, keep=True)
    read = w.lay(x, layout)
    places = [axis + 1 if layout == "last" or rank == 1 else axis + 2 if axis < rank - 1 else 1 for axis in axes]
    made = Tensor(shape, {layout})
    kept = Tensor((*(1 if axis in axes else size for axis, size in enumerate(x.shape)),), {layout})
    output = w.operand(kept, layout) if keep else Operand((w.batch, *shape))
    indices = Operand((len(places),), "int64", stored=True, values=tuple(places))
    w.emit(op, [read, indices], output, keepdims=int(keep), noop_with_empty_axes=1)
    return made


def dense(w: Writer, x: Tensor, units: int, *, bias: bool) -> Tensor:
    """Write a dense layer over the last axis."""
    *leading, channels = x.shape
    shape = (*leading, units)
    read = w.lay(x, "last")
    weights = Operand((channels, units), stored=True)
    made = Tensor(shape, {"last"})
    if not leading:
        biases = [Operand((units,), stored=True)] if bias else []
        made.maker = w.emit(
            "Gemm" if bias else "MatMul",
            [read, weights, *biases],
            Operand((w.batch, units)),
            alpha=1.0 if bias else None,
        )
        return made
    rows = w.batch * prod(leading)
    w.emit("Reshape", [read], Operand((rows, channels)))
    w.emit("MatMul", [Operand((rows, channels)), weights], Operand((rows, units)))
    w.emit("Reshape", [Operand((rows, units))], w.operand(made, "last"))
    return unary(w, "Add", made, Operand((units,), stored=True)) if bias else made


def average(w: Writer, x: Operand, axes: Sequence[int]) -> None:
    """Write the mean of a tensor over axes that count the batch; one of many values is written axis by axis."""
    rest = sorted(axes)
    steps = [[axis] for axis in rest[:0:-1]] if prod(x.shape[axis] for axis in rest) > LONG_SUM else []
    for step in [*steps, rest]:
        indices = Operand((len(step),), "int64", stored=True, values=tuple(step))
        made = Operand(tuple(1 if axis in step else size for axis, size in enumerate(x.shape)))
        w.emit("ReduceMean", [x, indices], made, keepdims=1, noop_with_empty_axes=1)
        x = made
