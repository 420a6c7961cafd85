"""Multiply tensors."""

from __future__ import annotations

from typing import Any

from costlens.network.layers._join import ElementwiseJoin


class Multiply(ElementwiseJoin):
    """Multiply tensors element by element: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Multiply(name=name)(list(tensors))
