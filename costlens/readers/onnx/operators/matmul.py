"""Matrix products: ``(…, m, k) · (…, k, n) -> (…, m, n)`` takes k multiply-accumulates for each output value.

https://onnx.ai/onnx/operators/onnx__MatMul.html and https://onnx.ai/onnx/operators/onnx__Gemm.html
"""

from costlens.arithmetic.cost import Cost, dense
from costlens.readers.onnx.operators._operator import Call, Operator


def _product(inner: int, out: tuple[int, ...]) -> Cost:
    return Cost((dense(inner, out[-1], tuple(size for size in out[:-1] if size != 1)),))


def _matmul(second: int = 1, *, integer: bool = False) -> Operator:
    def cost(call: Call) -> Cost:
        inner, out = call.input(0).known()[-1], call.output().known()
        vector = len(call.input(second).known()) == 1  # it leaves no axis in the output
        return _product(inner, (*out, 1) if vector else out)

    return Operator(cost, (0, second), role="contraction", integer=integer)


def _gemm(weights: tuple[int, ...], *, integer: bool = False) -> Operator:
    def cost(call: Call) -> Cost:
        rows, columns = call.output().known()
        a = call.input(0).known()
        return _product(a[0] if call.attributes.get("transA", 0) else a[1], (rows, columns))

    return Operator(cost, weights, role="contraction", integer=integer)


OPERATORS = {
    "MatMul": _matmul(),
    "MatMulInteger": _matmul(integer=True),
    "QLinearMatMul": _matmul(3, integer=True),
    **dict.fromkeys(("Gemm", "FusedGemm"), _gemm((0, 1, 2))),
    "QGemm": _gemm((3, 6), integer=True),
}
