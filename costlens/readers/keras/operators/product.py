"""Matrix products and einsums: one multiply-accumulate for each combination of all indices.

https://www.tensorflow.org/api_docs/python/tf/raw_ops/BatchMatMulV2
"""

from costlens.arithmetic.cost import Contraction, Cost, dense
from costlens.readers.keras.operators._operator import Call, NotCountedError, Operator, Shape, joined

_TWO = 2


def _product(transposed: str) -> Operator:
    """Return the rule of ``(…, m, k) · (…, k, n)``; ``transposed`` is the attribute that turns the first."""

    def cost(call: Call) -> Cost:
        inner = call.inputs[0].known()[-2 if call.attribute(transposed) else -1]
        *rows, columns = call.output()
        return Cost((dense(inner, columns, joined(tuple(rows))),))

    return Operator(cost, contracts=True)


def _einsum(call: Call) -> Cost:
    equation = call.attribute("equation").replace(" ", "")
    terms = equation.partition("->")[0].split(",")
    if len(terms) == 1:
        return Cost()
    if len(terms) != _TWO:
        raise NotCountedError(f"einsum {equation} has {len(terms)} operands: its cost depends on their order")
    sizes: dict[str, int] = {}
    written = [_spelled(term, operand.known()) for term, operand in zip(terms, call.inputs, strict=True)]
    for letters, operand in zip(written, call.inputs, strict=True):
        for letter, size in zip(letters, operand.known(), strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    stored = next((text for text, operand in zip(written, call.inputs, strict=True) if not operand.data), None)
    if stored is None:
        return Cost((Contraction(joined(tuple(sizes.values()))),))
    positions = joined(tuple(size for letter, size in sizes.items() if letter not in stored))
    return Cost((Contraction(tuple(sizes[letter] for letter in stored), positions),))


def _spelled(term: str, shape: Shape) -> list[str]:
    """Return one letter for each axis; those of an ellipsis are counted from its end, as broadcasting does."""
    before, dots, after = term.partition("...")
    if not dots:
        return list(term)
    hidden = len(shape) - len(before) - len(after)
    return [*before, *(f"…{index}" for index in range(hidden, 0, -1)), *after]


OPERATORS = {
    "MatMul": _product("transpose_a"),
    **dict.fromkeys(("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3"), _product("adj_x")),
    "Einsum": Operator(_einsum, contracts=True),
}
