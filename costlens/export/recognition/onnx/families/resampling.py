"""Other sizes of images."""

from __future__ import annotations

from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, channels_second
from costlens.export.recognition.onnx.families._windows import one

_MODES = {"nearest": "nearest", "linear": "bilinear"}
_HALF = "half_pixel"
_CORNERS = "align_corners"
_WHOLE = "asymmetric"


def _resized(call: Call) -> None:
    old, new = call.sizes(), call.made()
    given, axes = call.attributes, channels_second(len(old))
    if old[:2] != new[:2]:
        raise NoKindError(f"makes {list(new)} of {list(old)}: other channels")
    if given.get("mode", "nearest") not in _MODES:
        raise NoKindError(f"mode: {given['mode']}")
    mode = _MODES[given.get("mode", "nearest")]
    places = given.get("coordinate_transformation_mode", _HALF if call.step.op == "Resize" else _WHOLE)
    is_whole = all(size % before == 0 for size, before in zip(new, old, strict=True))
    if mode == "nearest" and not (is_whole and places in (_HALF, _WHOLE)):
        raise NoKindError(f"nearest values by {places} from {list(old)} to {list(new)}")
    if mode == "bilinear" and places not in (_HALF, "pytorch_half_pixel", _CORNERS):
        raise NoKindError(f"coordinate_transformation_mode: {places}")
    corners = True if mode == "bilinear" and places == _CORNERS else None
    said: dict[str, Any] = {"mode": None if mode == "nearest" else mode, "align_corners": corners}
    if is_whole:
        factor = one(size // before for size, before in zip(new[2:], old[2:], strict=True))
        made = call.add("upsample", call.ordered(0, axes), factor=factor, **said)
    else:
        made = call.add("resize", call.ordered(0, axes), size=one(new[2:]), **said)
    call.returns(made, axes)


OPERATORS = {"Resize": _resized, "Upsample": _resized}
