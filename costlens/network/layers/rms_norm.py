"""Root mean square normalisation (Zhang & Sennrich 2019): a layer norm without a mean and without a shift."""

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class RmsNorm(Layer):
    """RMS norm, gamma·x/√(mean of x² + epsilon): ``(..., C) -> (..., C)``, over the channels of each position.

    C numbers, the gammas, are trainable; 2 FLOPs an element, as each norm has.
    """

    also_called = ("rmsnorm", "rms_normalization")
    in_place = True
    is_norm = True

    epsilon: float = field(default=1e-6, gt=0, description="added to the mean of the squares")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(affine=shape[-1], elementwise_flops=FLOPS_PER_NORM * elements(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.RMSNormalization(epsilon=self.epsilon, name=name)(tensor)
