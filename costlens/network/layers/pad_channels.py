"""Zeros on the channel axis: the shortcut without weights of He et al. 2016, section 4.1, option A."""

from __future__ import annotations

from typing import Any

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Before, Shape
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class PadChannels(Layer):
    """Zero channels: ``(..., C) -> (..., before + C + after)``; costs traffic only."""

    before: Before = field(default=0, description="zero channels before the input's")
    after: Before = field(default=0, description="zero channels after the input's")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        return (*shape[:-1], self.before + shape[-1] + self.after)

    def cost(self, *inputs: Shape) -> Cost:
        return Cost()

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        (tensor,) = tensors
        widths = [(0, 0)] * (len(tensor.shape) - 1) + [(self.before, self.after)]
        return k.layers.Lambda(lambda x: k.ops.pad(x, widths), name=name)(tensor)
