"""Leaky ReLU."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class LeakyRelu(Elementwise):
    """Leaky ReLU, max(x, slope·x): ``(...) -> (...)``; 2 FLOPs an element."""

    flops_per_element: ClassVar[int] = 2
    shorthand: ClassVar[str | None] = "slope"

    slope: float = field(default=0.2, ge=0, lt=1, description="factor of negative values")

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.LeakyReLU(negative_slope=self.slope, name=name)(tensors[0])
