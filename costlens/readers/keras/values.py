"""Values that a graph fixes: how often a while loop runs, and which way an if goes."""

from collections.abc import Callable, Mapping
from typing import Any

_MOST_TRIPS = 100_000
"""Loops that run more often are not followed: their trips are not known."""
_COMPUTED: Mapping[str, Callable[..., Any]] = {
    "Identity": lambda x: x,
    "Cast": lambda x: x,
    "Add": lambda x, y: x + y,
    "AddV2": lambda x, y: x + y,
    "Sub": lambda x, y: x - y,
    "Mul": lambda x, y: x * y,
    "FloorDiv": lambda x, y: x // y,
    "FloorMod": lambda x, y: x % y,
    "Maximum": max,
    "Minimum": min,
    "Less": lambda x, y: x < y,
    "LessEqual": lambda x, y: x <= y,
    "Greater": lambda x, y: x > y,
    "GreaterEqual": lambda x, y: x >= y,
    "Equal": lambda x, y: x == y,
    "NotEqual": lambda x, y: x != y,
    "LogicalNot": lambda x: not x,
}
_REDUCTIONS = frozenset({"Max", "Min", "Sum", "Prod", "All", "Any"})
_OF_NUMBERS = frozenset({"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "bool"})
"""Types whose arithmetic is exact."""


class Values:
    """The single whole numbers and truths of one graph that are fixed, given those of its inputs."""

    def __init__(self, tf: Any, given: Mapping[str, Any]) -> None:
        self._tf = tf
        self._known: dict[str, Any] = dict(given)

    def of(self, tensor: Any) -> Any:
        """Return a tensor's value, None where it is not one number of an exact type, or is not fixed."""
        if tensor.name not in self._known:
            self._known[tensor.name] = self._computed(tensor)
        return self._known[tensor.name]

    def _computed(self, tensor: Any) -> Any:
        op = tensor.op
        if tensor.dtype.name not in _OF_NUMBERS or tensor.shape.rank not in (0, None):
            return None
        if op.type in _REDUCTIONS and op.inputs[0].shape.rank == 0:
            return self.of(op.inputs[0])
        if op.type == "LogicalAnd":
            return _all(self.of(each) for each in op.inputs)
        if op.type in _COMPUTED:
            given = [self.of(each) for each in op.inputs]
            return None if None in given else _COMPUTED[op.type](*given)
        if op.type == "Placeholder":
            return None
        value = self._tf.get_static_value(tensor)
        return None if value is None or value.ndim else value.item()


def _all(truths: Any) -> bool | None:
    """Say whether all are true; None where that depends on one that is not known."""
    known = list(truths)
    if any(one is False for one in known):
        return False
    return None if None in known else True


def trips(tf: Any, condition: Any, body: Any, start: list[Any]) -> int | None:
    """Return how often a while loop runs from the values it starts with; None where the graph does not fix that.

    condition, body: graphs that read the loop's variables in their order.
    """
    state = start
    for count in range(_MOST_TRIPS):
        goes_on = Values(tf, _named(condition, state)).of(condition.outputs[0])
        if goes_on is None:
            return None
        if not goes_on:
            return count
        values = Values(tf, _named(body, state))
        state = [values.of(output) for output in body.outputs]
    return None


def _named(graph: Any, state: list[Any]) -> dict[str, Any]:
    return {tensor.name: value for tensor, value in zip(graph.inputs, state, strict=True)}
