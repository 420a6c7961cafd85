from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import ElementwiseJoin


class Multiply(ElementwiseJoin):
    """Multiply tensors element by element: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    also_called = ("mul",)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Multiply(name=name)([tensor, *more])
