"""Norms by stored statistics, and of what they read."""

from __future__ import annotations

from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, as_it_is, channels_second

_EPSILON = 1e-5


def _batch(call: Call) -> None:
    axes = channels_second(len(call.sizes()))
    weights = [call.array(place) for place in range(1, 5)]
    made = call.add("batch_norm", call.ordered(0, axes), weights=weights, epsilon=_epsilon(call))
    call.returns(made, axes)


def _epsilon(call: Call) -> float:
    """Return a number that the file holds in 32 bits as it was meant."""
    return float(f"{call.attributes.get('epsilon', _EPSILON):.7g}")


def _instance(call: Call) -> None:
    axes = channels_second(len(call.sizes()))
    weights = [call.array(1), call.array(2)]
    call.returns(call.add("instance_norm", call.ordered(0, axes), weights=weights, epsilon=_epsilon(call)), axes)


def _layer(call: Call) -> None:
    rank = len(call.sizes())
    axes = call.view().axes
    if call.attributes.get("axis", -1) % rank != rank - 1:
        raise NoKindError(f"axis: {call.attributes['axis']}; norms are of the channels, the last axis")
    if axes[-1] != rank - 1:
        axes = as_it_is(rank)
    scale, shift = call.array(1), call.array(2)
    weights = [scale] if shift is None else [scale, shift]
    fields: dict[str, Any] = {"epsilon": _epsilon(call), "center": None if shift is not None else False}
    call.returns(call.add("layer_norm", call.ordered(0, axes), weights=weights, **fields), axes)


def _response(call: Call) -> None:
    given, axes = call.attributes, channels_second(len(call.sizes()))
    size = int(given["size"])
    if size % 2 == 0:
        raise NoKindError(f"size: {size} is even")
    made = call.add(
        "local_response_norm",
        call.ordered(0, axes),
        size=size,
        alpha=float(f"{given.get('alpha', 1e-4) / size:.7g}"),
        beta=float(f"{given.get('beta', 0.75):.7g}"),
        k=float(f"{given.get('bias', 1.0):.7g}"),
    )
    call.returns(made, axes)


OPERATORS = {
    "BatchNormalization": _batch,
    "InstanceNormalization": _instance,
    "LayerNormalization": _layer,
    "LRN": _response,
}
