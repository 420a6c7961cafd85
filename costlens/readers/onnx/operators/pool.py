"""Pools, reductions, searches and cumulative operators: no weights and no multiply-accumulates."""

from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _kernel(call: Call) -> Shape:
    return tuple(call.attributes["kernel_shape"])


_WINDOWS = ("AveragePool", "LpPool", "MaxPool", "QLinearAveragePool")
_WITHOUT_KERNEL = (
    "ArgMax", "ArgMin", "CumSum", "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "MaxRoiPool", "MaxUnpool",
    "NonMaxSuppression", "NonZero", "QLinearGlobalAveragePool", "ReduceL1", "ReduceL2", "ReduceLogSum",
    "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare", "TopK",
    "Unique",
)  # fmt: skip

OPERATORS = {**dict.fromkeys(_WINDOWS, Operator(kernel=_kernel)), **dict.fromkeys(_WITHOUT_KERNEL, Operator())}
