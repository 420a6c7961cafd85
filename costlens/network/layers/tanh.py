from costlens.network.layers._elementwise import Activation


class Tanh(Activation):
    """Hyperbolic tangent: ``(...) -> (...)``; 5 FLOPs an element."""

    flops_per_element = 5
    keeps_images = True
