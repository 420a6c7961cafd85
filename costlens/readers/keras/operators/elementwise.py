"""Operations value by value: FLOPs for each value that is made, and no MACs.

An activation that is one operation has the FLOPs of the layer kind of its name; one that is several has their sum.
"""

from costlens.readers.keras.operators._operator import Operator, per_value

_FLOPS = {
    0: (
        "Abs", "Cast", "Bitcast", "CheckNumerics", "IsFinite", "IsInf", "IsNan", "Sign", "StopGradient",
        "FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel", "PreventGradient",
        "LogicalAnd", "LogicalOr", "LogicalNot", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Invert", "LeftShift",
        "RightShift", "Real", "Imag", "Complex", "Conj", "Angle", "ComplexAbs",
    ),
    1: (
        "Add", "AddV2", "BiasAdd", "BiasAddV1", "Sub", "Mul", "MulNoNan", "Div", "DivNoNan", "RealDiv", "TruncateDiv",
        "FloorDiv", "Mod", "FloorMod", "TruncateMod", "Maximum", "Minimum", "Neg", "Inv", "Reciprocal", "Relu",
        "Square", "SquaredDifference", "Round", "Rint", "Floor", "Ceil", "ClipByValue", "Less", "LessEqual", "Greater",
        "GreaterEqual", "Equal", "NotEqual", "ApproximateEqual", "Cumsum", "Cumprod", "CumulativeLogsumexp", "Sqrt",
        "Rsqrt", "NextAfter", "AddN",
    ),
    2: ("Relu6", "LeakyRelu", "Log", "Log1p", "Exp", "Expm1", "Pow", "Xlogy", "Xlog1py", "Xdivy"),
    3: ("Elu", "Selu"),
    4: ("Sigmoid", "Erf", "Erfc", "Erfinv", "Ndtri", "Lgamma", "Digamma"),
    5: (
        "Tanh", "Softmax", "LogSoftmax", "Softplus", "Softsign", "Sin", "Cos", "Tan", "Asin", "Acos", "Atan", "Atan2",
        "Sinh", "Cosh", "Asinh", "Acosh", "Atanh",
    ),
}  # fmt: skip

OPERATORS: dict[str, Operator] = {name: per_value(flops) for flops, names in _FLOPS.items() for name in names}
