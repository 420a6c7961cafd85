"""Convolutions: weights ``(N, M / groups, *kernel)``, each used at every output position.

Transposed ones: weights ``(M, N / groups, *kernel)``, each used at every input position.
https://onnx.ai/onnx/operators/onnx__Conv.html and https://onnx.ai/onnx/operators/onnx__ConvTranspose.html
"""

from costlens.arithmetic.cost import Cost, convolution
from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _entry(weight: int = 1, bias: int = 2, *, transposed: bool = False, integer: bool = False) -> Operator:
    def kernel(call: Call) -> Shape:
        return call.input(weight).known()[2:]

    def cost(call: Call) -> Cost:
        first, per_group, *window = call.input(weight).known()
        groups = int(call.attributes.get("group", 1))
        batch, _, *positions = (call.input(0) if transposed else call.output()).known()
        used_at = (*((batch,) if batch != 1 else ()), *positions)
        channels, filters = (first, per_group * groups) if transposed else (per_group * groups, first)
        return Cost((convolution(tuple(window), channels, filters, used_at, groups),))

    return Operator(cost, (weight, bias), kernel, role="contraction", integer=integer)


OPERATORS = {
    **dict.fromkeys(("Conv", "FusedConv"), _entry()),
    "ConvInteger": _entry(bias=1, integer=True),
    "ConvTranspose": _entry(transposed=True),
    "QLinearConv": _entry(weight=3, bias=8, integer=True),
}
