"""What a rule of a graph operation is given and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from costlens.arithmetic.cost import Cost

Shape = tuple[int, ...]


class NotCountedError(Exception):
    """The graph does not say enough to count an operation; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor as an operation sees it.

    shape: None where a size is not known. data: whether it depends on the model's inputs, or on chance. weights: the
    numbers of the weights that it is made of, by their position in the model, where it is made of weights alone.
    makers: the numbers of the operations that made it, and of the inputs that it is (``flow.Made``).
    """

    shape: Shape | None
    data: bool = True
    weights: frozenset[int] = frozenset()
    makers: frozenset[int] = frozenset()

    def known(self) -> Shape:
        """Return the shape; NotCountedError where it is not known."""
        if self.shape is None:
            raise NotCountedError("its shape is not known")
        return self.shape


@dataclass(frozen=True, slots=True)
class Call:
    """An operation of the graph: its type, its operands and its attributes.

    rank: how many axes the layer that made it calls spatial; None where it does not say. TensorFlow computes a
    one-dimensional convolution as one of two axes. positions: the shape of what it makes, without what is cut off
    directly after: TensorFlow computes a dilated convolution as one of several pieces, which are put together again.
    """

    op: str
    inputs: tuple[Operand, ...]
    outputs: tuple[Operand, ...]
    attribute: Callable[[str], Any]
    rank: int | None = None
    positions: Shape | None = None

    def output(self) -> Shape:
        """Return the shape of the first output; NotCountedError where it is not known."""
        return self.outputs[0].known()

    def values(self) -> int:
        """Return how many values the operation makes."""
        return sum(prod(operand.known()) for operand in self.outputs)


Rule = Callable[[Call], Cost]


@dataclass(frozen=True, slots=True)
class Operator:
    """The rule of an operation. makes_data: False where what it makes does not depend on values, only on shapes.

    chance: whether it makes values by chance. contracts: whether it multiplies and accumulates.
    """

    cost: Rule = lambda _: Cost()
    makes_data: bool = True
    chance: bool = False
    contracts: bool = False


def per_value(flops: int) -> Operator:
    """Return the rule of an operation that takes so many FLOPs for each value that it makes, and no MAC."""
    return Operator(lambda call: Cost(elementwise_flops=flops * call.values()))


def joined(positions: Shape) -> Shape:
    """Return positions without those of size 1, which say nothing.

    >>> joined((1, 56, 56)), joined((1,))
    ((56, 56), ())
    """
    return tuple(size for size in positions if size != 1)
