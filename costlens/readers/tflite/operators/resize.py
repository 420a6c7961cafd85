"""Operators that resample images: no multiply-accumulates; FLOPs where values are mixed and not copied."""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Cost, interpolation
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import needs, sized


def _infer(call: Call) -> Sequence[Out]:
    batch, _, _, channels = call.shape(0, 4)
    size = sized(call, 1)
    needs(len(size) == 2, f"it resizes to {list(size)}")  # noqa: PLR2004
    return (Out((batch, *size, channels)),)


def _cost(call: Call) -> Cost:
    made = call.out()
    axes = sum(old != new for old, new in zip(call.shape(0), made, strict=True))
    return interpolation(axes, prod(made))


OPERATORS = {"RESIZE_BILINEAR": Operator(_infer, _cost), "RESIZE_NEAREST_NEIGHBOR": Operator(_infer)}
