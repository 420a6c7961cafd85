from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class LeakyRelu(Elementwise):
    """Leaky ReLU, max(x, slope·x): ``(...) -> (...)``; 2 FLOPs an element."""

    also_called = ("lrelu",)
    flops_per_element = 2
    shorthand = "slope"

    slope: float = field(default=0.2, ge=0, lt=1, description="factor of negative values")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.LeakyReLU(negative_slope=self.slope, name=name)(tensor)
