from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Minimum(Elementwise):
    """Minimum with a constant, the smaller of x and value: ``(...) -> (...)``; 1 FLOP an element."""

    flops_per_element = 1
    shorthand = "value"

    value: float = field(example=6, description="the constant each value is compared with")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        value = self.value
        return k.layers.Lambda(lambda x: k.ops.minimum(x, value), name=name)(tensor)
