from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import ElementwiseJoin


class Add(ElementwiseJoin):
    """Add tensors element by element: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Add(name=name)([tensor, *more])
