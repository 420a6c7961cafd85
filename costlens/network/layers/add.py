from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Arithmetic


class Add(Arithmetic):
    """Add tensors element by element, or a constant: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    word = "add"

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Add(name=name)([tensor, *more]) if more else super().to_keras(k, name, tensor)
