"""Convolutions: standard, in groups, depthwise and transposed ones."""

from __future__ import annotations

from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, channels_second
from costlens.export.recognition.onnx.families._windows import one, pads, window, word

_BIAS = 2


def _conv(call: Call) -> None:
    weights = call.array(1)
    filters, per_group, *kernel = weights.shape
    groups = int(call.attributes.get("group", 1))
    data = call.channels_last()
    bias = _bias(call, filters)
    fields = {**window(call, tuple(kernel)), "bias": bias is not None}
    if groups > 1 and per_group == 1 and filters % groups == 0:
        held = weights.reshape(groups, filters // groups, *kernel)
        made = call.add("depthwise", data, weights=_held(_last(held), bias), multiplier=filters // groups, **fields)
    else:
        held = _last(weights.swapaxes(0, 1))
        made = call.add("conv", data, weights=_held(held, bias), filters=filters, groups=groups, **fields)
    call.returns(made, channels_second(len(kernel) + 2))


def _transposed(call: Call) -> None:
    weights = call.array(1)
    _, per_group, *kernel = weights.shape
    groups = int(call.attributes.get("group", 1))
    given, axes = call.attributes, len(kernel)
    if given.get("output_shape"):
        raise NoKindError(f"output_shape: {given['output_shape']}")
    if word(call) not in ("", "valid"):
        raise NoKindError(f"auto_pad: {given['auto_pad']}, which ONNX's versions mean otherwise")
    if groups > 1:
        raise NoKindError(f"group: {groups}")
    data = call.channels_last()
    bias = _bias(call, per_group * groups)
    made = call.add(
        "conv_transpose",
        data,
        weights=_held(_last(weights.swapaxes(0, 1)), bias),
        filters=per_group * groups,
        kernel=one(kernel),
        stride=one(given.get("strides") or (1,) * axes),
        dilation=one(given.get("dilations") or (1,) * axes),
        padding=one(before if before == after else (before, after) for before, after in pads(call, axes)),
        output_padding=one(given.get("output_padding") or (0,) * axes),
        bias=bias is not None,
    )
    call.returns(made, channels_second(axes + 2))


def _bias(call: Call, filters: int) -> Any:
    """Return a bias, its own or one that is added behind it."""
    return call.array(_BIAS) if call.operand(_BIAS) is not None else call.bias(filters, 1)


def _last(weights: Any) -> Any:
    """Return weights whose first two axes are the last two: ``(C, N, *kernel) -> (*kernel, C, N)``."""
    return weights.transpose((*range(2, weights.ndim), 0, 1))


def _held(kernel: Any, bias: Any) -> tuple[Any, ...]:
    return (kernel,) if bias is None else (kernel, bias)


OPERATORS = {"Conv": _conv, "ConvTranspose": _transposed}
