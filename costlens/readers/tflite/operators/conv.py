"""Convolutions: each weight is used at every output position, padded ones included.

Filters are ``(N, K_h, K_w, M / groups)``, those of a depthwise convolution ``(1, K_h, K_w, M·multiplier)``, and in
three dimensions ``(K_d, K_h, K_w, M / groups, N)``; the groups are the quotient of the channels.
"""

from collections.abc import Sequence

from costlens.arithmetic.cost import Cost, convolution, depthwise
from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import dilations, needs, strides, used_at, windows
from costlens.readers.tflite.tensor import Shape


def _kernel(call: Call) -> Shape:
    return call.shape(1)[:3] if call.op == "CONV_3D" else call.shape(1, 4)[1:3]


def _channels(call: Call) -> tuple[int, int, int]:
    """Return channels read, filters, and groups."""
    channels, shape = call.shape(0)[-1], call.shape(1)
    if call.op == "DEPTHWISE_CONV_2D":
        needs(channels > 0 and shape[-1] % channels == 0, f"{shape[-1]} filters do not divide into {channels} channels")
        return channels, shape[-1], channels
    per_group, filters = (shape[3], shape[4]) if call.op == "CONV_3D" else (shape[3], shape[0])
    needs(per_group > 0 and channels % per_group == 0, f"it reads {per_group} channels, its input has {channels}")
    groups = channels // per_group
    needs(groups > 0 and filters % groups == 0, f"{filters} filters do not divide into {groups} groups")
    return channels, filters, groups


def _infer(call: Call) -> Sequence[Out]:
    axes = "dhw" if call.op == "CONV_3D" else "hw"
    call.shape(1, len(axes) + 2)
    batch, *sizes, _ = call.shape(0, len(axes) + 2)
    _, filters, _ = _channels(call)
    places = windows(call, sizes, _kernel(call), strides(call, axes), dilations(call, axes))
    return (Out((batch, *places, filters)),)


def _cost(call: Call) -> Cost:
    channels, filters, groups = _channels(call)
    batch, *places, _ = call.out()
    positions = used_at(batch, *places)
    if call.op == "DEPTHWISE_CONV_2D":
        return Cost((depthwise(_kernel(call), channels, positions, filters // channels),))
    return Cost((convolution(_kernel(call), channels, filters, positions, groups),))


OPERATORS = dict.fromkeys(
    ("CONV_2D", "CONV_3D", "DEPTHWISE_CONV_2D"),
    Operator(
        _infer, _cost, (1, 2), _kernel, lambda call: _channels(call)[2], role="contraction", bias=2,
        batch=lambda _: 0, integers=True, single=True,
    ),
)  # fmt: skip
