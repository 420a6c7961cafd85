"""Other shapes of the same values: axes that are split, joined, added, removed and read in another order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import NONE, Call

Group = tuple[list[int], list[int]]
"""Axes of the input, and the axes of the output that hold the same values."""


def _reshaped(call: Call) -> None:
    """Say another shape without moving a value, where the axes that become others are neighbours in the graph, too."""
    view, old, new = call.view(), call.sizes(), call.made()
    place = _batch(view.axes, old, new)
    groups = [([place[0]], [place[1]])]
    for side in (0, 1):
        cuts = [(slice(0, at), slice(at + 1, None))[side] for at in place]
        starts = [cut.start for cut in cuts]
        for reads, makes in _groups((1, *old[cuts[0]]), (1, *new[cuts[1]])):
            groups.append(([axis - 1 + starts[0] for axis in reads], [axis - 1 + starts[1] for axis in makes]))
    groups.sort(key=lambda group: min((view.axes[axis] for axis in group[0] if old[axis] > 1), default=len(old)))
    groups.sort(key=lambda group: group[0] != [place[0]])
    wanted = [axis for reads, _ in groups for axis in reads]
    moved = [view.axes[axis] for axis in wanted if old[axis] > 1 and axis != place[0]]
    tensor = view.tensor
    if moved != sorted(moved):
        places = {axis: place for place, axis in enumerate(wanted)}
        tensor = call.turned(view, tuple(places[axis] for axis in range(len(old))))
    made = [axis for _, makes in groups for axis in makes]
    shape = tuple(new[axis] for axis in made[1:])
    if (tensor, shape) in call.net.undone:
        tensor = call.net.undone[tensor, shape]
    elif shape != call.net.builder.shapes[tensor]:
        flat = len(shape) == 1
        tensor = call.add("flatten", tensor) if flat else call.add("reshape", tensor, shape=shape)
    call.returns(tensor, tuple(made.index(axis) for axis in range(len(new))))


def _batch(axes: Sequence[int], old: Sequence[int], new: Sequence[int]) -> tuple[int, int]:
    """Return where the batch is before and after; NoKindError where it is not an axis by itself."""
    place = axes.index(0)
    before = prod(old[:place])
    for other, size in enumerate(new):
        if size == old[place] and prod(new[:other]) == before and (place > 0 or other == 0):
            return place, other
    raise NoKindError(f"makes {list(new)} of {list(old)}: the batch is not an axis by itself")


def _squeezed(call: Call) -> None:
    """Leave axes of size 1 out: those that the graph's tensor has not are gone without a layer."""
    view, rank = call.view(), len(call.sizes())
    given = call.attributes.get("axes", call.array(1))
    gone = {int(axis) % rank for axis in ([] if given is None else given)}
    if gone and all(view.axes[axis] == NONE for axis in gone):
        call.returns(view.tensor, tuple(axis for at, axis in enumerate(view.axes) if at not in gone))
    else:
        _reshaped(call)


def _unsqueezed(call: Call) -> None:
    """Add axes of size 1: one before the batch is none of the graph's."""
    view = call.view()
    given = call.attributes.get("axes", call.array(1))
    if given is not None and [int(axis) for axis in given] == [0]:
        call.returns(view.tensor, (NONE, *view.axes))
    else:
        _reshaped(call)


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
    "Squeeze": _squeezed,
    "Unsqueeze": _unsqueezed,
    "Transpose": _transposed,
    "Identity": _same,
    "Dropout": _same,
    "Cast": _cast,
}
