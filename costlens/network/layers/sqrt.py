from costlens.network.layers._elementwise import Function


class Sqrt(Function):
    """Square root; not a number below zero: ``(...) -> (...)``; 1 FLOP an element."""

    also_called = ("square_root",)
    flops_per_element = 1
    keeps_images = True
    word = "sqrt"
