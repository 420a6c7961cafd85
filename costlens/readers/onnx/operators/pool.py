"""Pools: no weights and no multiply-accumulates; a window of K values takes K − 1 operations."""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Cost
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import count, pads_of, per_axis, window_sizes
from costlens.readers.onnx.tensor import INT64, Shape


def _kernel(call: Call) -> Shape:
    found = tuple(call.attributes.get("kernel_shape") or ())
    if not found:
        raise ContradictionError(f"{call.op} has no kernel_shape")
    return found


def _infer(call: Call) -> Sequence[Out]:
    batch, channels, *places = call.shape(0)
    shape = (batch, channels, *window_sizes(call, tuple(places), _kernel(call)))
    return (Out(call.input(0).dtype, shape), Out(INT64, shape))


def _last(call: Call) -> Sequence[Out]:
    """Return the shape of a pool whose channels are the last axis."""
    batch, *places, channels = call.shape(0)
    return (Out(call.input(0).dtype, (batch, *window_sizes(call, tuple(places), _kernel(call)), channels)),)


def _cost(call: Call) -> Cost:
    return Cost(elementwise_flops=(prod(_kernel(call)) - 1) * count(call.out()))


def _whole(call: Call) -> Sequence[Out]:
    batch, channels, *places = call.shape(0)
    return (Out(call.input(0).dtype, (batch, channels, *([1] * len(places)))),)


def _whole_cost(call: Call) -> Cost:
    return Cost(elementwise_flops=count(call.shape(0)) - count(call.out()))


def _back(call: Call) -> Sequence[Out]:
    """Return the shape before a MaxPool: as asked for, or as its window says."""
    batch, channels, *places = call.shape(0)
    if call.has(2):
        return (Out(call.input(0).dtype, call.ints(2)),)
    rank = len(places)
    steps, pads = per_axis(call, "strides", rank), pads_of(call, rank)
    sizes = (
        (size - 1) * step + window - pads[index] - pads[index + rank]
        for index, (size, step, window) in enumerate(zip(places, steps, _kernel(call), strict=True))
    )
    return (Out(call.input(0).dtype, (batch, channels, *sizes)),)


def _regions(call: Call) -> Sequence[Out]:
    """Return a grid for each region of interest."""
    _, channels, *_ = call.shape(0)
    regions = call.shape(1)[0]
    if call.op == "MaxRoiPool":
        height, width = call.attributes["pooled_shape"]
    else:
        height, width = call.attributes.get("output_height", 1), call.attributes.get("output_width", 1)
    return (Out(call.input(0).dtype, (regions, channels, height, width)),)


_GLOBAL = Operator(_whole, _whole_cost)

OPERATORS = {
    **dict.fromkeys(
        ("AveragePool", "LpPool", "MaxPool", "MaxpoolWithMask", "QLinearAveragePool"),
        Operator(_infer, _cost, (), _kernel),
    ),
    "NhwcMaxPool": Operator(_last, _cost, (), _kernel),
    **dict.fromkeys(("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "QLinearGlobalAveragePool"), _GLOBAL),
    "MaxUnpool": Operator(_back),
    "MaxRoiPool": Operator(_regions),
    "RoiAlign": Operator(_regions),
}
