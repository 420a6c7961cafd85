from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Dropout(Elementwise):
    """Dropout: ``(...) -> (...)``; free at inference."""

    vanishes = True
    flops_per_element = 0
    shorthand = "rate"

    rate: float = field(default=0.5, ge=0, lt=1, description="share of values dropped while training")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Dropout(self.rate, name=name)(tensor)
