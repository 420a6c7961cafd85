from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Arithmetic


class Multiply(Arithmetic):
    """Multiply tensors element by element, or with a constant: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    also_called = ("mul",)
    word = "multiply"

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Multiply(name=name)([tensor, *more]) if more else super().to_keras(k, name, tensor)
