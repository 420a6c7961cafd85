from costlens.network.layers._elementwise import Activation


class Gelu(Activation):
    """GELU, exact: x·Φ(x): ``(...) -> (...)``; 5 FLOPs an element."""

    flops_per_element = 5
