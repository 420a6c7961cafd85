"""What an operator's file is given and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.sizes import AnySize, Size, smallest
from costlens.readers.onnx.tensor import Out as Out  # noqa: PLC0414  # operators' files take it from here
from costlens.readers.onnx.tensor import Shape, Tensor, Value

Role = Literal["", "contraction", "carrier", "layout"]
"""What an operator is to those that time or export a graph.

A ``contraction`` multiplies and accumulates. A ``carrier`` passes the values of its first input on, so a constant after
it is the stored constant before it. A ``layout`` operator is a carrier that computes nothing.
"""


class NotCountedError(Exception):
    """The file does not say enough to count a node; the message says what is missing."""


class ContradictionError(Exception):
    """A node cannot run with the sizes that it is given; the message says why."""


@dataclass(slots=True)
class Call:
    """A node: operator, operands (None for one left out), attributes, opset, and how many outputs it has.

    ``conditions`` are sizes that must be 0 or more for what a rule returned to be right, ``equal`` sizes that must be
    equal.
    """

    op: str
    inputs: Sequence[Tensor | None]
    attributes: Mapping[str, Any]
    opset: int
    wanted: int = 1
    outputs: Sequence[Out] = field(default_factory=tuple)
    conditions: list[Size] = field(default_factory=list)
    equal: list[tuple[AnySize, AnySize]] = field(default_factory=list)

    def needs(self, size: AnySize) -> None:
        """Hold a size to 0 or more: note it where a free axis decides, raise ContradictionError where it is not."""
        if isinstance(size, Size):
            if (low := smallest(size)) is None or low < 0:
                self.conditions.append(size)
        elif size < 0:
            raise ContradictionError(f"{self.op}: a size is short by {-size}")

    def same(self, left: AnySize, right: AnySize) -> AnySize:
        """Return sizes that must be equal as one: note it where a free axis decides, the simplest is what they are."""
        if left == right:
            return left
        first, second = sorted((left, right), key=lambda size: (isinstance(size, Size), len(str(size)), str(size)))
        if not isinstance(second, Size) or isinstance(first - second, int):
            raise ContradictionError(f"{self.op}: sizes {left} and {right} must be equal")
        self.equal.append((first, second))
        return first

    def has(self, index: int) -> bool:
        """Say whether an input is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def input(self, index: int) -> Tensor:
        """Return an input; NotCountedError where the node has none there."""
        found = self.inputs[index] if 0 <= index < len(self.inputs) else None
        if found is None:
            raise ContradictionError(f"{self.op} has no input {index}")
        return found

    def shape(self, index: int, rank: int | None = None) -> Shape:
        """Return the shape of an input; NotCountedError where it is not known, ContradictionError at another rank."""
        tensor = self.input(index)
        if tensor.shape is None:
            raise NotCountedError(f"the shape of {tensor.name} is not known")
        if rank is not None and len(tensor.shape) != rank:
            raise ContradictionError(f"{self.op} takes {rank} axes, {tensor.name} has {len(tensor.shape)}")
        return tensor.shape

    def value(self, index: int) -> Value:
        """Return the numbers of an input; NotCountedError where only a run can tell them."""
        tensor = self.input(index)
        if tensor.value is None:
            raise NotCountedError(f"the values of {tensor.name} are not known before a run")
        return tensor.value

    def ints(self, index: int) -> tuple[AnySize, ...]:
        """Return the numbers of an input of sizes, axes or indices."""
        return tuple(int(one) if isinstance(one, (float, bool)) else one for one in self.value(index))

    def fixed(self, index: int) -> tuple[int, ...]:
        """Return the numbers of an input that must not depend on a free axis."""
        found = self.ints(index)
        if any(not isinstance(one, int) for one in found):
            raise NotCountedError(f"the values of {self.input(index).name} depend on a free axis")
        return found

    def out(self, index: int = 0) -> Shape:
        """Return the shape of an output; NotCountedError where it is not known."""
        shape = self.outputs[index].shape if index < len(self.outputs) else None
        if shape is None:
            raise NotCountedError(f"the shape that {self.op} writes is not known")
        return shape


Infer = Callable[[Call], Sequence[Out]]


def free(call: Call) -> Cost:
    """Return no cost: no multiply-accumulate happens."""
    return Cost()


def first_axis(attributes: Mapping[str, Any]) -> int:
    """Return that the first axis holds examples."""
    return 0


def as_first(call: Call) -> Sequence[Out]:
    """Return one output of the first input's type and shape."""
    first = call.input(0)
    return (Out(first.dtype, first.shape),)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: its shapes, its cost, the places where constants are parameters, and its spatial kernel.

    ``infer`` None: the shapes are those of onnx's own inference. ``weights`` are the inputs that take numbers, None all
    of them; ``integers`` says that integers are numbers there too, and ``single`` that a tensor of one number is one
    (elsewhere it is an epsilon, a bound or a ratio). ``flops`` are those of each value of the first output beside the
    multiply-accumulates; ``bias`` is the input that is added to each. ``batch`` is the axis of the first input that
    holds examples, where the operator says so. ``in_place`` operators can write their output over their input.
    ``integer`` contractions compute in integers. ``listed`` says why an operator is not counted though its shapes are
    known.
    """

    infer: Infer | None = as_first
    cost: Callable[[Call], Cost] = free
    weights: tuple[int, ...] | None = ()
    kernel: Callable[[Call], Shape] | None = None
    role: Role = ""
    flops: int = 0
    bias: int | None = None
    batch: Callable[[Mapping[str, Any]], int] | None = None
    integers: bool = False
    single: bool = False
    in_place: bool = False
    integer: bool = False
    listed: str = ""
