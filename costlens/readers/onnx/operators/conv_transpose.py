"""Transposed convolution: weights ``(M, N / groups, *kernel)``, each used at every input position.

https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
"""

from __future__ import annotations

from costlens.arithmetic.cost import Cost, convolution
from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _kernel(call: Call) -> Shape:
    return call.input(1).known()[2:]


def _cost(call: Call) -> Cost:
    channels, per_group, *window = call.input(1).known()
    groups = int(call.attributes.get("group", 1))
    batch, _, *positions = call.input(0).known()
    used_at = (*((batch,) if batch != 1 else ()), *positions)
    return Cost((convolution(tuple(window), channels, per_group * groups, used_at, groups),))


OPERATORS = {"ConvTranspose": Operator(_cost, (1, 2), _kernel, role="contraction")}
