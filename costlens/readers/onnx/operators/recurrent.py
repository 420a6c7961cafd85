"""Recurrent layers: input and recurrent weights are each used once for every time step.

X ``(T, B, in)``, W ``(directions, gates·hidden, in)``, R ``(directions, gates·hidden, hidden)``;
https://onnx.ai/onnx/operators/onnx__LSTM.html
"""

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.onnx.operators._operator import Call, Operator


def _cost(call: Call) -> Cost:
    first, second = call.input(0).known()[:2]
    steps = tuple(size for size in (first, second) if size != 1)
    weights = (call.input(1).known(), call.input(2).known())
    return Cost(tuple(Contraction(tuple(size for size in shape if size != 1), steps) for shape in weights))


OPERATORS = {
    "LSTM": Operator(_cost, (1, 2, 3, 7), role="contraction"),
    **dict.fromkeys(("GRU", "RNN"), Operator(_cost, (1, 2, 3), role="contraction")),
}
