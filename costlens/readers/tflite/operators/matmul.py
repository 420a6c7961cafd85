"""Matrix products: ``(…, k) · (n, k) -> (…, n)`` and ``(…, m, k) · (…, k, n) -> (…, m, n)``."""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Cost, dense
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import broadcast, needs, used_at
from costlens.readers.tflite.tensor import Shape


def _fully_connected(call: Call) -> Sequence[Out]:
    """Return ``(batch, units)``, or the input's axes with the last one replaced (keep_num_dims)."""
    units, inner = call.shape(1, 2)
    shape = call.shape(0)
    count = prod(shape)
    needs(inner > 0 and count % inner == 0, f"{count:,} values do not divide into rows of {inner}")
    if call.options.get("keep_num_dims"):
        needs(shape[-1:] == (inner,), f"its input's rows are {shape[-1:]}, its weights' {inner}")
        return (Out((*shape[:-1], units)),)
    return (Out((count // inner, units)),)


def _fully_connected_cost(call: Call) -> Cost:
    units, inner = call.shape(1, 2)
    return Cost((dense(inner, units, used_at(*call.out()[:-1])),))


def _sides(call: Call) -> tuple[Shape, Shape]:
    """Return both operands' shapes as they are multiplied: ``(…, m, k)`` and ``(…, k, n)``."""
    left, right = call.shape(0), call.shape(1)
    needs(min(len(left), len(right)) >= 2, "a matrix has two axes at least")  # noqa: PLR2004
    if call.options.get("adj_x"):
        left = (*left[:-2], left[-1], left[-2])
    if call.options.get("adj_y"):
        right = (*right[:-2], right[-1], right[-2])
    needs(left[-1] == right[-2], f"rows of {left[-1]} meet columns of {right[-2]}")
    return left, right


def _batch_matmul(call: Call) -> Sequence[Out]:
    left, right = _sides(call)
    return (Out((*broadcast(left[:-2], right[:-2]), left[-2], right[-1])),)


def _batch_matmul_cost(call: Call) -> Cost:
    left, right = _sides(call)
    return Cost((dense(left[-1], right[-1], used_at(*call.out()[:-1])),))


OPERATORS = {
    "FULLY_CONNECTED": Operator(
        _fully_connected, _fully_connected_cost, (1, 2), role="contraction", bias=2, integers=True, single=True
    ),
    "BATCH_MATMUL": Operator(_batch_matmul, _batch_matmul_cost, (0, 1), role="contraction", integers=True, single=True),
}
