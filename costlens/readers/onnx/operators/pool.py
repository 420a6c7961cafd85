"""Pools: no weights and no multiply-accumulates."""

from __future__ import annotations

from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _kernel(call: Call) -> Shape:
    return tuple(call.attributes["kernel_shape"])


_WINDOWS = ("AveragePool", "LpPool", "MaxPool", "QLinearAveragePool")
_OTHERS = (
    "GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "MaxRoiPool", "MaxUnpool", "QLinearGlobalAveragePool",
)  # fmt: skip

OPERATORS = {**dict.fromkeys(_WINDOWS, Operator(kernel=_kernel)), **dict.fromkeys(_OTHERS, Operator())}
