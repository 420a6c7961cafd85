"""Standard: one convolution mixes space and channels at once."""

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.variants._kind import ConvolutionKind, Parts


class Standard(ConvolutionKind):
    """Conv K_h×K_w, M → N: K_h·K_w·M·N weights."""

    formula = "1"

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        return None

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        return (("", layer),)

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        return (Quotient(),)
