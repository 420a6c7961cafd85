"""What every kind of convolution provides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from costlens.layers import Layer
from costlens.layers.conv import Conv
from costlens.shapes import Shape


@dataclass(frozen=True)
class ConvolutionKind(ABC):
    """One way to realise a K_h×K_w convolution M → N; its name is that of its file."""

    name: str
    formula: ClassVar[str]
    """MACs ÷ those of the standard convolution, as a formula."""
    overhead_reason: ClassVar[str] = ""

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        """Say why a convolution on this input shape has no such form, or None."""
        return None

    def overhead(self, layer: Conv, shape: Shape) -> int:
        """Return the MACs that the form spends on more rows than come out, which its formula leaves out."""
        return 0

    @abstractmethod
    def parts(self, layer: Conv, shape: Shape) -> tuple[tuple[str, Layer], ...]:
        """Return the layers that realise the convolution: (suffix of the name, layer), in order."""

    @abstractmethod
    def theory(self, layer: Conv, shape: Shape) -> float:
        """Return the ratio of MACs to the standard convolution's that ``formula`` predicts."""
