"""Factorized: a 1×K_w convolution, then a K_h×1 one (Szegedy et al. 2016, Rethinking Inception, section 3.2).

Over volumes it is the (2+1)D convolution, 1×K_h×K_w in space and then K_d×1×1 in time (Tran et al. 2018, A closer look
at spatiotemporal convolutions, section 3.5), with the N channels of the output between the two.
"""

from math import prod
from typing import Any

from costlens.arithmetic.cost import Quotient
from costlens.arithmetic.shapes import Pad, Shape, times
from costlens.network.layers.conv import Conv
from costlens.network.variants._kind import ConvolutionKind, Parts


class Factorized(ConvolutionKind):
    """Conv 1×K_w M → N, stride (1, s_w), then Conv K_h×1 N → N, stride (s_h, 1): K_w·M·N + K_h·N² weights.

    Each half takes its own axis's stride, dilation and padding. A stride along the height is paid for by the first
    half, and so is a valid padding: it still runs on all input rows: K_w·M·N·H_in·D_w MACs. Over volumes 1×K_h×K_w
    goes before K_d×1×1: K_h·K_w·M·N + K_d·N² weights, 1/K_d + N/(K_h·K_w·M), with slices for rows.
    """

    formula = "1/K_h + N/(K_w·M), where H_in = D_h"
    overhead_reason = "with more rows in than out: the 1×K_w half runs on all H_in input rows: K_w·M·N·H_in·D_w"

    def refusal(self, layer: Conv, shape: Shape) -> str | None:
        first, *rest = layer.window(shape).kernel
        if reason := super().refusal(layer, shape):
            return reason
        if first > 1 and prod(rest) > 1:
            return None
        return f"kernel {times((first, *rest))} is one half already" if len(rest) > 1 else "one-dimensional kernel"

    def parts(self, layer: Conv, shape: Shape) -> Parts:
        window = layer.window(shape)
        rest = (1,) * (len(window.kernel) - 1)
        unpadded: tuple[Pad, ...] = tuple("valid" for _ in rest)
        fields: dict[str, Any] = {"filters": layer.filters, "bias": layer.bias}
        across = Conv(
            kernel=(1, *window.kernel[1:]),
            stride=(1, *window.stride[1:]),
            dilation=(1, *window.dilation[1:]),
            padding=("valid", *window.padding[1:]),
            **fields,
        )
        along = Conv(
            kernel=(window.kernel[0], *rest),
            stride=(window.stride[0], *rest),
            dilation=(window.dilation[0], *rest),
            padding=(window.padding[0], *unpadded),
            **fields,
        )
        return tuple(("x".join(map(str, half.window(shape).kernel)), half) for half in (across, along))

    def overhead(self, layer: Conv, shape: Shape) -> int:
        rows, *rest = layer.positions(shape)
        _, *kernel = layer.window(shape).kernel
        return prod(kernel) * shape[-1] * layer.filters * max(shape[0] - rows, 0) * prod(rest)

    def terms(self, layer: Conv, shape: Shape) -> tuple[Quotient, ...]:
        first, *rest = layer.window(shape).kernel
        return Quotient(below=(first,)), Quotient((layer.filters,), (*rest, shape[-1]))
