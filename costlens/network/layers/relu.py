"""ReLU."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class Relu(Elementwise):
    """ReLU: max(x, 0): ``(...) -> (...)``; 1 FLOP an element."""

    flops_per_element: ClassVar[int] = 1

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("relu", name=name)(tensors[0])
