"""Operators that resample images: no multiply-accumulates are counted, and no FLOPs."""

from collections.abc import Sequence

from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import needs, sized


def _infer(call: Call) -> Sequence[Out]:
    batch, _, _, channels = call.shape(0, 4)
    size = sized(call, 1)
    needs(len(size) == 2, f"it resizes to {list(size)}")  # noqa: PLR2004
    return (Out((batch, *size, channels)),)


OPERATORS = dict.fromkeys(("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), Operator(_infer))
