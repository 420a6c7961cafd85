from costlens.network.layers._elementwise import Activation


class Relu(Activation):
    """ReLU: max(x, 0): ``(...) -> (...)``; 1 FLOP an element."""

    flops_per_element = 1
    is_fused = True
