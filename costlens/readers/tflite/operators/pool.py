"""Pools: no weights and no multiply-accumulates; a window of K values takes K − 1 operations."""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Cost
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import strides, windows
from costlens.readers.tflite.tensor import Shape


def _kernel(call: Call) -> Shape:
    return call.options["filter_height"], call.options["filter_width"]


def _infer(call: Call) -> Sequence[Out]:
    batch, *sizes, channels = call.shape(0, 4)
    return (Out((batch, *windows(call, sizes, _kernel(call), strides(call), (1, 1)), channels)),)


def _cost(call: Call) -> Cost:
    return Cost(elementwise_flops=(prod(_kernel(call)) - 1) * prod(call.out()))


OPERATORS = dict.fromkeys(("AVERAGE_POOL_2D", "L2_POOL_2D", "MAX_POOL_2D"), Operator(_infer, _cost, (), _kernel))
