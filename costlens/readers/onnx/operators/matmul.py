"""Matrix products: ``(…, m, k) · (…, k, n) -> (…, m, n)`` takes k multiply-accumulates for each output value.

https://onnx.ai/onnx/operators/onnx__MatMul.html and https://onnx.ai/onnx/operators/onnx__Gemm.html
"""

from __future__ import annotations

from costlens.arithmetic.cost import Cost, dense
from costlens.readers.onnx.operators._operator import Call, Operator


def _positions(sizes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(size for size in sizes if size != 1)


def _matmul(call: Call) -> Cost:
    inner = call.input(0).known()[-1]
    out = call.output().known()
    if len(call.input(1).known()) == 1:
        return Cost((dense(inner, 1, _positions(out)),))
    if len(call.input(0).known()) == 1:
        return Cost((dense(inner, out[-1], _positions(out[:-1])),))
    return Cost((dense(inner, out[-1], _positions(out[:-1])),))


def _quantized_matmul(call: Call) -> Cost:
    out = call.output().known()
    return Cost((dense(call.input(0).known()[-1], out[-1], _positions(out[:-1])),))


def _gemm(call: Call) -> Cost:
    rows, columns = call.output().known()
    a = call.input(0).known()
    inner = a[0] if call.attributes.get("transA", 0) else a[1]
    return Cost((dense(inner, columns, _positions((rows,))),))


_PRODUCT = Operator(_gemm, (0, 1, 2), role="contraction")

OPERATORS = {
    "MatMul": Operator(_matmul, (0, 1), role="contraction"),
    "MatMulInteger": Operator(_quantized_matmul, (0, 1), role="contraction", integer=True),
    "QLinearMatMul": Operator(_quantized_matmul, (0, 3), role="contraction", integer=True),
    "Gemm": _PRODUCT,
    "FusedGemm": _PRODUCT,
    "QGemm": Operator(_gemm, (3, 6), role="contraction", integer=True),
}
