"""Factorized: a 1×K_w convolution, then a K_h×1 one (Szegedy et al. 2016, Rethinking Inception, section 3.2)."""

from typing import Any

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.variants._kind import ConvolutionKind, Parts

_IMAGE_AXES = 2


class Factorized(ConvolutionKind):
    """Conv 1×K_w M → N, stride (1, s_w), then Conv K_h×1 N → N, stride (s_h, 1): K_w·M·N + K_h·N² weights.

    Each half takes its own axis's stride, dilation and padding. A stride along the height is paid for by the first
    half, and so is a valid padding: it still runs on all input rows: K_w·M·N·H_in·D_w MACs.
    """

    formula = "1/K_h + N/(K_w·M), where H_in = D_h"
    overhead_reason = "with more rows in than out: the 1×K_w half runs on all H_in input rows: K_w·M·N·H_in·D_w"

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        kernel = layer.window(shape).kernel
        flat = len(kernel) != _IMAGE_AXES or 1 in kernel
        return super().refusal(layer, shape) or ("one-dimensional kernel" if flat else None)

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        (k_h, k_w), (s_h, s_w), (d_h, d_w), (p_h, p_w) = layer.window(shape)
        fields: dict[str, Any] = {"filters": layer.filters, "bias": layer.bias}
        row = Conv(kernel=(1, k_w), stride=(1, s_w), dilation=(1, d_w), padding=("valid", p_w), **fields)
        column = Conv(kernel=(k_h, 1), stride=(s_h, 1), dilation=(d_h, 1), padding=(p_h, "valid"), **fields)
        return (f"1x{k_w}", row), (f"{k_h}x1", column)

    def overhead(self, layer: Conv, shape: Shape) -> int:
        rows, columns = layer.positions(shape)
        return layer.window(shape).kernel[1] * shape[-1] * layer.filters * max(shape[0] - rows, 0) * columns

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        k_h, k_w = layer.window(shape).kernel
        return Quotient(below=(k_h,)), Quotient((layer.filters,), (k_w, shape[-1]))
