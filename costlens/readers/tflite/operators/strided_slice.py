"""Slices with a stride: what begins, ends and masks select of each axis."""

from collections.abc import Sequence
from typing import NamedTuple

from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import needs, picked, place_of


class _Part(NamedTuple):
    """What is taken of an axis; ``drops`` leaves no axis, ``adds`` makes one of size 1."""

    start: int = 0
    step: int = 1
    size: int = 1
    drops: bool = False
    adds: bool = False


def _infer(call: Call) -> Sequence[Out]:
    shape, parts = call.shape(0), _parts(call)
    made = tuple(part.size for part in parts if not part.drops)
    taken = [part for part in parts if not part.adds]

    def at(index: Sequence[int]) -> int:
        left = iter(index)
        places = [(part, 0 if part.drops else next(left)) for part in parts]
        found = [part.start + part.step * step for part, step in places if not part.adds]
        return place_of(found, shape)

    needs(len(taken) == len(shape), f"it slices {len(taken)} axes of {len(shape)}")
    return (Out(made, picked(call.input(0).value, shape, at, made)),)


def _parts(call: Call) -> list[_Part]:
    """Return what is taken, entry by entry of begin, end and strides; an ellipsis stands for the axes between."""
    shape, begin, end, steps = call.shape(0), call.value(1), call.value(2), call.value(3)
    needs(len(begin) == len(end) == len(steps), "begin, end and strides differ in length")
    masks = call.options
    entries = range(len(begin))
    adds = {entry for entry in entries if masks["new_axis_mask"] >> entry & 1}
    dots = next((entry for entry in entries if masks["ellipsis_mask"] >> entry & 1), None)
    adds -= {dots}
    axes = len(begin) - len(adds) - (dots is not None)
    needs(axes <= len(shape), f"it slices {axes} axes of {len(shape)}")
    parts: list[_Part] = []
    axis = 0
    for entry in entries:
        if entry == dots:
            for _ in range(len(shape) - axes):
                parts.append(_Part(size=shape[axis]))
                axis += 1
        elif entry in adds:
            parts.append(_Part(adds=True))
        else:
            parts.append(_taken(call, entry, shape[axis], begin[entry], end[entry], steps[entry]))
            axis += 1
    return parts + [_Part(size=size) for size in shape[axis:]]


def _taken(call: Call, entry: int, size: int, begin: int, end: int, step: int) -> _Part:
    masks = call.options
    needs(step != 0, "its stride is 0")
    if masks["shrink_axis_mask"] >> entry & 1:
        start = begin + size if begin < 0 else begin
        needs(0 <= start < size, f"it takes value {begin} of {size}")
        return _Part(start=start, drops=True)
    if masks["offset"]:
        end += begin
    low = None if masks["begin_mask"] >> entry & 1 else begin
    high = None if masks["end_mask"] >> entry & 1 else end
    start, stop, step = slice(low, high, step).indices(size)
    return _Part(start, step, len(range(start, stop, step)))


OPERATORS = {"STRIDED_SLICE": Operator(_infer, weights=(0,), role="carrier")}
