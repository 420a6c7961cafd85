"""What convolutions and pools have in common: windows, and how a spec says their padding."""

from __future__ import annotations

from typing import Any

from costlens.arithmetic.shapes import explicit_pad
from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call

_WORDS = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}


def one(values: Any) -> Any:
    """Return equal numbers of all axes as one number."""
    values = tuple(values)
    return values[0] if len(set(values)) == 1 and isinstance(values[0], int) else values


def window(call: Call, kernel: tuple[int, ...]) -> dict[str, Any]:
    """Return kernel, stride, dilation and padding as a layer's fields."""
    axes = len(kernel)
    given = call.attributes
    stride = tuple(given.get("strides") or (1,) * axes)
    dilation = tuple(given.get("dilations") or (1,) * axes)
    return {
        "kernel": one(kernel),
        "stride": one(stride),
        "dilation": one(dilation),
        "padding": _padding(call, kernel, stride, dilation),
    }


def pads(call: Call, axes: int) -> tuple[tuple[int, int], ...]:
    """Return the cells before and after each axis."""
    given = call.attributes.get("pads") or [0] * (2 * axes)
    return tuple(zip(given[:axes], given[axes:], strict=True))


def word(call: Call) -> str:
    """Return the padding that a word says; nothing where numbers do."""
    found = call.attributes.get("auto_pad") or "NOTSET"
    if found == "NOTSET":
        return ""
    if found not in _WORDS:
        raise NoKindError(f"auto_pad: {found}")
    return _WORDS[found]


def _padding(call: Call, kernel: tuple[int, ...], stride: tuple[int, ...], dilation: tuple[int, ...]) -> Any:
    if found := word(call):
        return found
    cells = pads(call, len(kernel))
    if not any(map(any, cells)):
        return "same" if {*kernel} == {1} else "valid"
    sizes = call.sizes()[2:]
    same = tuple(explicit_pad(*each, "same") for each in zip(sizes, kernel, stride, dilation, strict=True))
    if same == cells:
        return "same"
    return one(before if before == after else (before, after) for before, after in cells)
