"""Matrix products of com.microsoft whose weights are packed: their sizes stand in attributes, a shape or half an axis.

Packed bytes are the parameters that a file stores. onnxruntime, docs/ContribOperators.md.
"""

from collections.abc import Callable, Sequence

from costlens.arithmetic.cost import Cost, dense
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import used_at

_Sizes = tuple[AnySize, tuple[AnySize, ...]]
"""The size that is summed over, and the columns of each product."""


def _named(*names: str) -> Callable[[Call], _Sizes]:
    """Return K, and the columns that attributes tell."""

    def read(call: Call) -> _Sizes:
        inner, *columns = (call.attributes.get(name) for name in ("K", *names))
        if not inner or not all(columns):
            raise ContradictionError(f"{call.op} has no {' or no '.join(dict.fromkeys(('K', *names)))}")
        return inner, tuple(columns)

    return read


def _of_a_shape(call: Call) -> _Sizes:
    """Return the sizes of weights whose shape ``(K, N)`` is an input."""
    inner, columns = call.ints(2)
    return inner, (columns,)


def _of_rows(per_byte: int) -> Callable[[Call], _Sizes]:
    """Return the sizes of weights ``(N, K / per_byte)``."""

    def read(call: Call) -> _Sizes:
        columns, inner = call.shape(1, 2)
        return inner * per_byte, (columns,)

    return read


def _entry(read: Callable[[Call], _Sizes], *places: int, gated: bool = False) -> Operator:
    """Return the entry of products of one input; ``gated``: the first two become one output. A sum may come last."""

    def infer(call: Call) -> Sequence[Out]:
        shape, kind = call.shape(0), call.input(0).dtype
        inner, columns = read(call)
        call.same(shape[-1], inner)
        outs = [Out(kind, (*shape[:-1], size)) for size in columns]
        return (*(outs[:1] if gated else outs), Out(kind, shape))

    def cost(call: Call) -> Cost:
        inner, columns = read(call)
        positions = used_at(*call.shape(0)[:-1])
        return Cost(tuple(dense(inner, size, positions) for size in columns))

    return Operator(infer, cost, places, role="contraction", integers=True, single=True, integer=True)


OPERATORS = {
    **dict.fromkeys(("MatMulNBits", "MatMulBnb4"), _entry(_named("N"), 1, 5)),
    "MatMulNBitsMlp": _entry(_named("N", "N"), 2, 3, 5, 6, 8, gated=True),
    "MatMulNBitsQkv": _entry(_named("Nq", "Nkv", "Nkv"), 2, 3, 5, 6, 8, 9, 11),
    "MatMulFpQ4": _entry(_of_a_shape, 1),
    "MatMulBlockQuantizedFp8Weight": _entry(_of_rows(1), 1, 4),
    "MatMulBlockQuantizedFp4Weight": _entry(_of_rows(2), 1, 5),
}
