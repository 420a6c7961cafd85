"""Recurrent layers: input and recurrent weights are each used once for every time step.

X ``(T, B, in)``, W ``(directions, gates·hidden, in)``, R ``(directions, gates·hidden, hidden)``;
https://onnx.ai/onnx/operators/onnx__LSTM.html. The quantised LSTM stores W and R with their last two axes swapped
(onnxruntime, ContribOperators.md, com.microsoft.DynamicQuantizeLSTM).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.onnx.operators._operator import Call, ContradictionError, Operator, Out
from costlens.readers.onnx.operators._rules import used_at

_TWO_STATES = ("LSTM", "DynamicQuantizeLSTM")


def _hidden(call: Call) -> int:
    size = call.attributes.get("hidden_size")
    if not size:
        recurrent = call.shape(2, 3)
        size = recurrent[1] if call.op == "DynamicQuantizeLSTM" else recurrent[-1]
    if not isinstance(size, int) or size < 1:
        raise ContradictionError(f"{call.op} has no hidden_size")
    return size


def _infer(call: Call) -> Sequence[Out]:
    steps, batch, size = call.shape(0, 3)
    weights = call.shape(1, 3)
    call.same(size, weights[1] if call.op == "DynamicQuantizeLSTM" else weights[2])
    hidden, kind = _hidden(call), call.input(0).dtype
    directions = 2 if call.attributes.get("direction", "forward") == "bidirectional" else 1
    first = bool(call.attributes.get("layout", 0))
    for index in (5, 6) if call.op in _TWO_STATES else (5,):
        if call.has(index):
            call.same(steps if first else batch, call.shape(index, 3)[0 if first else 1])
    if first:
        steps, batch = batch, steps
        shapes = ((batch, steps, directions, hidden), *[(batch, directions, hidden)] * 2)
    else:
        shapes = ((steps, directions, batch, hidden), *[(directions, batch, hidden)] * 2)
    return tuple(Out(kind, shape) for shape in shapes)


def _cost(call: Call) -> Cost:
    weights = (call.shape(1, 3), call.shape(2, 3))
    steps = used_at(*call.shape(0, 3)[:2])
    return Cost(tuple(Contraction(used_at(*shape), steps) for shape in weights))


def _batch(attributes: Mapping[str, Any]) -> int:
    return 0 if attributes.get("layout", 0) else 1


OPERATORS = {
    "LSTM": Operator(_infer, _cost, (1, 2, 3, 5, 6, 7), role="contraction", batch=_batch, single=True),
    "DynamicQuantizeLSTM": Operator(
        _infer, _cost, (1, 2, 3, 5, 6, 7), role="contraction", batch=_batch, single=True, integers=True, integer=True
    ),
    **dict.fromkeys(
        ("GRU", "RNN"), Operator(_infer, _cost, (1, 2, 3, 5), role="contraction", batch=_batch, single=True)
    ),
}
