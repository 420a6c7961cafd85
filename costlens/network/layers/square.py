from costlens.network.layers._elementwise import Function


class Square(Function):
    """Square, x²: ``(...) -> (...)``; 1 FLOP an element."""

    stays_float = True
    also_called = ("sqr",)
    flops_per_element = 1
    keeps_images = True
    word = "square"
