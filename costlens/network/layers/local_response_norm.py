"""Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3)."""

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, Size, elements, spatial
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class LocalResponseNorm(Layer):
    """x / (k + alpha·Σ x²)^beta over ``size`` neighbouring channels: ``(H, W, C) -> (H, W, C)``.

    ``2·size + 3`` FLOPs an element: the squares and their sum, alpha, k, the power and the division. No parameters.
    """

    stays_float = True
    sort = "norms"
    also_called = ("lrn", "local_response_normalization")
    size: Size = field(default=5, description="channels summed over; odd")
    alpha: float = field(default=1e-4, gt=0, description="factor of the sum")
    beta: float = field(default=0.75, gt=0, description="the power")
    k: float = field(default=2.0, gt=0, description="added to the sum")

    def misfits(self) -> dict[str, str]:
        return {} if self.size % 2 else {"size": "expected an odd number of channels"}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        spatial(shape, "local_response_norm")
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=(2 * self.size + 3) * elements(shape))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.LocalResponseNorm(self.size // 2, self.k, self.alpha, self.beta, name=name)(tensor)
