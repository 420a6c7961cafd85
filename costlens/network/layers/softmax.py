from costlens.network.layers._elementwise import Activation


class Softmax(Activation):
    """Softmax over the channels: ``(...) -> (...)``; 5 FLOPs an element."""

    flops_per_element = 5
