"""ELU."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class Elu(Elementwise):
    """ELU, x or alpha·(exp(x) - 1) below zero: ``(...) -> (...)``; 3 FLOPs an element."""

    flops_per_element: ClassVar[int] = 3
    shorthand: ClassVar[str | None] = "alpha"

    alpha: float = field(default=1.0, gt=0, description="the limit for very negative values is -alpha")

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.ELU(alpha=self.alpha, name=name)(tensors[0])
