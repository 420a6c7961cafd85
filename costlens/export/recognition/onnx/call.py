"""One node of an ONNX file, as a family of operators sees it, and the axes of the tensors between nodes.

Keras and specs have the channels last, ONNX has them behind the batch. No tensor is moved for that: a tensor of the
file is one of the graph whose axes are read in another order, and a Transpose of the file is another order of reading.
Only where an operator needs an order that there is not, the graph gets a ``transpose``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from costlens.export.recognition.built import Builder, NoKindError
from costlens.export.recognition.onnx.numbers import Numbers
from costlens.network.fields import FieldError
from costlens.network.layers import Layer, layer_kind
from costlens.readers.onnx.steps import Step
from costlens.readers.onnx.tensor import Tensor

Axes = tuple[int, ...]
NONE = -1
"""An axis of size 1 that a tensor of the file has, and that of the graph has not."""


class View(NamedTuple):
    """A tensor of the file: one of the graph, and which of its axes each axis is; 0 is the batch in both."""

    tensor: str
    axes: Axes


def as_it_is(rank: int) -> Axes:
    """Return the axes of a tensor whose axes have one order in both."""
    return tuple(range(rank))


def channels_second(rank: int) -> Axes:
    """Return the axes of a tensor whose channels are behind the batch in the file, and last in the graph.

    >>> channels_second(4)
    (0, 3, 1, 2)
    """
    return (0, rank - 1, *range(1, rank - 1))


@dataclass(slots=True)
class Net:
    """The graph as far as it is built: what each tensor of the file is in it, and what is known of constants.

    readers: the steps that read a tensor; those of an output of the file begin with None. merged: steps whose work a
    layer before them does.
    """

    numbers: Numbers
    readers: Mapping[str, Sequence[Step | None]]
    builder: Builder = field(default_factory=Builder)
    views: dict[str, View] = field(default_factory=dict)
    merged: set[int] = field(default_factory=set)
    turned: dict[tuple[str, Axes], str] = field(default_factory=dict)
    undone: dict[tuple[str, Axes], str] = field(default_factory=dict)
    """What a reshape back makes, by what it reads and its shape."""
    holders: dict[str, set[int]] = field(default_factory=dict)
    """The steps whose layers hold a stored constant as a weight of their own, by its name."""

    @property
    def stored_once(self) -> int:
        """How many numbers the file stores once that several layers hold: exporters join constants of equal values."""
        return sum((len(steps) - 1) * int(self.numbers.array(name).size) for name, steps in self.holders.items())


@dataclass(slots=True)
class Call:
    """A node, and the graph that it becomes a part of."""

    step: Step
    name: str
    net: Net
    also: list[str] = field(default_factory=list)
    """Constants of merged nodes that its weights are."""

    @property
    def attributes(self) -> Mapping[str, Any]:
        """The attributes of the node."""
        return self.step.attributes

    @property
    def opset(self) -> int:
        """The version of ONNX's operators that the file means."""
        return int(self.net.numbers.opsets.get("", 1))

    @property
    def count(self) -> int:
        """How many operands there are, those that are left out at the end not counted."""
        return len(self.step.inputs)

    def operand(self, place: int) -> Tensor | None:
        """Return an operand; None where it is left out."""
        return self.step.inputs[place] if place < len(self.step.inputs) else None

    def given(self, place: int) -> Tensor:
        """Return an operand that must be there."""
        found = self.operand(place)
        if found is None:
            raise NoKindError(f"has no operand {place}")
        return found

    def sizes(self, place: int = 0) -> tuple[int, ...]:
        """Return the shape of an operand in the file."""
        return sizes(self.given(place))

    def made(self, place: int = 0) -> tuple[int, ...]:
        """Return the shape of an output in the file."""
        output = self.step.outputs[place]
        assert output is not None  # noqa: S101  # it is asked for
        return sizes(output)

    def is_constant(self, place: int) -> bool:
        """Say whether an operand is the same in every run."""
        found = self.operand(place)
        return found is not None and (found.constant or found.value is not None)

    def array(self, place: int, otherwise: Any = None) -> Any:
        """Return a constant operand; ``otherwise`` where it is left out. NoKindError where a run decides it."""
        import numpy as np

        found = self.operand(place)
        if found is None:
            return otherwise
        if found.constant:
            return self.net.numbers.array(found.name)
        if found.value is not None:
            return np.array(found.value).reshape(sizes(found))
        raise NoKindError(f"reads {found.name}, which a run decides, where a layer has a fixed value")

    def view(self, place: int = 0) -> View:
        """Return an operand as a tensor of the graph; NoKindError for a constant."""
        found = self.given(place)
        if found.name not in self.net.views:
            raise NoKindError("reads a constant where a layer reads another layer")
        return self.net.views[found.name]

    def ordered(self, place: int, axes: Axes) -> str:
        """Return an operand as a tensor of the graph with these axes; a ``transpose`` where it has others."""
        return self.turned(self.view(place), axes)

    def turned(self, view: View, axes: Axes) -> str:
        """Return a tensor of the graph that has these axes, of one that has others."""
        if view.axes == axes:
            return view.tensor
        if NONE in view.axes or view.axes.index(0) != axes.index(0):
            raise NoKindError("moves the batch")
        places = {ours: theirs for theirs, ours in zip(view.axes, axes, strict=True)}
        order = tuple(places[axis] - 1 for axis in range(1, len(axes)))
        key = view.tensor, order
        if key not in self.net.turned:
            self.net.turned[key] = self.add("transpose", view.tensor, part="transpose", axes=order)
        return self.net.turned[key]

    def channels_last(self, place: int = 0) -> str:
        """Return an operand, whose channels are behind the batch in the file, as a tensor that has them last."""
        return self.ordered(place, channels_second(len(self.sizes(place))))

    def plain(self, place: int = 0) -> str:
        """Return an operand as a tensor with its axes in the order of the file."""
        return self.ordered(place, as_it_is(len(self.sizes(place))))

    def axis(self, axis: int, place: int = 0) -> int:
        """Return an axis of an operand as an axis of the tensor in the graph, counted behind the batch."""
        axes = self.view(place).axes
        found = axes[axis % len(axes)]
        if found in (0, NONE):
            raise NoKindError("works along the batch")
        return -1 if found == len(axes) - 1 else found - 1

    def add(self, kind: str, *inputs: str, part: str = "", weights: Sequence[Any] = (), **fields: Any) -> str:
        """Add a layer of a kind; see ``add_all``."""
        return self.add_all(kind, *inputs, part=part, weights=weights, **fields)[0]

    def add_all(
        self, kind: str, *inputs: str, part: str = "", weights: Sequence[Any] = (), **fields: Any
    ) -> tuple[str, ...]:
        """Add a layer of a kind and return its outputs.

        part: what it is called behind the name of the node. weights: arrays in the order of the Keras layer's. A field
        that is None is left out. Layers of the same stored numbers share them.
        """
        try:
            layer: Layer = layer_kind(kind)(**{name: value for name, value in fields.items() if value is not None})
        except FieldError as error:
            raise NoKindError(str(error)) from error
        constants = (one.name for one in self.step.inputs if one is not None and one.constant)
        read = tuple(map(self.net.numbers.origin, (*constants, *self.also)))
        key = (kind, part, read, layer) if weights else object()
        name = f"{self.name}_{part}" if part else self.name
        made = self.net.builder.add(layer, inputs, name, {"": weights}, key)
        if weights and not self.net.builder.nodes[-1].weights:
            for each in read:
                self.net.holders.setdefault(each, set()).add(id(self.step))
        return made

    def returns(self, tensor: str, axes: Axes, place: int = 0) -> None:
        """Note what an output of the node is in the graph."""
        output = self.step.outputs[place] if place < len(self.step.outputs) else None
        if output is None:
            return
        ours = self.net.builder.shapes[tensor]
        theirs = sizes(output)
        expected = [theirs[at] if axis == 0 else 1 if axis == NONE else ours[axis - 1] for at, axis in enumerate(axes)]
        if [*theirs] != expected:
            raise NoKindError(f"makes {list(theirs)}, the layer {list(ours)}")
        self.net.views[output.name] = View(tensor, axes)

    def bias(self, units: int, axis: int) -> Any:
        """Return the numbers that an Add behind the node adds to the channels, along an axis of the file; or None.

        The Add is merged: it makes nothing of its own.
        """
        after = self.follower("Add")
        if after is None:
            return None
        place = next((at for at, one in enumerate(after.inputs) if one is not None and one.constant), None)
        held = None if place is None else after.inputs[place]
        if held is None or held.shape is None or after.outputs[0] is None:
            return None
        rank = len(self.made())
        shape = (1,) * (rank - len(held.shape)) + tuple(held.shape)
        if shape != tuple(units if at == axis % rank else 1 for at in range(rank)):
            return None
        self.net.merged.add(id(after))
        self.also.append(held.name)
        return self.net.numbers.array(held.name).reshape(units)

    def follower(self, op: str) -> Step | None:
        """Return the node of this operator that alone reads the output; None where there is none."""
        output = self.step.outputs[0]
        readers = self.net.readers.get(output.name, ()) if output is not None else ()
        return readers[0] if len(readers) == 1 and readers[0] is not None and readers[0].op == op else None


def sizes(tensor: Tensor) -> tuple[int, ...]:
    """Return the shape of a tensor; NoKindError where a size is not known."""
    if tensor.shape is None or not all(isinstance(size, int) for size in tensor.shape):
        raise NoKindError(f"the sizes of {tensor.name} are not known")
    return tuple(map(int, tensor.shape))
