"""Convolutions: weights ``(N, M / groups, *kernel)``, each used at every output position.

https://onnx.ai/onnx/operators/onnx__Conv.html
"""

from __future__ import annotations

from costlens.arithmetic.cost import Cost, convolution
from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _entry(weight: int, bias: int) -> Operator:
    def kernel(call: Call) -> Shape:
        return call.input(weight).known()[2:]

    def cost(call: Call) -> Cost:
        filters, per_group, *window = call.input(weight).known()
        groups = int(call.attributes.get("group", 1))
        batch, _, *positions = call.output().known()
        used_at = (*((batch,) if batch != 1 else ()), *positions)
        return Cost((convolution(tuple(window), per_group * groups, filters, used_at, groups),))

    return Operator(cost, (weight, bias), kernel)


OPERATORS = {
    "Conv": _entry(weight=1, bias=2),
    "FusedConv": _entry(weight=1, bias=2),
    "ConvInteger": _entry(weight=1, bias=1),
    "QLinearConv": _entry(weight=3, bias=8),
}
