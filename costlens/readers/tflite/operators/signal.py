"""Fourier transforms and complex numbers.

A transform of n values is counted as it is defined: n multiply-accumulates for each real and imaginary part of its
outputs, twice as many where the input is complex. The runtime uses a fast transform, which takes fewer.
"""

from collections.abc import Sequence
from math import prod

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import needs, sized, used_at

_FROM_REAL, _FROM_COMPLEX = 2, 4
_MAGNITUDE_FLOPS = 4  # two squares, a sum, a root


def _lengths(call: Call) -> tuple[int, int]:
    """Return the rows and columns that are transformed: the input is cut or padded to them."""
    found = sized(call, 1)
    needs(len(found) == 2 and min(found) > 0, f"it transforms {list(found)} values")  # noqa: PLR2004
    return found[0], found[1]


def _rfft(call: Call) -> Sequence[Out]:
    rows, columns = _lengths(call)
    needs(len(call.shape(0)) >= 2, "it transforms the last two axes")  # noqa: PLR2004
    return (Out((*call.shape(0)[:-2], rows, columns // 2 + 1)),)


def _rfft_cost(call: Call) -> Cost:
    (rows, columns), before = _lengths(call), used_at(*call.shape(0)[:-2])
    bins = columns // 2 + 1
    along = Contraction((columns, bins, _FROM_REAL), (*before, *used_at(rows)), fixed=True)
    across = Contraction((rows, rows, _FROM_COMPLEX), (*before, bins), fixed=True)
    return Cost((along, across) if rows > 1 else (along,))


def _magnitude(call: Call) -> Cost:
    return Cost(elementwise_flops=_MAGNITUDE_FLOPS * prod(call.out()))


OPERATORS = {
    "RFFT2D": Operator(_rfft, _rfft_cost, role="contraction"),
    "COMPLEX_ABS": Operator(cost=_magnitude),
    **dict.fromkeys(("IMAG", "REAL"), Operator()),
}
