"""Reductions, searches and sums along an axis: no weights and no multiply-accumulates."""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Cost
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import axes_of, axis_of, needs
from costlens.readers.tflite.tensor import Value

_WHOLE = {"REDUCE_MAX": max, "REDUCE_MIN": min, "REDUCE_PROD": prod, "SUM": sum}


def _kept(call: Call, gone: set[int]) -> tuple[int, ...]:
    keep = call.options.get("keep_dims")
    return tuple(1 if axis in gone else size for axis, size in enumerate(call.shape(0)) if keep or axis not in gone)


def _reduced(call: Call) -> Sequence[Out]:
    rank = len(call.shape(0))
    gone = set(axes_of(call.value(1), rank))
    numbers, value = call.input(0).value, None
    if numbers and len(gone) == rank and call.op in _WHOLE:
        value = (int(_WHOLE[call.op](numbers)),)  # type: ignore[operator]
    return (Out(_kept(call, gone), value),)


def _fewer(call: Call) -> Cost:
    """Return one operation for each value that is gone."""
    return Cost(elementwise_flops=max(prod(call.shape(0)) - prod(call.out()), 0))


def _place(call: Call) -> Sequence[Out]:
    (axis,) = _one(call)
    gone = axis_of(axis, len(call.shape(0)))
    return (Out(tuple(size for index, size in enumerate(call.shape(0)) if index != gone)),)


def _one(call: Call) -> Value:
    found = call.value(1)
    needs(len(found) == 1, f"it takes one number, received {len(found)}")
    return found


def _top(call: Call) -> Sequence[Out]:
    *before, size = call.shape(0)
    (most,) = _one(call)
    needs(0 <= most <= size, f"it takes the {most} largest of {size}")
    return Out((*before, most)), Out((*before, most))


_REDUCTIONS = ("MEAN", "REDUCE_ALL", "REDUCE_ANY", "REDUCE_MAX", "REDUCE_MIN", "REDUCE_PROD", "SUM")

OPERATORS = {
    **dict.fromkeys(_REDUCTIONS, Operator(_reduced, _fewer)),
    **dict.fromkeys(("ARG_MAX", "ARG_MIN"), Operator(_place, _fewer)),
    "CUMSUM": Operator(flops=1),
    "TOPK_V2": Operator(_top),
}
