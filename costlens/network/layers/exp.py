from costlens.network.layers._elementwise import Function


class Exp(Function):
    """Exponential, exp(x): ``(...) -> (...)``; 1 FLOP an element."""

    flops_per_element = 1
    keeps_images = True
    word = "exp"
