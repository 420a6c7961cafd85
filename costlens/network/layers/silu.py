from costlens.network.layers._elementwise import Activation


class Silu(Activation):
    """SiLU, also called swish: x·sigmoid(x): ``(...) -> (...)``; 5 FLOPs an element."""

    also_called = ("swish",)
    flops_per_element = 5
    operators = 2
    keeps_input = True
