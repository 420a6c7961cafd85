from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Elu(Elementwise):
    """ELU, x or alpha·(exp(x) - 1) below zero: ``(...) -> (...)``; 3 FLOPs an element."""

    stays_float = True
    flops_per_element = 3
    shorthand = "alpha"

    alpha: float = field(default=1.0, gt=0, description="the limit for very negative values is -alpha")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.ELU(alpha=self.alpha, name=name)(tensor)
