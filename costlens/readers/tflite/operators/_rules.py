"""Arithmetic of shapes that several families share. Tensors are channels-last, the batch is their first axis."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from costlens.readers.tflite.operators._operator import Call, ContradictionError
from costlens.readers.tflite.tensor import MOST_VALUES, Shape, Tensor, Value

_SAME = 0
_MOST_AXES = 32


def used_at(*sizes: int) -> tuple[int, ...]:
    """Return the positions that a formula shows: those of size 1 say nothing."""
    return tuple(size for size in sizes if size != 1)


def axis_of(axis: int, rank: int) -> int:
    """Return an axis counted from the start; ContradictionError where there is none."""
    if not -rank <= axis < rank:
        raise ContradictionError(f"it names axis {axis} of {rank}")
    return axis % rank


def axes_of(axes: Sequence[int], rank: int) -> tuple[int, ...]:
    """Return axes counted from the start."""
    return tuple(axis_of(axis, rank) for axis in axes)


def broadcast(*shapes: Shape) -> Shape:
    """Return the shape that others are repeated to; ContradictionError where they do not fit.

    >>> broadcast((4, 1, 3), (5, 1))
    (4, 5, 3)
    """
    rank = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    made = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise ContradictionError(f"the shapes {' and '.join(map(str, shapes))} do not fit each other")
        made.append(wide.pop() if wide else 1)
    return tuple(made)


def windows(
    call: Call, sizes: Sequence[int], window: Sequence[int], steps: Sequence[int], dilation: Sequence[int]
) -> Shape:
    """Return how many positions a window has along each axis, by the padding of the operator.

    SAME: ``⌈size / step⌉``; VALID: ``⌈(size − reach + 1) / step⌉`` (tensorflow/lite/kernels/padding.h).
    """
    if min((*steps, *dilation, *window), default=1) < 1:
        raise ContradictionError(f"its window {tuple(window)}, stride {tuple(steps)} or dilation is below 1")
    same = call.options.get("padding", _SAME) == _SAME
    found = []
    for size, kernel, step, apart in zip(sizes, window, steps, dilation, strict=True):
        reach = 1 if same else (kernel - 1) * apart + 1
        if reach > size:
            raise ContradictionError(f"a window of {reach} does not fit {size} values")
        found.append(-(-(size - reach + 1) // step))
    return tuple(found)


def strides(call: Call, axes: str = "hw") -> Shape:
    """Return the strides along the axes of a window, named by their letters."""
    return tuple(call.options[f"stride_{axis}"] for axis in axes)


def dilations(call: Call, axes: str = "hw") -> Shape:
    """Return the dilations along the axes of a window."""
    return tuple(call.options.get(f"dilation_{axis}_factor", 1) for axis in axes)


def sized(call: Call, index: int) -> Shape:
    """Return a shape that an input holds; ContradictionError where a size is below 0."""
    found = call.value(index)
    if any(size < 0 for size in found) or len(found) > _MOST_AXES:
        raise ContradictionError(f"it makes a tensor of {list(found[:_MOST_AXES])}")
    return found


def computed(call: Call, shape: Shape, function: Callable[..., Any]) -> Value | None:
    """Return the numbers of an elementwise operator where all its operands are known and few."""
    values = [one.value for one in call.inputs if one is not None]
    size = prod(shape)
    known = [value for value in values if value is not None]
    if len(known) != len(values) or size > MOST_VALUES or any(len(value) not in (1, size) for value in known):
        return None
    try:
        columns = [value * size if len(value) == 1 else value for value in known]
        return tuple(int(function(*row)) for row in zip(*columns, strict=True))
    except (ZeroDivisionError, OverflowError, ValueError):
        return None


def joined(tensors: Sequence[Tensor | None]) -> Value | None:
    """Return the numbers of several tensors one after the other, where they are known and few."""
    found: list[int] = []
    for one in tensors:
        if one is None or one.value is None or len(found) > MOST_VALUES:
            return None
        found += one.value
    return tuple(found)


def picked(value: Value | None, shape: Shape, at: Callable[[Sequence[int]], int], made: Shape) -> Value | None:
    """Return the numbers of a tensor that is made of another's: ``at`` maps an index of the new one to an old place."""
    if value is None or prod(made) > MOST_VALUES or prod(shape) != len(value):
        return None
    return tuple(value[at(index)] for index in indices(made))


def indices(shape: Shape) -> list[tuple[int, ...]]:
    """Return all indices of a small shape, the last axis first."""
    found: list[tuple[int, ...]] = [()] if prod(shape) else []
    for size in shape:
        found = [(*start, index) for start in found for index in range(size)]
    return found


def place_of(index: Sequence[int], shape: Shape) -> int:
    """Return where an index lies in a tensor that is stored row by row."""
    place = 0
    for at, size in zip(index, shape, strict=True):
        place = place * size + at
    return place


def needs(condition: bool, said: str) -> None:
    """Raise ContradictionError where a condition does not hold."""
    if not condition:
        raise ContradictionError(said)
