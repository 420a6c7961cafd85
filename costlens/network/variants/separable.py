"""Separable: a depthwise convolution filters, a 1×1 convolution combines (Howard et al. 2017, section 3.1)."""

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.layers.depthwise import Depthwise
from costlens.network.variants._kind import ConvolutionKind, Parts


class Separable(ConvolutionKind):
    """Depthwise K_h×K_w with the stride, then Conv 1×1 M → N: K_h·K_w·M + M·N weights.

    It has no depth multiplier: a kind has the fields that all kinds have, so that each can be rewritten as each other.
    Of more than one filter a channel, write the two layers: depthwise with a multiplier, and conv.
    """

    formula = "1/N + 1/(K_h·K_w)"

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        depthwise = Depthwise(
            kernel=layer.kernel,
            stride=layer.stride,
            dilation=layer.dilation,
            padding=layer.padding,
            bias=layer.bias,
        )
        return ("depthwise", depthwise), ("pointwise", Conv(filters=layer.filters, kernel=1, bias=layer.bias))

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        return Quotient(below=(layer.filters,)), Quotient(below=layer.window(shape).kernel)
