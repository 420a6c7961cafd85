from costlens.network.layers._elementwise import Activation


class HardTanh(Activation):
    """Hard tanh, min(max(x, -1), 1): ``(...) -> (...)``; 2 FLOPs an element."""

    also_called = ("hardtanh",)
    flops_per_element = 2
