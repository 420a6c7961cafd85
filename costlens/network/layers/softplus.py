from costlens.network.layers._elementwise import Activation


class Softplus(Activation):
    """Softplus, log(1 + exp(x)), a smooth ReLU: ``(...) -> (...)``; 3 FLOPs an element."""

    flops_per_element = 3
    operators = 3
