"""ReLU6."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class Relu6(Elementwise):
    """ReLU6: min(max(x, 0), 6): ``(...) -> (...)``; 2 FLOPs an element."""

    flops_per_element: ClassVar[int] = 2

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("relu6", name=name)(tensors[0])
