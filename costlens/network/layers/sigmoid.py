from costlens.network.layers._elementwise import Activation


class Sigmoid(Activation):
    """Sigmoid: 1/(1 + exp(-x)): ``(...) -> (...)``; 4 FLOPs an element."""

    flops_per_element = 4
    keeps_images = True
