from costlens.network.layers._elementwise import Function


class Abs(Function):
    """Absolute value, |x|: ``(...) -> (...)``; 1 FLOP an element."""

    also_called = ("absolute", "magnitude")
    flops_per_element = 1
    word = "abs"
