from costlens.network.layers._elementwise import Activation


class Softsign(Activation):
    """Softsign, x/(1 + |x|): ``(...) -> (...)``; 3 FLOPs an element."""

    flops_per_element = 3
