"""Operators that make tensors of shapes and numbers: sizes, ranges, filled and random tensors, and variables."""

from collections.abc import Sequence
from math import prod

from costlens.readers.tflite.operators._operator import Call, NotCountedError, Operator, Out
from costlens.readers.tflite.operators._rules import broadcast, needs, sized
from costlens.readers.tflite.tensor import MOST_VALUES


def _shape(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    return (Out((len(shape),), shape),)


def _rank(call: Call) -> Sequence[Out]:
    return (Out((), (len(call.shape(0)),)),)


def _fill(call: Call) -> Sequence[Out]:
    shape, value = sized(call, 0), call.input(1).value
    few = value is not None and len(value) == 1 and prod(shape) <= MOST_VALUES
    return (Out(shape, value * prod(shape) if few and value is not None else None),)


def _zeros(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    few = prod(shape) <= MOST_VALUES and call.input(0).value is not None
    return (Out(shape, (0,) * prod(shape) if few else None),)


def _range(call: Call) -> Sequence[Out]:
    if not call.input(0).dtype.startswith("int"):
        raise NotCountedError("the length of a range of real numbers is not computed")
    (start,), (stop,), (step,) = call.value(0), call.value(1), call.value(2)
    needs(step != 0, "its step is 0")
    count = max(-((start - stop) // step), 0)
    return (Out((count,), tuple(range(start, stop, step)) if count <= MOST_VALUES else None),)


def _random(call: Call) -> Sequence[Out]:
    return (Out(sized(call, 0)),)


def _broadcast_shape(call: Call) -> Sequence[Out]:
    shape = broadcast(call.value(0), call.value(1))
    return (Out((len(shape),), shape),)


def _handle(call: Call) -> Sequence[Out]:
    return (Out(()),)


OPERATORS = {
    "SHAPE": Operator(_shape),
    "RANK": Operator(_rank),
    "FILL": Operator(_fill),
    "ZEROS_LIKE": Operator(_zeros),
    "RANGE": Operator(_range),
    "BROADCAST_ARGS": Operator(_broadcast_shape),
    **dict.fromkeys(("RANDOM_STANDARD_NORMAL", "RANDOM_UNIFORM"), Operator(_random)),
    **dict.fromkeys(("ASSIGN_VARIABLE", "MULTINOMIAL", "READ_VARIABLE"), Operator(None)),
    "VAR_HANDLE": Operator(_handle),
}
