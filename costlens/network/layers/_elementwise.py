"""Layers that change each value by itself, in place: the activations."""

from __future__ import annotations

from typing import ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._base import Layer


class Elementwise(Layer):
    """``(...) -> (...)``: ``flops_per_element`` FLOPs for each value, no parameters, no MACs."""

    in_place: ClassVar[bool] = True
    flops_per_element: ClassVar[int]

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]

    def cost(self, *inputs: Shape) -> Cost:
        return Cost(elementwise_flops=self.flops_per_element * elements(inputs[0]))
