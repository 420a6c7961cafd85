from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._elementwise import Activation


class Silu(Activation):
    """SiLU, also called swish: x·sigmoid(x): ``(...) -> (...)``; 5 FLOPs an element."""

    also_called = ("swish",)
    flops_per_element = 5
    keeps_input = True

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return (elements(shape),)
