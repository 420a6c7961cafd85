"""Softmax over the channels."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class Softmax(Elementwise):
    """Softmax over the channels: ``(...) -> (...)``; 5 FLOPs an element."""

    flops_per_element: ClassVar[int] = 5

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("softmax", name=name)(tensors[0])
