"""Einsum: one multiply-accumulate for each combination of all its indices, for two operands.

https://onnx.ai/onnx/operators/onnx__Einsum.html
"""

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.onnx.operators._operator import Call, NotCountedError, Operator

_TWO = 2


def _cost(call: Call) -> Cost:
    equation = call.attributes["equation"].replace(" ", "")
    terms = equation.split("->")[0].split(",")
    if "." in equation:
        raise NotCountedError(f"Einsum {equation} has an ellipsis")
    if len(terms) == 1:
        return Cost()
    if len(terms) != _TWO:
        raise NotCountedError(f"Einsum {equation} has {len(terms)} operands: its cost depends on their order")
    sizes: dict[str, int] = {}
    for index, term in enumerate(terms):
        for letter, size in zip(term, call.input(index).known(), strict=True):
            sizes[letter] = max(size, sizes.get(letter, 1))
    return Cost((Contraction(tuple(sizes.values())),))


OPERATORS = {"Einsum": Operator(_cost, (0, 1), role="contraction")}
