from costlens.network.layers._elementwise import Activation


class Relu6(Activation):
    """ReLU6: min(max(x, 0), 6): ``(...) -> (...)``; 2 FLOPs an element."""

    flops_per_element = 2
    is_fused = True
