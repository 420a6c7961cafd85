"""Layers that work element by element: the activations, in place, and the joins of tensors of one shape."""

from typing import ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements, show
from costlens.errors import ShapeError
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


class Function(Elementwise):
    """One that Keras has among its operations, under ``word``."""

    word: ClassVar[str]

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Lambda(getattr(k.ops, self.word), name=name)(tensor)


class ElementwiseJoin(Layer):
    """``(...), (...), … -> (...)``; sizes are equal, or 1 and then repeated. n - 1 FLOPs per output element."""

    takes = (2, None)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        inputs = (shape, *more)
        ranks = set(map(len, inputs))
        sizes = [set(axis) - {1} for axis in zip(*inputs, strict=False)]
        if len(ranks) > 1 or any(len(axis) > 1 for axis in sizes):
            raise ShapeError(
                f"{self.kind()}: expected inputs of one shape, received {', '.join(map(show, inputs))}; "
                "project the shorter side with a 1×1 conv, or match strides and padding"
            )
        return tuple(axis.pop() if axis else 1 for axis in sizes)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=len(more) * elements(self.output_shape(shape, *more)))
