"""Bottleneck: a K_h×K_w convolution between two 1×1 ones, on fewer channels (He et al. 2016, ResNet, figure 5)."""

from math import prod

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.variants._kind import ConvolutionKind, Parts

REDUCTION = 4
"""ResNet-50's: 256 channels, 64 inside."""


class Bottleneck(ConvolutionKind):
    """Conv 1×1 M → N/4, then K_h×K_w N/4 → N/4 with the stride, then 1×1 N/4 → N: (M + K_h·K_w·N/4 + N)·N/4 weights.

    The first 1×1 runs on all input positions, including those that a stride or a valid padding then leaves out.
    """

    formula = "1/(4·K_h·K_w) + N/(16·M) + N/(4·K_h·K_w·M), where H_in·W_in = D_h·D_w"
    overhead_reason = "with more positions in than out: the first 1×1 runs on all input positions: M·N/4·H_in·W_in"

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        narrow = layer.filters % REDUCTION
        return super().refusal(layer, shape) or (f"filters not divisible by {REDUCTION}" if narrow else None)

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        inside = layer.filters // REDUCTION
        return (
            ("reduce", Conv(filters=inside, kernel=1, bias=layer.bias)),
            ("spatial", layer.changed(filters=inside)),
            ("expand", Conv(filters=layer.filters, kernel=1, bias=layer.bias)),
        )

    def overhead(self, layer: Conv, shape: Shape) -> int:
        skipped = max(prod(shape[:-1]) - prod(layer.positions(shape)), 0)
        return shape[-1] * (layer.filters // REDUCTION) * skipped

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        kernel, channels = layer.window(shape).kernel, shape[-1]
        return (
            Quotient(below=(REDUCTION, *kernel)),
            Quotient((layer.filters,), (REDUCTION**2, channels)),
            Quotient((layer.filters,), (REDUCTION, *kernel, channels)),
        )
