from costlens.network.layers._elementwise import Activation


class HardSigmoid(Activation):
    """Hard sigmoid: min(max(x + 3, 0), 6)/6: ``(...) -> (...)``; 4 FLOPs an element."""

    also_called = ("hardsigmoid", "h_sigmoid")
    flops_per_element = 4
