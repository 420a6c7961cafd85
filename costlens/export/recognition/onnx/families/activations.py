"""Activations: they change each value by itself, so the axes stay as they are."""

from __future__ import annotations

from functools import partial
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, channels_second

_SIX = 6.0
_SAME = {
    "Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign",
    "HardSwish": "hard_swish", "Mish": "mish", "Exp": "exp", "Log": "log", "Sqrt": "sqrt", "Abs": "abs",
}  # fmt: skip
"""Operators that are kinds without a field."""
_ONE_AXIS = 13
"""The opset since which a softmax is along one axis, and not along all from one on."""
_MATRIX = 2
_SIXTH = (1 / 6, 0.5)
_SELU = (1.6732632, 1.0507010)


def _of(kind: str, call: Call) -> None:
    _add(call, kind)


def _add(call: Call, kind: str, **fields: Any) -> None:
    view = call.view()
    call.returns(call.add(kind, view.tensor, **fields), view.axes)


def _number(call: Call, name: str, otherwise: float) -> float:
    """Return an attribute that is held in 32 bits as the number that was meant."""
    return float(f"{call.attributes.get(name, otherwise):.7g}")


def _leaky(call: Call) -> None:
    _add(call, "leaky_relu", slope=_number(call, "alpha", 0.01))


def _elu(call: Call) -> None:
    _add(call, "elu", alpha=_number(call, "alpha", 1.0))


def _celu(call: Call) -> None:
    _add(call, "celu", alpha=_number(call, "alpha", 1.0))


def _selu(call: Call) -> None:
    given = _number(call, "alpha", _SELU[0]), _number(call, "gamma", _SELU[1])
    if any(abs(one - other) > 1e-5 for one, other in zip(given, _SELU, strict=True)):  # noqa: PLR2004
        raise NoKindError(f"alpha and gamma are {given}")
    _add(call, "selu")


def _hard_sigmoid(call: Call) -> None:
    given = _number(call, "alpha", 0.2), _number(call, "beta", 0.5)
    if any(abs(one - other) > 1e-5 for one, other in zip(given, _SIXTH, strict=True)):  # noqa: PLR2004
        _linear_between(call, *given)
        return
    _add(call, "hard_sigmoid")


def _linear_between(call: Call, slope: float, shift: float) -> None:
    """Say a hard sigmoid of another slope than the kind's in parts: ``min(max(slope·x + shift, 0), 1)``."""
    view = call.view()
    scaled = call.add("multiply", view.tensor, part="scaled", value=slope)
    shifted = call.add("add", scaled, part="shifted", value=shift)
    least = call.add("relu", shifted, part="least")
    call.returns(call.add("minimum", least, value=1.0), view.axes)


def _gelu(call: Call) -> None:
    if call.attributes.get("approximate", "none") != "none":
        raise NoKindError("approximate: tanh; the kind is exact")
    _add(call, "gelu")


def _clip(call: Call) -> None:
    least = call.attributes.get("min", call.array(1))
    most = call.attributes.get("max", call.array(2))
    bounds = tuple(None if one is None or abs(float(one)) > 1e30 else float(one) for one in (least, most))  # noqa: PLR2004
    match bounds:
        case (0.0, 6.0):
            _add(call, "relu6")
        case (0.0, None):
            _add(call, "relu")
        case _:
            _between(call, *bounds)


def _between(call: Call, least: float | None, most: float | None) -> None:
    view = call.view()
    made = view.tensor
    if least is not None:
        named = {"part": "least"} if most is not None else {}
        made = call.add("relu", made, **named) if least == 0 else call.add("maximum", made, value=least, **named)
    if most is not None:
        made = call.add("minimum", made, value=most)
    call.returns(made, view.axes)


def _prelu(call: Call) -> None:
    slope, rank = call.array(1), len(call.sizes())
    axes = channels_second(rank) if rank > _MATRIX else call.view().axes
    channels = call.sizes()[1]
    if slope.size == 1 and channels > 1:
        made = call.add("prelu", call.ordered(0, axes), weights=[slope], shared_axes="all")
    elif slope.size == channels and (1, *slope.shape)[-(max(rank, _MATRIX) - 1)] == channels:
        made = call.add("prelu", call.ordered(0, axes), weights=[slope])
    else:
        raise NoKindError(f"slopes of shape {list(slope.shape)}")
    call.returns(made, axes)


def _softmax(call: Call) -> None:
    sizes = call.sizes()
    axis = call.attributes.get("axis", -1 if call.opset >= _ONE_AXIS else 1) % len(sizes)
    if call.opset < _ONE_AXIS and any(size > 1 for size in sizes[axis + 1 :]):
        raise NoKindError(f"values of all axes from {axis} on add up to 1")
    _add(call, "softmax", axis=call.axis(axis))


def _power(call: Call) -> None:
    exponent = call.array(1)
    if exponent.size != 1:
        raise NoKindError("an exponent for each value")
    value = float(exponent.reshape(()))
    if value == 2:  # noqa: PLR2004
        _add(call, "square")
    else:
        _add(call, "power", exponent=value)


OPERATORS = {
    **{op: partial(_of, kind) for op, kind in _SAME.items()},
    "LeakyRelu": _leaky,
    "Elu": _elu,
    "Celu": _celu,
    "Selu": _selu,
    "HardSigmoid": _hard_sigmoid,
    "Gelu": _gelu,
    "Clip": _clip,
    "PRelu": _prelu,
    "Softmax": _softmax,
    "Pow": _power,
}
