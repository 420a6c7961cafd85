"""What the normalisations share."""

from typing import ClassVar

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class AnyNorm(Layer):
    """``(..., C) -> (..., C)``, in place; ``statistics`` numbers of a channel are not trained."""

    sort = "norms"
    in_place = True
    is_norm = True
    keeps_input = True
    tables = 2
    statistics: ClassVar[int] = 0

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        if self.becomes_bias:
            return (elements(shape),)  # a product, then a sum
        return (elements(shape),) * 2  # differences from the mean, their squares, and then the product and the sum

    def learned(self) -> int:
        """Return how many trainable numbers a channel has."""
        return 0

    def channels(self, shape: Shape) -> int:
        """Return how many channels have numbers of their own."""
        return shape[-1]

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        channels = self.channels(shape)
        return Cost(
            affine=channels * self.learned(),
            statistics=self.statistics * channels,
            elementwise_flops=FLOPS_PER_NORM * elements(shape),
        )


class Norm(AnyNorm):
    """A norm with a gamma and a beta for each channel, or one of them, or neither."""

    scale: bool = field(default=True, description="multiply by a trainable gamma")
    center: bool = field(default=True, description="add a trainable beta")
    epsilon: float = field(default=1e-3, gt=0, description="added to the variance")

    def learned(self) -> int:
        return self.scale + self.center
