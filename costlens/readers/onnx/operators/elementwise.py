"""Operators that work value by value: no multiply-accumulates; a constant added or multiplied with is a weight.

A constant without axes (a bound, a slope for all, an epsilon) is structure and not a weight.
"""

from costlens.readers.onnx.operators._operator import Operator

_JOINS = (
    "Add", "BiasGelu", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow", "PRelu", "Sub", "Sum", "Where",
)  # fmt: skip
_ALONE = (
    "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "CastLike", "Ceil", "Celu", "Clip", "Cos",
    "Cosh", "Dropout", "Elu", "Erf", "Exp", "FastGelu", "Floor", "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "IsInf",
    "IsNaN", "LeakyRelu", "Log", "LogSoftmax", "Mish", "Neg", "Not", "QuickGelu", "Reciprocal", "Relu", "Round", "Selu",
    "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Softmax", "Softplus", "Softsign", "Sqrt", "Swish", "Tan", "Tanh",
    "ThresholdedRelu",
)  # fmt: skip
_LOGIC = (
    "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Equal", "Greater", "GreaterOrEqual", "Less",
    "LessOrEqual", "Or", "Xor",
)  # fmt: skip
_QUANTIZED = (
    "DynamicQuantizeLinear", "QLinearAdd", "QLinearConcat", "QLinearLeakyRelu", "QLinearMul", "QLinearSigmoid",
)  # fmt: skip

OPERATORS = {
    **dict.fromkeys(_JOINS, Operator(weights=None, structure=True, in_place=True)),
    **dict.fromkeys(_ALONE, Operator(in_place=True)),
    **dict.fromkeys((*_LOGIC, *_QUANTIZED), Operator()),
    **dict.fromkeys(("DequantizeLinear", "QuantizeLinear"), Operator(role="carrier")),
}
