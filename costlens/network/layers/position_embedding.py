"""A learned number for each place, added to what stands there."""

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._base import Layer, Tensor, Toolkit


class PositionEmbedding(Layer):
    """Position embedding: ``(T, C) -> (T, C)``: adds a trainable tensor of the input's shape.

    ``T·C`` parameters, no MACs, one FLOP an element (Dosovitskiy et al. 2021, section 3.1).
    """

    sort = "attention and tokens"
    in_place = True
    also_called = ("positional_embedding", "pos_embed", "positional_encoding", "position", "add_weight")
    example_input = (49, 64)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=elements(shape), elementwise_flops=elements(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.AddWeight(tuple(tensor.shape[1:]), name=name)(tensor)
