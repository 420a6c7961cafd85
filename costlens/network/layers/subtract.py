from costlens.network.layers._elementwise import Arithmetic


class Subtract(Arithmetic):
    """Subtract the next tensors from the first, or a constant: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    also_called = ("sub", "minus")
    word = "subtract"
