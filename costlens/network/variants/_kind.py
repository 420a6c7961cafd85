"""What every kind of convolution provides."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import ClassVar

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers import Layer
from costlens.network.layers.conv import Conv

Parts = tuple[tuple[str, Layer], ...]
"""Layers, each with the suffix of its name."""


def only_form(layer: Conv, shape: Shape) -> str | None:
    """Say why a convolution on this input shape has one form only, or None."""
    if layer.groups > 1:
        return "in groups already"
    return "kernel of area 1" if layer.area(shape) == 1 else None


@dataclass(frozen=True)
class ConvolutionKind(ABC):
    """One way to realise a K_h×K_w convolution M → N; its name is that of its file."""

    name: str
    formula: ClassVar[str]
    """MACs ÷ those of the standard convolution, as a formula."""
    overhead_reason: ClassVar[str] = ""
    """Where and why ``overhead`` is spent."""

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        """Say why a convolution on this input shape has no such form, or None."""
        return only_form(layer, shape)

    def remedy(self, layer: Conv) -> str:
        """Say what to write where a spec asks for this form and it is refused."""
        return "write it as conv"

    def overhead(self, layer: Conv, shape: Shape) -> int:
        """Return the MACs that the form spends on more positions than come out, which its formula leaves out."""
        return 0

    @abstractmethod
    def parts(self, layer: Conv, shape: Shape) -> Parts:
        """Return the layers that realise the convolution: (suffix of the name, layer), in order.

        The convolution's norm and activations follow each part that folds a norm.
        """

    @abstractmethod
    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        """Return the terms of ``formula`` with their numbers."""

    def theory(self, layer: Conv, shape: Shape) -> float:
        """Return the ratio of MACs to the standard convolution's that ``formula`` predicts."""
        return reduce(add, (term.value for term in self.terms(layer, shape)))
