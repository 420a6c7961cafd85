"""Sigmoid."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class Sigmoid(Elementwise):
    """Sigmoid: 1/(1 + exp(-x)): ``(...) -> (...)``; 4 FLOPs an element."""

    flops_per_element: ClassVar[int] = 4

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("sigmoid", name=name)(tensors[0])
