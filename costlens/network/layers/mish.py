from costlens.network.layers._elementwise import Activation


class Mish(Activation):
    """Mish, x·tanh(log(1 + exp(x))) (Misra 2019): ``(...) -> (...)``; 9 FLOPs an element."""

    flops_per_element = 9
    operators = 5
    keeps_input = True
