"""Grouped: a convolution in groups, then a shuffle of their channels (Zhang et al. 2018, ShuffleNet, section 3.1)."""

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers.channel_shuffle import ChannelShuffle
from costlens.network.layers.conv import Conv
from costlens.network.variants._kind import ConvolutionKind, Parts

GROUPS = 4
"""One of the numbers that the paper compares: 1, 2, 3, 4 and 8."""


class Grouped(ConvolutionKind):
    """Conv K_h×K_w M → N in g = 4 groups, then a channel shuffle of 4: K_h·K_w·M·N/g weights.

    Each output channel reads M/g input channels; the shuffle hands every group's results to all groups of the next.
    """

    formula = f"1/g, where g = {GROUPS}"

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        if layer.groups > 1:
            return f"{GROUPS} groups of its own, received groups: {layer.groups}"
        rest = shape[-1] % GROUPS or layer.filters % GROUPS
        return super().refusal(layer, shape) or (f"channels not divisible by {GROUPS}" if rest else None)

    def remedy(self, layer: Conv) -> str:
        if layer.groups > 1:
            return f"write conv with groups: {layer.groups}, then channel_shuffle: {layer.groups}"
        return super().remedy(layer)

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        return ("grouped", layer.changed(groups=GROUPS)), ("shuffle", ChannelShuffle(groups=GROUPS))

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        return (Quotient(below=(GROUPS,)),)
