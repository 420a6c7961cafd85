"""Operators of quantised models that are no contractions. A weight stays one where it is dequantised."""

from collections.abc import Sequence

from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of, broadcast
from costlens.readers.onnx.tensor import FLOAT, UINT8


def _quantize(call: Call) -> Sequence[Out]:
    kind = call.attributes.get("output_dtype") or (call.input(2).dtype if call.has(2) else UINT8)
    return (Out(kind, call.input(0).shape),)


def _dequantize(call: Call) -> Sequence[Out]:
    kind = call.attributes.get("output_dtype") or call.input(1).dtype
    return (Out(kind, call.input(0).shape),)


def _dynamic(call: Call) -> Sequence[Out]:
    return (Out(UINT8, call.input(0).shape), Out(FLOAT, ()), Out(UINT8, ()))


def _joined(call: Call) -> Sequence[Out]:
    """Read A, its scale and zero point, B, its scale and zero point, the scale and zero point of C."""
    return (Out(call.input(0).dtype, broadcast(call, call.shape(0), call.shape(3))),)


def _concat(call: Call) -> Sequence[Out]:
    """Read the scale and zero point of Y, then each operand with its own."""
    shapes = [call.shape(index) for index in range(2, len(call.inputs), 3)]
    made = list(shapes[0])
    axis = axis_of(call.attributes.get("axis", 1), len(made))
    made[axis] = sum(shape[axis] for shape in shapes)
    return (Out(call.input(1).dtype, tuple(made)),)


OPERATORS = {
    "QuantizeLinear": Operator(_quantize, weights=(0,), role="carrier", flops=2),
    "DequantizeLinear": Operator(_dequantize, weights=(0,), role="carrier", flops=2, integers=True),
    "DynamicQuantizeLinear": Operator(_dynamic, flops=2),
    **dict.fromkeys(("QLinearAdd", "QLinearMul"), Operator(_joined, weights=(0, 3), integers=True, flops=1)),
    "QLinearConcat": Operator(_concat),
    **dict.fromkeys(("QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax"), Operator(flops=1)),
}
