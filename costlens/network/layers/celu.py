from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Celu(Elementwise):
    """CELU, x or alpha·(exp(x/alpha) - 1) below zero (Barron 2017): ``(...) -> (...)``; 4 FLOPs an element."""

    flops_per_element = 4
    operators = 3
    keeps_input = True
    shorthand = "alpha"

    alpha: float = field(default=1.0, gt=0, description="the limit for very negative values is -alpha")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        alpha = self.alpha

        def celu(x: Tensor) -> Tensor:  # Keras's own takes expm1, which ONNX lacks
            return k.ops.maximum(x, 0.0) + alpha * (k.ops.exp(k.ops.minimum(x, 0.0) / alpha) - 1.0)

        return k.layers.Lambda(celu, name=name)(tensor)
