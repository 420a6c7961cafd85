"""What joins tensors value by value, or a tensor and a constant."""

from __future__ import annotations

from functools import partial
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, as_it_is

_KINDS = {
    "Add": "add", "Sum": "add", "Sub": "subtract", "Mul": "multiply", "Div": "divide", "Max": "maximum",
    "Min": "minimum",
}  # fmt: skip
_ORDERED = ("subtract", "divide")


def _joined(kind: str, call: Call) -> None:
    constants = [place for place in range(call.count) if call.is_constant(place)]
    if not constants:
        _of_tensors(kind, call)
    elif call.count != 2:  # noqa: PLR2004
        raise NoKindError("joins constants and several tensors")
    elif constants == [0] and kind in _ORDERED:
        raise NoKindError("has a constant first")
    else:
        _with_constant(kind, call, 1 - constants[0], call.array(constants[0]))


def _of_tensors(kind: str, call: Call) -> None:
    ranks = {len(call.sizes(place)) for place in range(call.count)}
    if len(ranks) > 1:
        raise NoKindError("joins tensors of several numbers of axes")
    axes = max((call.view(place).axes for place in range(call.count)), key=_is_moved)
    made = call.add(kind, *(call.ordered(place, axes) for place in range(call.count)))
    call.returns(made, axes)


def _is_moved(axes: tuple[int, ...]) -> bool:
    return axes != as_it_is(len(axes))


def _with_constant(kind: str, call: Call, place: int, value: Any) -> None:
    view = call.view(place)
    rank = len(view.axes)
    if value.size == 1:
        number = float(f"{float(value.reshape(())):.8g}")
        call.returns(call.add(kind, view.tensor, value=number), view.axes)
        return
    shape = (1,) * (rank - value.ndim) + tuple(value.shape)
    wide = [axis for axis, size in enumerate(shape) if size > 1]
    if kind == "multiply" and len(wide) == 1:
        axes = _with_last(view.axes, wide[0])
        _scaled(call, call.turned(view, axes), axes, value)
    elif kind == "add" and shape[0] == 1 and shape[1:] == call.sizes(place)[1:]:
        ours = value.reshape(shape).transpose([view.axes.index(axis) for axis in range(rank)])
        call.returns(call.add("position_embedding", view.tensor, weights=[ours[0]]), view.axes)
    else:
        raise NoKindError(f"reads stored numbers of shape {list(value.shape)}")


def _with_last(axes: tuple[int, ...], last: int) -> tuple[int, ...]:
    """Return axes in the order that they have, but for one axis of the file that is to be the channels.

    >>> _with_last((0, 3, 1, 2), 1), _with_last((0, 1, 2, 3), 1)
    ((0, 3, 1, 2), (0, 3, 1, 2))
    """
    order = sorted((at for at in range(len(axes)) if at != last), key=lambda at: axes[at])
    return tuple(len(order) if at == last else order.index(at) for at in range(len(axes)))


def _scaled(call: Call, tensor: str, axes: tuple[int, ...], value: Any) -> None:
    """Say a factor of each channel, and the shift of an Add behind it, if there is one."""
    channels = axes.index(len(axes) - 1)
    shift = call.bias(value.size, channels)
    if shift is None:
        call.returns(call.add("scale", tensor, weights=[value]), axes)
    else:
        call.returns(call.add("affine", tensor, weights=[value, shift]), axes)


OPERATORS = {op: partial(_joined, kind) for op, kind in _KINDS.items()}
