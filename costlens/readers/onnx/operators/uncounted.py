"""Contractions that are not counted: onnxruntime makes them of others, or their cost has no rule here yet."""

from costlens.arithmetic.cost import Cost
from costlens.readers.onnx.operators._operator import Call, NotCountedError, Operator


def _refuse(call: Call) -> Cost:
    raise NotCountedError(f"operator {call.op} is not counted")


def _entry(*, integer: bool) -> Operator:
    return Operator(_refuse, None, role="contraction", structure=True, integer=integer)


OPERATORS = {
    **dict.fromkeys(("Attention", "FusedMatMul", "MultiHeadAttention", "NhwcFusedConv"), _entry(integer=False)),
    **dict.fromkeys(
        ("DynamicQuantizeLSTM", "DynamicQuantizeMatMul", "MatMulIntegerToFloat", "QAttention"), _entry(integer=True)
    ),
}
