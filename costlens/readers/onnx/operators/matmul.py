"""Matrix products: ``(…, m, k) · (…, k, n) -> (…, m, n)`` takes k multiply-accumulates for each output value.

https://onnx.ai/onnx/operators/onnx__MatMul.html and https://onnx.ai/onnx/operators/onnx__Gemm.html
"""

from collections.abc import Callable, Sequence

from costlens.arithmetic.cost import Cost, dense
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import broadcast, used_at
from costlens.readers.onnx.tensor import FLOAT, INT32, Shape


def _product(call: Call, left: Shape, right: Shape) -> tuple[Shape, AnySize]:
    """Return the shape of a product, and the size that is summed over."""
    if not left or not right:
        raise ContradictionError(f"{call.op} of a tensor without axes")
    first = left if len(left) > 1 else (1, *left)
    second = right if len(right) > 1 else (*right, 1)
    inner = _summed(call, first[-1], second[-2])
    shape = [*broadcast(call, first[:-2], second[:-2]), first[-2], second[-1]]
    if len(left) == 1:
        del shape[-2]
    if len(right) == 1:
        del shape[-1]
    return tuple(shape), inner


def _summed(call: Call, left: AnySize, right: AnySize) -> AnySize:
    """Return the size that is summed over, which both sides must have."""
    if isinstance(left, int) and isinstance(right, int) and left != right:
        raise ContradictionError(f"{call.op} sums over {left} values on one side and {right} on the other")
    return call.same(left, right)


def _turned(shape: Shape, turn: object, batch: object = 0) -> Shape:
    """Return a shape with its last two axes swapped; ``batch``: with its first axis moved next to the last one."""
    if batch:
        shape = (*shape[1:-1], shape[0], shape[-1])
    return (*shape[:-2], shape[-1], shape[-2]) if turn and len(shape) > 1 else shape


def _entry(
    right: int, places: tuple[int, ...], kind: Callable[[Call], int] | None = None, *, integer: bool = False
) -> Operator:
    def sides(call: Call) -> tuple[Shape, AnySize]:
        attributes = call.attributes
        left = _turned(call.shape(0), attributes.get("transA"), attributes.get("transBatchA"))
        second = _turned(call.shape(right), attributes.get("transB"), attributes.get("transBatchB"))
        return _product(call, left, second)

    def infer(call: Call) -> Sequence[Out]:
        return (Out(kind(call) if kind else call.input(0).dtype, sides(call)[0]),)

    def cost(call: Call) -> Cost:
        shape, inner = sides(call)
        lone = len(call.shape(right)) == 1
        columns, rows = (1, shape) if lone or not shape else (shape[-1], shape[:-1])
        return Cost((dense(inner, columns, used_at(*rows)),))

    return Operator(infer, cost, places, role="contraction", integers=integer, single=True, integer=integer)


def _gemm_entry(
    right: int, places: tuple[int, ...], kind: Callable[[Call], int] | None = None, *, integer: bool = False
) -> Operator:
    def sizes(call: Call) -> tuple[AnySize, AnySize, AnySize]:
        rows, inner = _turned(call.shape(0, 2), call.attributes.get("transA"))
        read, columns = _turned(call.shape(right, 2), call.attributes.get("transB"))
        return rows, _summed(call, inner, read), columns

    def infer(call: Call) -> Sequence[Out]:
        rows, _, columns = sizes(call)
        return (Out(kind(call) if kind else call.input(0).dtype, (rows, columns)),)

    def cost(call: Call) -> Cost:
        rows, inner, columns = sizes(call)
        return Cost((dense(inner, columns, used_at(rows)),))

    bias = places[-1]
    return Operator(infer, cost, places, role="contraction", bias=bias, integers=integer, single=True, integer=integer)


_GEMM = _gemm_entry(1, (0, 1, 2))

OPERATORS = {
    **dict.fromkeys(("MatMul", "FusedMatMul", "FusedMatMulActivation", "TransposeMatMul"), _entry(1, (0, 1))),
    "MatMulInteger": _entry(1, (0, 1), lambda call: INT32, integer=True),
    "MatMulIntegerToFloat": _entry(1, (0, 1, 6), lambda call: FLOAT, integer=True),
    "DynamicQuantizeMatMul": _entry(1, (0, 1, 4), integer=True),
    "QLinearMatMul": _entry(3, (0, 3), lambda call: call.input(7).dtype, integer=True),
    "Gemm": _GEMM,
    "FusedGemm": _GEMM,
    "QGemm": _gemm_entry(3, (3, 6), integer=True),
    "MatMulInteger16": _entry(1, (0, 1), lambda call: INT32, integer=True),
    "QOrderedMatMul": _entry(2, (2, 5), integer=True),
    "GemmFastGelu": _entry(1, (0, 1, 2)),
    "GemmFloat8": _gemm_entry(1, (0, 1, 2), lambda call: call.attributes.get("dtype", FLOAT)),
}
