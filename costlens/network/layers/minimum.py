from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Arithmetic


class Minimum(Arithmetic):
    """Minimum of tensors, or of one and a constant: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    word = "minimum"
    is_activation = True

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Minimum(name=name)([tensor, *more]) if more else super().to_keras(k, name, tensor)
