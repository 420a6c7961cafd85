from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Power(Elementwise):
    """Power with a constant exponent, x^exponent: ``(...) -> (...)``; 1 FLOP an element.

    Not a number below zero where the exponent is not whole; infinite at zero where it is negative.
    """

    also_called = ("pow",)
    flops_per_element = 1
    shorthand = "exponent"

    exponent: float = field(example=2, description="the power that each value is raised to")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        exponent = self.exponent
        return k.layers.Lambda(lambda x: k.ops.power(x, exponent), name=name)(tensor)
