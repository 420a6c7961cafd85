"""What an operator's file is given and what it gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from costlens.arithmetic.cost import Cost

Shape = tuple[int, ...]
Role = Literal["", "contraction", "carrier", "layout"]
"""What an operator is to those that time or export a graph.

A ``contraction`` multiplies and accumulates. A ``carrier`` passes the values of its first input on, so a constant after
it is the stored constant before it. A ``layout`` operator is a carrier that computes nothing.
"""


class NotCountedError(Exception):
    """The file does not say enough to count a node; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor as a node sees it: its shape (None where it is not known) and whether the file holds its values.

    ``weighs``: its type is one that weights have. Wider integers are shapes, axes and indices.
    """

    name: str
    shape: Shape | None
    constant: bool = False
    weighs: bool = True

    def known(self) -> Shape:
        """Return the shape; NotCountedError where it is not known."""
        if self.shape is None:
            raise NotCountedError(f"the shape of {self.name} is not known")
        return self.shape


@dataclass(frozen=True, slots=True)
class Call:
    """A node: operator, operands (None for one left out) and attributes."""

    op: str
    inputs: tuple[Operand | None, ...]
    outputs: tuple[Operand | None, ...]
    attributes: Mapping[str, Any]

    def input(self, index: int) -> Operand:
        """Return an input; NotCountedError where the node has none there."""
        return self._operand("input", self.inputs, index)

    def output(self, index: int = 0) -> Operand:
        """Return an output; NotCountedError where the node has none there."""
        return self._operand("output", self.outputs, index)

    def _operand(self, side: str, operands: tuple[Operand | None, ...], index: int) -> Operand:
        found = operands[index] if index < len(operands) else None
        if found is None:
            raise NotCountedError(f"{self.op} has no {side} {index}")
        return found


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: its cost, the inputs that are weights where they are constant, and its spatial kernel, if any.

    ``weights`` None means any input. Where ``structure`` is set, these inputs may hold bounds, axes or indices as well:
    only constants with at least one axis, and of a type that weights have, are counted. ``in_place`` operators can
    write their output over their input. ``integer`` contractions compute in integers.
    """

    cost: Callable[[Call], Cost] = lambda _: Cost()
    weights: tuple[int, ...] | None = ()
    kernel: Callable[[Call], Shape] | None = None
    role: Role = ""
    structure: bool = False
    in_place: bool = False
    integer: bool = False
