"""Pools, and sums over axes, which are global pools where they are over all positions."""

from __future__ import annotations

from functools import partial
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, as_it_is, channels_second
from costlens.export.recognition.onnx.families._windows import window

_BY = {"ReduceMean": "mean", "ReduceMax": "max", "ReduceMin": "min", "ReduceSum": "sum", "ReduceL2": "l2"}
_GLOBAL = {"mean": "global_avg_pool", "max": "global_max_pool"}


def _pool(kind: str, call: Call) -> None:
    kernel = tuple(call.attributes["kernel_shape"])
    fields: dict[str, Any] = window(call, kernel)
    if len(call.step.outputs) > 1 and call.step.outputs[1] is not None:
        raise NoKindError("makes indices")
    if kind == "avg_pool":
        if fields.pop("dilation") != 1:
            raise NoKindError("an average pool with dilations")
        counts = bool(call.attributes.get("count_include_pad", 0))
        fields["count_include_pad"] = counts if _counting(fields["padding"], counts=counts) else None
    if call.attributes.get("ceil_mode"):
        fields["ceil"] = True
    call.returns(call.add(kind, call.channels_last(), **fields), channels_second(len(kernel) + 2))


def _counting(padding: Any, *, counts: bool) -> bool:
    """Say whether a spec must say if padded cells count: those of ``same`` do not unless it does."""
    return padding != "valid" and not (padding == "same" and not counts)


def _global(kind: str, call: Call) -> None:
    made = call.add(kind, call.channels_last(), keep_axes=True)
    call.returns(made, channels_second(len(call.sizes())))


def _reduced(by: str, call: Call) -> None:
    rank = len(call.sizes())
    axes = call.attributes.get("axes")
    if axes is None:
        axes = [int(axis) for axis in call.array(1, otherwise=())] or range(rank)
    keep = bool(call.attributes.get("keepdims", 1))
    gone = {axis % rank for axis in axes}
    view = call.view()
    ours = sorted(view.axes[axis] - 1 for axis in gone)
    if ours[0] < 0:
        raise NoKindError("works along the batch")
    left = [axis for at, axis in enumerate(view.axes) if keep or at not in gone]
    order = as_it_is(rank) if keep else sorted(left)
    new = tuple(order.index(axis) for axis in left)
    if by in _GLOBAL and ours == [*range(rank - 2)]:
        made = call.add(_GLOBAL[by], view.tensor, keep_axes=keep)
    else:
        axis = ours[0] if len(ours) == 1 else tuple(ours)
        made = call.add("reduce", view.tensor, by=by, axis=axis, keep_axes=keep)
    call.returns(made, new)


OPERATORS = {
    "MaxPool": partial(_pool, "max_pool"),
    "AveragePool": partial(_pool, "avg_pool"),
    "GlobalAveragePool": partial(_global, "global_avg_pool"),
    "GlobalMaxPool": partial(_global, "global_max_pool"),
    **{op: partial(_reduced, by) for op, by in _BY.items()},
}
