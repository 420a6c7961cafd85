"""Layers that change each value by itself, in place: the activations."""

from typing import ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Elementwise(Layer):
    """``(...) -> (...)``: ``flops_per_element`` FLOPs for each value, no parameters, no MACs."""

    in_place = True
    flops_per_element: ClassVar[int]

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=self.flops_per_element * elements(shape))


class Activation(Elementwise):
    """One that Keras has as an activation: under the kind's name, or ``keras_word``."""

    keras_word: ClassVar[str] = ""

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Activation(self.keras_word or self.kind(), name=name)(tensor)
