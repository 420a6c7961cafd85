"""Recurrent layers: input, recurrent and projection weights are each used once for every time step of every example.

A cell's peepholes multiply value by value, and are parameters without multiply-accumulates. The inputs of each operator
are listed in tensorflow/lite/kernels/{unidirectional,bidirectional}_sequence_{lstm,rnn}.cc, basic_rnn.cc, lstm.cc and
svdf.cc.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from costlens.arithmetic.cost import Contraction, Cost
from costlens.readers.tflite.operators._operator import Call, Infer, Operator, Out
from costlens.readers.tflite.operators._rules import needs, used_at

_LSTM = "UNIDIRECTIONAL_SEQUENCE_LSTM"
_GATES, _OUTPUT_GATE = range(1, 9), 8
_PROJECTION = 16
_BACKWARD = 17
"""How far the inputs of the backward cell are behind those of the forward cell."""
_AUXILIARY = range(40, 48)
"""Weights of a second input, of both cells."""


def _steps(call: Call) -> tuple[int, ...]:
    """Return the positions at which weights are used: all axes of the input but the last."""
    return used_at(*call.shape(0)[:-1])


def _matrices(call: Call, inputs: Sequence[int]) -> Cost:
    """Return the cost of the matrices that are given, each used at every step."""
    shapes = [call.shape(index, 2) for index in inputs if call.has(index)]
    return Cost(tuple(Contraction(shape, _steps(call)) for shape in shapes))


def _lstm(call: Call) -> Sequence[Out]:
    outputs = call.shape(_PROJECTION, 2)[0] if call.has(_PROJECTION) else call.shape(_OUTPUT_GATE, 2)[1]
    needs(call.shape(0)[-1] == call.shape(2, 2)[1], f"its weights read {call.shape(2)[1]}, it gets {call.shape(0)[-1]}")
    return (Out((*call.shape(0)[:-1], outputs)),)


def _lstm_cost(call: Call) -> Cost:
    return _matrices(call, (*_GATES, _PROJECTION))


def _examples(options: Mapping[str, Any]) -> int:
    """Return the axis of examples: the second where the first is time."""
    return 1 if options.get("time_major") else 0


def _basic_lstm(call: Call) -> Sequence[Out]:
    """Return activation, state, concatenated input and gates of one step (kernel BASIC); else of the full kernel."""
    if not call.options.get("kernel_type"):
        return (*_lstm(call),)
    examples, state = call.shape(4, 2)
    read = call.shape(0, 2)[1] + call.shape(1, 2)[1]
    return tuple(Out((examples, size)) for size in (state, state, read, 4 * state))


def _basic_lstm_cost(call: Call) -> Cost:
    if not call.options.get("kernel_type"):
        return _lstm_cost(call)
    return Cost((Contraction(call.shape(2, 2), used_at(call.shape(0)[0])),))


def _both(call: Call) -> Sequence[Out]:
    """Return the outputs of both directions, side by side where they are merged."""

    def outputs(shift: int) -> int:
        projection = _PROJECTION + shift
        return call.shape(projection, 2)[0] if call.has(projection) else call.shape(_OUTPUT_GATE + shift, 2)[1]

    forward, backward = outputs(0), outputs(_BACKWARD)
    before = call.shape(0)[:-1]
    if call.options.get("merge_outputs"):
        return (Out((*before, forward + backward)),)
    return Out((*before, forward)), Out((*before, backward))


def _both_cost(call: Call) -> Cost:
    cells = (*_GATES, _PROJECTION)
    return _matrices(call, (*cells, *(index + _BACKWARD for index in cells), *_AUXILIARY))


def _rnn(call: Call) -> Sequence[Out]:
    return (Out((*call.shape(0)[:-1], call.shape(1, 2)[0])),)


def _rnn_cost(call: Call) -> Cost:
    return _matrices(call, (1, 2))


def _both_rnn(call: Call) -> Sequence[Out]:
    forward, backward = call.shape(1, 2)[0], call.shape(5, 2)[0]
    before = call.shape(0)[:-1]
    if call.options.get("merge_outputs"):
        return (Out((*before, forward + backward)),)
    return Out((*before, forward)), Out((*before, backward))


def _both_rnn_cost(call: Call) -> Cost:
    return _matrices(call, (1, 2, 5, 6, 10, 11))


def _svdf(call: Call) -> Sequence[Out]:
    """Return ``(examples, units)``: filters in groups of the rank."""
    filters, rank = call.shape(1, 2)[0], call.options.get("rank", 0)
    needs(rank > 0 and filters % rank == 0, f"{filters} filters do not divide into units of rank {rank}")
    return (Out((call.shape(0, 2)[0], filters // rank)),)


def _svdf_cost(call: Call) -> Cost:
    return _matrices(call, (1, 2))


_CELL = tuple(range(1, 18))
_NORMS = (20, 21, 22, 23)
"""Coefficients of a layer normalisation of the gates."""


def _entry(infer: Infer, cost: Callable[[Call], Cost], weights: tuple[int, ...], *, sequence: bool = False) -> Operator:
    batch = _examples if sequence else lambda _: 0
    return Operator(infer, cost, weights, role="contraction", integers=True, single=True, batch=batch)


OPERATORS = {
    _LSTM: _entry(_lstm, _lstm_cost, (*_CELL, *_NORMS), sequence=True),
    "LSTM": _entry(_basic_lstm, _basic_lstm_cost, (*_CELL, *_NORMS)),
    "BIDIRECTIONAL_SEQUENCE_LSTM": _entry(
        _both, _both_cost, (*_CELL, *(index + _BACKWARD for index in _CELL), *_AUXILIARY), sequence=True
    ),
    "RNN": _entry(_rnn, _rnn_cost, (1, 2, 3)),
    "UNIDIRECTIONAL_SEQUENCE_RNN": _entry(_rnn, _rnn_cost, (1, 2, 3), sequence=True),
    "BIDIRECTIONAL_SEQUENCE_RNN": _entry(_both_rnn, _both_rnn_cost, (1, 2, 3, 5, 6, 7, 10, 11), sequence=True),
    "SVDF": _entry(_svdf, _svdf_cost, (1, 2, 3)),
}
