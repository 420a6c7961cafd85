"""Operators of quantised models that are no contractions. A weight stays one where it is dequantised."""

from collections.abc import Sequence

from costlens.arithmetic.cost import Cost
from costlens.readers.onnx.operators._operator import Call, Operator, Out
from costlens.readers.onnx.operators._rules import axis_of, broadcast, count
from costlens.readers.onnx.tensor import FLOAT, INT8, INT32, UINT8


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


def _ordered(call: Call) -> Sequence[Out]:
    return (Out(INT8, call.input(0).shape),)


def _unordered(call: Call) -> Sequence[Out]:
    return (Out(call.attributes.get("to", FLOAT), call.input(0).shape),)


def _multiplied(call: Call) -> Sequence[Out]:
    """Read A and its zero point, B and its zero point."""
    return (Out(INT32, broadcast(call, call.shape(0), call.shape(2))),)


def _averaged(call: Call) -> Sequence[Out]:
    shape, keep = call.shape(0), call.attributes.get("keepdims", 1)
    gone = {axis_of(axis, len(shape)) for axis in call.attributes.get("axes") or range(len(shape))}
    made = tuple(1 if index in gone else size for index, size in enumerate(shape) if keep or index not in gone)
    return (Out(call.input(0).dtype, made),)


OPERATORS = {
    "QuantizeLinear": Operator(_quantize, weights=(0,), role="carrier", flops=2),
    "DequantizeLinear": Operator(_dequantize, weights=(0,), role="carrier", flops=2, integers=True),
    "DynamicQuantizeLinear": Operator(_dynamic, flops=2),
    **dict.fromkeys(("QLinearAdd", "QLinearMul"), Operator(_joined, weights=(0, 3), integers=True, flops=1)),
    "QLinearConcat": Operator(_concat),
    "MulInteger": Operator(_multiplied, weights=(0, 2), integers=True, flops=1),
    "QLinearReduceMean": Operator(_averaged, lambda call: Cost(elementwise_flops=count(call.shape(0)))),
    "QOrderedGelu": Operator(flops=5),
    "QuantizeWithOrder": Operator(_ordered, weights=(0,), role="carrier", flops=2),
    "DequantizeWithOrder": Operator(_unordered, weights=(0,), role="carrier", flops=2, integers=True),
    **dict.fromkeys(("QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax"), Operator(flops=1)),
}
