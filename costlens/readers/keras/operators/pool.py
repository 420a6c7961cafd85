"""Pools and reductions: a window of K values, or an axis, becomes one value by K − 1 FLOPs."""

from math import prod

from costlens.arithmetic.cost import Cost
from costlens.readers.keras.operators._operator import Call, Operator


def _window(call: Call) -> Cost:
    return Cost(elementwise_flops=(prod(call.attribute("ksize")) - 1) * prod(call.output()))


def _reduction(call: Call) -> Cost:
    made = prod(call.output())
    return Cost(elementwise_flops=max(prod(call.inputs[0].known()) - made, 0))


OPERATORS = {
    **dict.fromkeys(("MaxPool", "MaxPoolV2", "AvgPool", "MaxPool3D", "AvgPool3D"), Operator(_window)),
    **dict.fromkeys(
        ("Sum", "Mean", "Max", "Min", "Prod", "All", "Any", "EuclideanNorm", "SegmentSum", "SegmentMean", "SegmentMax"),
        Operator(_reduction),
    ),
}
