"""The sizes of a network's inputs, and which of them is the batch.

A file often has no size for the first axis of its inputs. It is the batch where every input has such an axis and no
other, the multiply-accumulates are proportional to it, and it arrives as the batch of every convolution and recurrent
layer. Then the count is for a batch of 1. A first axis of a fixed size is the batch by the same signs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from costlens.errors import did_you_mean
from costlens.readers.tflite.file import Model, TensorEntry
from costlens.readers.tflite.steps import Walk, WalkError
from costlens.readers.tflite.tensor import Tensor
from costlens.readers.tflite.walk import walk

_SERVING = re.compile(r"(?:serving_default_)?(.*?)(?::0)?")
"""TensorFlow's exporters call the input x ``serving_default_x:0``."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The inputs of a network: sizes by axis, 0 for one that the file does not give, and which those are."""

    tensors: Sequence[Tensor]
    shapes: Sequence[tuple[int, ...] | None]
    free: frozenset[tuple[int, int]]

    @property
    def sizes(self) -> dict[str, tuple[int | str, ...]]:
        """The sizes by input, ``x:1`` for one that is not known."""
        return {
            tensor.name: tuple(self._place(index, axis, size) for axis, size in enumerate(shape))
            for index, (tensor, shape) in enumerate(zip(self.tensors, self.shapes, strict=True))
            if shape is not None
        }

    def _place(self, index: int, axis: int, size: int) -> int | str:
        return f"{_called(self.tensors[index].name)}:{axis}" if (index, axis) in self.free else size

    @property
    def open(self) -> tuple[str, ...]:
        """The axes without a size, by input and place."""
        return tuple(f"{_called(self.tensors[index].name)}:{axis}" for index, axis in sorted(self.free))

    def at(self, first: int) -> list[Tensor]:
        """Return the inputs with their first axes of this size."""
        return [
            replace(tensor, shape=(first, *shape[1:]) if shape else shape)
            for tensor, shape in zip(self.tensors, self.shapes, strict=True)
        ]

    def as_given(self) -> list[Tensor]:
        """Return the inputs; the shape of one with a free axis is not known."""
        open_ = {index for index, _ in self.free}
        return [
            replace(tensor, shape=None if index in open_ else shape)
            for index, (tensor, shape) in enumerate(zip(self.tensors, self.shapes, strict=True))
        ]


def inputs_of(model: Model, sizes: Mapping[str, int], shapes: Mapping[str, Sequence[int]]) -> Inputs:
    """Return the inputs with the sizes of axes (``{"x:1": 100}``) and of whole inputs (``{"x": (1, 100, 64)}``).

    An input may be called as the model that was converted calls it: ``x`` for ``serving_default_x:0``. A runtime can
    change a size that the file gives, so that may be done here too. WalkError where there is no such axis.
    """
    entries = _entries(model)
    found = [None if entry.shape is None else list(entry.shape) for entry in entries]
    free = {(index, axis) for index, entry in enumerate(entries) for axis in entry.free}
    whole = {name: (size,) for name, size in sizes.items() if _index(entries, name) is not None}
    for name, shape in {**whole, **shapes}.items():
        index = _index(entries, name)
        before = found[index] if index is not None else None
        if index is None:
            known = tuple(_called(entry.name) for entry in entries)
            raise WalkError(f"there is no input {name}{did_you_mean(name, known)}; its inputs: {', '.join(known)}")
        if before is not None and len(before) != len(shape):
            raise WalkError(f"input {name} has {len(before)} axes, received {len(shape)} sizes: {list(shape)}")
        found[index], free = [*shape], {place for place in free if place[0] != index}
    for key, size in sizes.items():
        if key in whole:
            continue
        name, _, axis = key.rpartition(":")
        index = _index(entries, name)
        shape_ = found[index] if index is not None else None
        if index is None or shape_ is None or not axis.isdecimal() or int(axis) >= len(shape_):
            axes = ", ".join(f"{_called(entry.name)}:{axis}" for entry in entries for axis in entry.free) or "none"
            raise WalkError(f"no input has an axis {key}; axes without a size: {axes}")
        shape_[int(axis)] = size
        free.discard((index, int(axis)))
    tensors = [Tensor(entry.name, entry.dtype, None) for entry in entries]
    return Inputs(tensors, [None if shape is None else tuple(shape) for shape in found], frozenset(free))


