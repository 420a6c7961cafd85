"""Other shapes of the same values: axes that are split, joined, added, removed and read in another order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call

Group = tuple[list[int], list[int]]
"""Axes of the input, and the axes of the output that hold the same values."""


def _reshaped(call: Call) -> None:
    """Say another shape without moving a value, where the axes that become others are neighbours in the graph, too."""
    view, old, new = call.view(), call.sizes(), call.made()
    if view.axes[0] or not new or old[0] != new[0]:
        raise NoKindError(f"makes {list(new)} of {list(old)}: the batch is not an axis by itself")
    groups = [([0], [0]), *_groups(old, new)]
    groups.sort(key=lambda group: min((view.axes[axis] for axis in group[0] if old[axis] > 1), default=len(old)))
    groups.sort(key=lambda group: group[0] != [0] or group[1] != [0])
    wanted = [axis for reads, _ in groups for axis in reads]
    moved = [view.axes[axis] for axis in wanted if old[axis] > 1 and axis]
    tensor = view.tensor
    if moved != sorted(moved):
        places = {axis: place for place, axis in enumerate(wanted)}
        tensor = call.turned(view, tuple(places[axis] for axis in range(len(old))))
    made = [axis for _, makes in groups for axis in makes]
    shape = tuple(new[axis] for axis in made[1:])
    if shape != call.net.builder.shapes[tensor]:
        flat = len(shape) == 1
        tensor = call.add("flatten", tensor) if flat else call.add("reshape", tensor, shape=shape)
    call.returns(tensor, tuple(made.index(axis) for axis in range(len(new))))


def _groups(old: Sequence[int], new: Sequence[int]) -> Iterator[Group]:
    """Yield the smallest runs of axes behind the batch that hold as many values.

    >>> [*_groups((1, 6, 5), (1, 2, 3, 5))], [*_groups((1, 4, 1, 1), (1, 4))]
    ([([1], [1, 2]), ([2], [3])], [([1, 2, 3], [1])])
    """
    one, other = 1, 1
    while one < len(old) or other < len(new):
        start, begin = one, other
        one, other = min(one + 1, len(old)), min(other + 1, len(new))
        while prod(old[start:one]) != prod(new[begin:other]):
            less = prod(old[start:one]) < prod(new[begin:other])
            if (less and one == len(old)) or (not less and other == len(new)):
                raise NoKindError(f"makes {list(new)} of {list(old)}")
            one, other = (one + 1, other) if less else (one, other + 1)
        while one < len(old) and old[one] == 1 and (other == len(new) or new[other] != 1):
            one += 1
        while other < len(new) and new[other] == 1 and (one == len(old) or old[one] != 1):
            other += 1
        yield [*range(start, one)], [*range(begin, other)]


def _transposed(call: Call) -> None:
    view = call.view()
    order = call.attributes.get("perm") or range(len(view.axes))[::-1]
    call.returns(view.tensor, tuple(view.axes[axis] for axis in order))


def _same(call: Call) -> None:
    """Say nothing: the values are what they were."""
    view = call.view()
    call.returns(view.tensor, view.axes)


def _cast(call: Call) -> None:
    output = call.step.outputs[0]
    if output is None or output.dtype != call.given(0).dtype:
        raise NoKindError("changes the type of numbers")
    _same(call)


OPERATORS = {
    "Reshape": _reshaped,
    "Flatten": _reshaped,
    "Squeeze": _reshaped,
    "Unsqueeze": _reshaped,
    "Transpose": _transposed,
    "Identity": _same,
    "Dropout": _same,
    "Cast": _cast,
}
