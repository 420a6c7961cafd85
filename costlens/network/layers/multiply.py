"""Multiply tensors."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._join import ElementwiseJoin


class Multiply(ElementwiseJoin):
    """Multiply tensors element by element: ``(...), (...), … -> (...)``; n - 1 FLOPs an element."""

    also_called: ClassVar[tuple[str, ...]] = ("mul",)

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Multiply(name=name)(list(tensors))
