"""What an operator's file is given and what it gives back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from costlens.arithmetic.cost import Cost
from costlens.readers.tflite.tensor import Shape, Tensor, Value

Role = Literal["", "contraction", "carrier", "layout"]
"""A ``contraction`` multiplies and accumulates. A ``carrier`` passes the numbers of its first input on, so that a
constant behind it is the stored constant before it. A ``layout`` operator is a carrier that computes nothing."""


class NotCountedError(Exception):
    """The file does not say enough to count an operator; the message says what is missing."""


class ContradictionError(Exception):
    """An operator cannot run with the sizes that it is given; the message says why."""


class Out(NamedTuple):
    """An output: its shape and, where they are known, its numbers."""

    shape: Shape | None
    value: Value | None = None


@dataclass(slots=True)
class Call:
    """An operator as it is run: its operands (None for one left out), its options, and its outputs once inferred."""

    op: str
    inputs: Sequence[Tensor | None]
    options: Mapping[str, Any]
    wanted: int = 1
    outputs: Sequence[Shape | None] = field(default_factory=tuple)

    def has(self, index: int) -> bool:
        """Say whether an input is given."""
        return index < len(self.inputs) and self.inputs[index] is not None

    def input(self, index: int) -> Tensor:
        """Return an input; ContradictionError where the operator has none there."""
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise ContradictionError(f"it has no input {index}")
        return found

    def shape(self, index: int, rank: int | None = None) -> Shape:
        """Return the shape of an input; NotCountedError where it is not known, ContradictionError at another rank."""
        tensor = self.input(index)
        if tensor.shape is None:
            raise NotCountedError(f"the shape of {tensor.name} is not known")
        if rank is not None and len(tensor.shape) != rank:
            raise ContradictionError(f"it takes {rank} axes, {tensor.name} has {len(tensor.shape)}")
        return tensor.shape

    def value(self, index: int) -> Value:
        """Return the numbers of an input; NotCountedError where only a run can tell them."""
        tensor = self.input(index)
        if tensor.value is None:
            raise NotCountedError(f"the values of {tensor.name} are not known before a run")
        return tensor.value

    def out(self, index: int = 0) -> Shape:
        """Return the shape of an output; NotCountedError where it is not known."""
        shape = self.outputs[index] if index < len(self.outputs) else None
        if shape is None:
            raise NotCountedError("the shape of its output is not known")
        return shape


Infer = Callable[[Call], Sequence[Out]]


def free(call: Call) -> Cost:
    """Return no cost: no multiply-accumulate happens."""
    return Cost()


def as_first(call: Call) -> Sequence[Out]:
    """Return one output of the first input's shape."""
    return (Out(call.input(0).shape),)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: its shapes, its cost, the places where constants are parameters, and its spatial kernel.

    infer: None where the shapes are those that the file notes. weights: the inputs that take numbers, None all of them;
    ``integers`` says that integers are numbers there too, and ``single`` that a tensor of one number is one (elsewhere
    it is an epsilon, a bound or a ratio). flops: of each value of the first output beside the multiply-accumulates;
    bias: the input that is added to each. batch: the axis of the first input that holds examples, where the operator
    says so. groups: of a convolution. in_place: the output can be written over the first input.
    """

    infer: Infer | None = as_first
    cost: Callable[[Call], Cost] = free
    weights: tuple[int, ...] | None = ()
    kernel: Callable[[Call], Shape] | None = None
    groups: Callable[[Call], int] | None = None
    role: Role = ""
    flops: int = 0
    bias: int | None = None
    batch: Callable[[Mapping[str, Any]], int] | None = None
    integers: bool = False
    single: bool = False
    in_place: bool = False
