"""Einsum: one multiply-accumulate for each combination of all its indices, for two operands.

https://onnx.ai/onnx/operators/onnx__Einsum.html
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Contraction, Cost
from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.operators._operator import Call, ContradictionError, NotCountedError, Operator, Out
from costlens.readers.onnx.operators._rules import used_at

_TWO = 2
_HIDDEN = "0123456789"
"""Letters for the axes of an ellipsis, the last axis first."""


def _terms(call: Call) -> tuple[list[str], str | None]:
    """Return the letters of each operand and of the output, an ellipsis as digits; None where no output is written."""
    equation = str(call.attributes.get("equation", "")).replace(" ", "")
    if not equation:
        raise ContradictionError("Einsum has no equation")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if len(terms) != len(call.inputs):
        raise ContradictionError(f"Einsum {equation} has {len(call.inputs)} operands")
    widest, written = 0, []
    for index, term in enumerate(terms):
        rank = len(call.shape(index))
        hidden = rank - len(term.replace("...", ""))
        if hidden < 0 or (hidden and "..." not in term):
            raise ContradictionError(f"Einsum {equation}: operand {index + 1} has {rank} axes")
        widest = max(widest, hidden)
        written.append(term.replace("...", _HIDDEN[:hidden][::-1]))
    if not arrow:
        return written, None
    return written, right.replace("...", _HIDDEN[:widest][::-1])


def _sizes(call: Call, terms: Sequence[str]) -> dict[str, AnySize]:
    sizes: dict[str, AnySize] = {}
    for index, term in enumerate(terms):
        for letter, size in zip(term, call.shape(index), strict=True):
            before = sizes.get(letter, 1)
            if isinstance(before, int) and isinstance(size, int) and 1 not in (before, size) and before != size:
                raise ContradictionError(f"Einsum: index {letter} is {before} and {size}")
            if before == 1 or (isinstance(size, int) and size != 1):
                sizes[letter] = size
    return sizes


def _infer(call: Call) -> Sequence[Out]:
    terms, out = _terms(call)
    sizes = _sizes(call, terms)
    if out is None:
        letters = "".join(terms)
        once = sorted(letter for letter in sizes if letters.count(letter) == 1 and not letter.isdigit())
        out = "".join(sorted((letter for letter in sizes if letter.isdigit()), reverse=True)) + "".join(once)
    if any(letter not in sizes for letter in out):
        raise ContradictionError(f"Einsum writes an index that no operand has: {out}")
    return (Out(call.input(0).dtype, tuple(sizes[letter] for letter in out)),)


def _cost(call: Call) -> Cost:
    terms, _ = _terms(call)
    if len(terms) == 1:
        return Cost()
    if len(terms) != _TWO:
        raise NotCountedError(f"an Einsum of {len(terms)} operands costs what their order says, which is a runtime's")
    sizes = _sizes(call, terms)
    summed = [
        letter for letter in sizes if letter not in terms[0] or letter not in terms[1] or letter not in _written(call)
    ]
    return Cost((Contraction(used_at(*sizes.values())),)) if summed else Cost()


def _written(call: Call) -> str:
    terms, out = _terms(call)
    return out if out is not None else "".join(one for one in "".join(terms) if "".join(terms).count(one) == 1)


OPERATORS = {"Einsum": Operator(_infer, _cost, None, role="contraction", single=True)}