def sizes_to_give(model: Model) -> tuple[str, ...]:
    """Return the names of the inputs and of their axes, ``x`` and ``x:1``, as the file and as its model call them."""
    found: list[str] = []
    for entry in _entries(model):
        for name in dict.fromkeys((_called(entry.name), entry.name)):
            found += [name, *(f"{name}:{axis}" for axis in range(len(entry.shape or ())))]
    return tuple(found)


def _entries(model: Model) -> list[TensorEntry]:
    graph = model.subgraphs[0]
    return [graph.tensors[place] for place in graph.inputs if place >= 0]


def _called(name: str) -> str:
    """Return an input's name as the model that was converted has it.

    >>> _called("serving_default_image:0"), _called("image")
    ('image', 'image')
    """
    match = _SERVING.fullmatch(name)
    return (match[1] if match else "") or name


def _index(entries: Sequence[TensorEntry], name: str) -> int | None:
    """Return the place of the input of a name; of two that are called alike none is meant by the short name."""
    exact = [index for index, entry in enumerate(entries) if entry.name == name]
    short = [index for index, entry in enumerate(entries) if _called(entry.name) == name]
    return exact[0] if exact else short[0] if len(short) == 1 else None


def batch_of(model: Model, inputs: Inputs, batch: int = 1) -> tuple[int, Walk, tuple[str, ...]]:
    """Return the batch of a run, the walk for it, and what to say of axes without a size.

    ``batch`` is that of a network whose inputs leave it open.
    """
    if inputs.free:
        shaped = {index for index, shape in enumerate(inputs.shapes) if shape}
        if inputs.free == {(index, 0) for index in shaped} and (one := _for_one(model, inputs)) is not None:
            found = one if batch == 1 else walk(model, inputs.at(batch))
            return batch, found, (f"for a batch of {batch}: the first axis of every input has no size",)
        asked = "&".join(f"{name}=SIZE" for name in inputs.open)
        said = f"axes without a size: {', '.join(inputs.open)}; give them one: ?{asked}"
        return 1, walk(model, inputs.as_given()), (said,)
    found = walk(model, inputs.as_given())
    firsts = {shape[0] for shape in inputs.shapes if shape}
    first = firsts.pop() if len(firsts) == 1 else 1
    if first > 1 and _is_batch(found, _tried(model, inputs, 2 * first)):
        return first, found, ()
    return 1, found, ()


def _for_one(model: Model, inputs: Inputs) -> Walk | None:
    """Return the walk for a batch of 1; None where the first axes are not the batch."""
    one = _tried(model, inputs, 1)
    return None if one is None or _is_batch(one, _tried(model, inputs, 2)) is False else one


def _tried(model: Model, inputs: Inputs, first: int) -> Walk | None:
    try:
        return walk(model, inputs.at(first))
    except WalkError:
        return None


def _is_batch(one: Walk, two: Walk | None) -> bool | None:
    """Say whether the second walk runs twice the examples of the first: None where no operator tells."""
    if two is None or len(one.steps) != len(two.steps) or two.macs != 2 * one.macs:
        return False
    if any(step.cost is None and step.entry.infer is not None for step in one.steps):
        return False
    told = None
    for step, other in zip(one.steps, two.steps, strict=True):
        if step.entry.batch is None or not step.call.inputs or not other.call.inputs:
            continue
        first, second = step.call.inputs[0], other.call.inputs[0]
        if (
            first is None
            or second is None
            or first.shape is None
            or second.shape is None
            or first.shape == second.shape
        ):
            continue
        axis = step.entry.batch(step.call.options)
        doubled = [size * 2 if index == axis else size for index, size in enumerate(first.shape)]
        if list(second.shape) != doubled:
            return False
        told = True
    return told
