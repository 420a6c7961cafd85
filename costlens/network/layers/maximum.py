"""Maximum with a constant."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class Maximum(Elementwise):
    """Maximum with a constant, the larger of x and value: ``(...) -> (...)``; 1 FLOP an element."""

    flops_per_element: ClassVar[int] = 1
    shorthand: ClassVar[str | None] = "value"

    value: float = field(description="the constant each value is compared with")

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        value = self.value
        return k.layers.Lambda(lambda x: k.ops.maximum(x, value), name=name)(tensors[0])
