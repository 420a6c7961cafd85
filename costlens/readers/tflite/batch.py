"""The sizes of a network's inputs, and which of them is the batch.

A file often has no size for the first axis of its inputs. It is the batch where every input has such an axis and no
other, the multiply-accumulates are proportional to it, and it arrives as the batch of every convolution and recurrent
layer. Then the count is for a batch of 1. A first axis of a fixed size is the batch by the same signs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from costlens.readers.tflite.file import Model
from costlens.readers.tflite.steps import Walk, WalkError
from costlens.readers.tflite.tensor import Tensor
from costlens.readers.tflite.walk import walk


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
            tensor.name: tuple(
                f"{tensor.name}:{axis}" if (index, axis) in self.free else size for axis, size in enumerate(shape)
            )
            for index, (tensor, shape) in enumerate(zip(self.tensors, self.shapes, strict=True))
            if shape is not None
        }

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


def inputs_of(model: Model, sizes: Mapping[str, int]) -> Inputs:
    """Return the inputs with the sizes that are given, as ``{"x:1": 100}``; WalkError where there is no such axis."""
    graph = model.subgraphs[0]
    entries = [graph.tensors[place] for place in graph.inputs if place >= 0]
    shapes = [None if entry.shape is None else list(entry.shape) for entry in entries]
    free = {(index, axis) for index, entry in enumerate(entries) for axis in entry.free}
    for key, size in sizes.items():
        name, _, axis = key.rpartition(":")
        index = next((index for index, entry in enumerate(entries) if entry.name == name), None)
        shape = shapes[index] if index is not None else None
        if index is None or shape is None or not axis.isdecimal() or int(axis) >= len(shape):
            axes = ", ".join(f"{entry.name}:{axis}" for entry in entries for axis in entry.free) or "none"
            raise WalkError(f"no input has an axis {key}; axes without a size: {axes}")
        shape[int(axis)] = size
        free.discard((index, int(axis)))
    tensors = [Tensor(entry.name, entry.dtype, None) for entry in entries]
    return Inputs(tensors, [None if shape is None else tuple(shape) for shape in shapes], frozenset(free))


def batch_of(model: Model, inputs: Inputs, batch: int = 1) -> tuple[int, Walk, tuple[str, ...]]:
    """Return the batch of a run, the walk for it, and what to say of axes without a size.

    ``batch`` is that of a network whose inputs leave it open.
    """
    if inputs.free:
        shaped = {index for index, shape in enumerate(inputs.shapes) if shape}
        if inputs.free == {(index, 0) for index in shaped} and (one := _for_one(model, inputs)) is not None:
            found = one if batch == 1 else walk(model, inputs.at(batch))
            return batch, found, (f"for a batch of {batch}: the first axis of every input has no size",)
        names = [f"{inputs.tensors[index].name}:{axis}" for index, axis in sorted(inputs.free)]
        asked = "&".join(f"{name}=SIZE" for name in names)
        return 1, walk(model, inputs.as_given()), (f"axes without a size: {', '.join(names)}; give them one: ?{asked}",)
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
