"""Pools: no weights and no multiply-accumulates."""

from __future__ import annotations

from costlens.readers.onnx.operators._operator import Call, Operator, Shape


def _kernel(call: Call) -> Shape:
    return tuple(call.attributes["kernel_shape"])


_WINDOW = Operator(kernel=_kernel)
_WHOLE = Operator()

OPERATORS = {
    **dict.fromkeys(("AveragePool", "LpPool", "MaxPool", "QLinearAveragePool"), _WINDOW),
    **dict.fromkeys(
        ("GlobalAveragePool", "GlobalLpPool", "GlobalMaxPool", "MaxUnpool", "MaxRoiPool", "QLinearGlobalAveragePool"),
        _WHOLE,
    ),
}
