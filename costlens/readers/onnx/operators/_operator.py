"""What an operator's file is given and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic.cost import Cost

Shape = tuple[int, ...]


class NotCountedError(Exception):
    """The file does not say enough to count a node; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Operand:
    """A tensor as a node sees it: its shape (None where it is not known) and whether the file holds its values."""

    name: str
    shape: Shape | None
    constant: bool = False
    floating: bool = True

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
        found = self.inputs[index] if index < len(self.inputs) else None
        if found is None:
            raise NotCountedError(f"{self.op} has no input {index}")
        return found

    def output(self, index: int = 0) -> Operand:
        """Return an output; NotCountedError where the node has none there."""
        found = self.outputs[index] if index < len(self.outputs) else None
        if found is None:
            raise NotCountedError(f"{self.op} has no output {index}")
        return found


def free(call: Call) -> Cost:
    """Return no cost: no multiply-accumulate happens."""
    return Cost()


def no_kernel(call: Call) -> Shape | None:
    """Return that the operator has no spatial kernel."""
    return None


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator: its cost, the inputs that are weights where they are constant, and its spatial kernel.

    ``weights`` None: any constant of floating point with at least one axis (a bias added, a scale multiplied with).
    """

    cost: Callable[[Call], Cost] = free
    weights: tuple[int, ...] | None = ()
    kernel: Callable[[Call], Shape | None] = no_kernel
