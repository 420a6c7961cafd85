from costlens.network.layers._elementwise import Activation


class Selu(Activation):
    """SELU (Klambauer et al. 2017), 1.0507·ELU with an alpha of 1.6733: ``(...) -> (...)``; 4 FLOPs an element."""

    flops_per_element = 4
