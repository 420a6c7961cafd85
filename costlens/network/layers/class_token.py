"""Learned tokens in front of a sequence, as the class token of ViT."""

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_SEQUENCE = 2


class ClassToken(Layer):
    """Class token: ``(T, C) -> (tokens + T, C)``: puts trainable rows in front; ``tokens·C`` parameters, no MACs.

    One of ViT (Dosovitskiy et al. 2021, section 3.1), two of DeiT, which is distilled.
    """

    sort = "attention and tokens"
    shorthand = "tokens"
    also_called = ("cls_token", "cls", "register_tokens")
    example_input = (49, 64)

    tokens: Size = field(default=1, description="how many rows")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if len(shape) != _SEQUENCE:
            raise ShapeError(f"class_token takes (T, C), received {show(shape)}; add a reshape before it")
        return (self.tokens + shape[0], shape[1])

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=self.tokens * shape[1])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.ClassToken(self.tokens, name=name)(tensor)
