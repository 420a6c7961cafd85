"""Dropout: nothing at inference."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class Dropout(Elementwise):
    """Dropout: ``(...) -> (...)``; free at inference."""

    vanishes: ClassVar[bool] = True
    flops_per_element: ClassVar[int] = 0
    shorthand: ClassVar[str | None] = "rate"

    rate: float = field(default=0.5, ge=0, lt=1, description="share of values dropped while training")

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Dropout(self.rate, name=name)(tensors[0])
