from costlens.network.layers._elementwise import Activation


class HardSwish(Activation):
    """Hard swish: x·min(max(x + 3, 0), 6)/6: ``(...) -> (...)``; 5 FLOPs an element."""

    also_called = ("hardswish", "h_swish")
    flops_per_element = 5
    keras_word = "hard_silu"
