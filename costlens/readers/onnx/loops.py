"""How often a loop turns that counts up to a bound, ``while counter < bound``, as TensorFlow's loops do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from costlens.arithmetic.sizes import AnySize, Size, axis, difference
from costlens.readers.onnx.steps import Holder
from costlens.readers.onnx.tensor import BOOL, INT64, Out, Tensor, bare

if TYPE_CHECKING:
    from costlens.readers.onnx.walk import Walker

_ENDLESS = 1 << 31
"""A limit of so many turns is none."""
_ENDS = {"Less": (0, 1, 0), "LessOrEqual": (0, 1, 1), "Greater": (1, 0, 0), "GreaterOrEqual": (1, 0, 1)}
"""Comparisons with which a loop goes on: the operand that grows, its bound, and 1 where it may reach that."""


def counted_to(walker: Walker, holder: Holder, body: Any, limit: Any, state: Sequence[Tensor]) -> AnySize | None:
    """Return how often a loop turns that counts up to a bound, ``while counter < bound``; None where it does not.

    The body is walked with each whole number that is carried taken as its start plus its step times the turn.
    """
    ending = _comparison(body)
    if ending is None or (isinstance(limit, int) and limit < _ENDLESS) or isinstance(limit, Size):
        return None
    op, grows, bound = ending
    turn, used = axis(f"turn of {holder.name}", data=True), set(walker.used)
    counter, condition = Tensor("", Out(INT64, (), (turn,))), Tensor("", Out(BOOL, (), (True,)))
    _, outs, why = walker.branch(body, holder, "", [Tensor("", Out(INT64, (), (0,))), condition, *state])
    pace = [_apart(after, one) for after, one in zip(outs[1:], state, strict=False)]
    carried = [bare(one) if step is None else _moved(one, turn * step) for one, step in zip(state, pace, strict=True)]
    _, outs, also = walker.branch(body, holder, "", [counter, condition, *carried], (grows, bound))
    right = all(
        step is None or _apart(after, one) == step for after, one, step in zip(outs[1:], carried, pace, strict=False)
    )
    walker.used = used
    left, most = (one.value[0] if one.value else None for one in outs[-2:])
    if why or also or not right or not isinstance(left, Size) or most is None or turn.axes & _axes(most):
        return None
    start = left.at(dict.fromkeys(turn.axes, 0))
    step = left.at(dict.fromkeys(turn.axes, 1)) - start
    if not isinstance(step, int) or step < 1 or left != start + turn * step:
        return None
    return (most + _ENDS[op][2] - start + step - 1) // step + 1


def _comparison(body: Any) -> tuple[str, str, str] | None:
    """Return the comparison that decides whether a loop goes on: its operator, what grows, and its bound."""
    makers = {name: node for node in body.node for name in node.output}
    node = makers.get(body.output[0].name) if body.output else None
    while node is not None and node.op_type in ("Identity", "Cast", "Squeeze", "Reshape"):
        node = makers.get(node.input[0])
    if node is None or node.op_type not in _ENDS:
        return None
    grows, bound, _ = _ENDS[node.op_type]
    return node.op_type, node.input[grows], node.input[bound]


def _apart(after: Tensor, before: Tensor) -> int | None:
    """Return by how much a whole number grows; None where that is not one number."""
    if not before.value or not after.value or len(before.value) != 1 or isinstance(before.value[0], (bool, float)):
        return None
    return difference(after.value[0], before.value[0])


def _moved(tensor: Tensor, by: AnySize) -> Tensor:
    return Tensor(tensor.name, Out(tensor.dtype, tensor.shape, (tensor.value[0] + by,) if tensor.value else None))


def _axes(size: AnySize) -> frozenset[str]:
    return size.axes if isinstance(size, Size) else frozenset()
