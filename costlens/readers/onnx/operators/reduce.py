"""Reductions, searches and cumulative operators: no weights and no multiply-accumulates."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.sizes import axis as free_axis
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import axes_of, axis_of, count
from costlens.readers.onnx.tensor import INT32, INT64


def _entry(compute: Callable[[Any], Any] | None, kind: int = 0) -> Operator:
    def infer(call: Call) -> Sequence[Out]:
        first, shape = call.input(0), call.shape(0)
        asked = call.ints(1) if call.has(1) else call.attributes.get("axes")
        keep = call.attributes.get("keepdims", 1)
        if not asked and call.attributes.get("noop_with_empty_axes", 0):
            return (Out(kind or first.dtype, shape, first.value),)
        gone = set(axes_of(asked, len(shape))) if asked else set(range(len(shape)))
        made = tuple(1 if index in gone else size for index, size in enumerate(shape) if keep or index not in gone)
        value = (compute(first.value),) if compute and first.value and len(gone) == len(shape) else None
        return (Out(kind or first.dtype, made, value),)

    return Operator(infer, lambda call: Cost(elementwise_flops=count(call.shape(0)) - count(call.out())))


def _arg(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    gone = axis_of(call.attributes.get("axis", 0), len(shape))
    keep = call.attributes.get("keepdims", 1)
    return (Out(INT64, tuple(1 if i == gone else s for i, s in enumerate(shape) if keep or i != gone)),)


def _top(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    most = call.ints(1)[0] if call.has(1) else call.attributes["k"]
    shape[axis_of(call.attributes.get("axis", -1), len(shape))] = most
    return (Out(call.input(0).dtype, tuple(shape)), Out(INT64, tuple(shape)))


def _determinant(call: Call) -> Sequence[Out]:
    return (Out(call.input(0).dtype, call.shape(0)[:-2]),)


def _non_zero(call: Call) -> Sequence[Out]:
    first = call.input(0)
    found = sum(map(bool, first.value)) if first.value is not None else free_axis("found by NonZero", data=True)
    return (Out(INT64, (len(call.shape(0)), found)),)


def _unique(call: Call) -> Sequence[Out]:
    number, axis = free_axis("found by Unique", data=True), call.attributes.get("axis")
    shape = list(call.shape(0))
    if axis is None:
        shape = [number]
    else:
        shape[axis_of(axis, len(shape))] = number
    return (Out(call.input(0).dtype, tuple(shape)), *[Out(INT64, (number,))] * 3)


def _boxes(call: Call) -> Sequence[Out]:
    return (Out(INT64, (free_axis("kept by NonMaxSuppression", data=True), 3)),)


_REDUCTIONS: dict[str, Callable[[Any], Any] | None] = {
    **dict.fromkeys(("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMean", "ReduceSumSquare")),
    "ReduceMax": None, "ReduceMin": None, "ReduceProd": prod, "ReduceSum": sum,
}  # fmt: skip

OPERATORS = {
    **{name: _entry(compute) for name, compute in _REDUCTIONS.items()},
    "ReduceSumInteger": _entry(sum, INT32),
    **dict.fromkeys(("ArgMax", "ArgMin"), Operator(_arg, flops=1)),
    **dict.fromkeys(("CumSum", "CumProd"), Operator(flops=1)),
    "Det": Operator(_determinant),
    "TopK": Operator(_top),
    "NonZero": Operator(_non_zero),
    "Unique": Operator(_unique),
    "NonMaxSuppression": Operator(_boxes),
}
