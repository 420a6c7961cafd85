"""Layers that work element by element: the activations, in place, and the joins of tensors of one shape."""

from functools import reduce
from typing import ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Elementwise(Layer):
    """``(...) -> (...)``: ``flops_per_element`` FLOPs for each value, no parameters, no MACs."""

    sort = "activations and functions"
    in_place = True
    is_activation = True
    flops_per_element: ClassVar[int]
    operators: ClassVar[int] = 1
    """How many operators of TensorFlow Lite it takes, one behind the other."""

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return (elements(shape),) * (self.operators - 1)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=self.flops_per_element * elements(shape))


class Activation(Elementwise):
    """One that Keras has as an activation: under the kind's name, or ``keras_word``."""

    keras_word: ClassVar[str] = ""

    @classmethod
    def word(cls) -> str:
        """Return what Keras calls it."""
        return cls.keras_word or cls.kind()

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Activation(self.word(), name=name)(tensor)


class Function(Elementwise):
    """One that Keras has among its operations, under ``word``."""

    word: ClassVar[str]

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Lambda(getattr(k.ops, self.word), name=name)(tensor)


class ElementwiseJoin(Layer):
    """``(...), (...), … -> (...)``; sizes are equal, or 1 and then repeated. n - 1 FLOPs per output element."""

    sort = "joins"
    keeps_images = True
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


class Arithmetic(ElementwiseJoin):
    """A join of two operands, or more from left to right, or of one and a constant: ``add: 2``; in place then.

    ``k.ops`` has it under ``word``.
    """

    alone_with = shorthand = "value"
    takes_activation = True
    word: ClassVar[str]

    value: float | None = field(default=None, description="a constant in place of the second input")

    @property
    def in_place(self) -> bool:  # type: ignore[override]  # with a constant alone
        return self.value is not None

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if self.value is None and not more:
            raise ShapeError(f"{self.kind()} joins two or more layers, or one and a constant: {self.kind()}: 2")
        return super().output_shape(shape, *more)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=elements(shape)) if self.value is not None else super().cost(shape, *more)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        operation, value = getattr(k.ops, self.word), self.value
        if value is not None:
            return k.layers.Lambda(lambda x: operation(x, value), name=name)(tensor)
        return k.layers.Lambda(lambda xs: reduce(operation, xs), name=name)([tensor, *more])
