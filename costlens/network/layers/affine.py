from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Affine(Layer):
    """Learned factor and shift of each channel, gamma·x + beta: ``(..., C) -> (..., C)``; 2·C trainable numbers.

    2 FLOPs an element, as ResMLP has it in place of a norm (Touvron et al. 2021). It is stored as it is, not folded
    into the layer before it.
    """

    sort = "norms"
    also_called = ("scale_shift",)
    in_place = True
    tables = 2

    initial: float = field(default=1.0, description="each factor before training; the shifts start at 0")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return (elements(shape),)  # a product, then a sum

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=2 * shape[-1], elementwise_flops=2 * elements(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.ChannelAffine(self.initial, center=True, name=name)(tensor)
