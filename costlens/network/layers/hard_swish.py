"""Hard swish."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class HardSwish(Elementwise):
    """Hard swish: x·min(max(x + 3, 0), 6)/6: ``(...) -> (...)``; 5 FLOPs an element."""

    also_called: ClassVar[tuple[str, ...]] = ("hardswish", "h_swish")
    flops_per_element: ClassVar[int] = 5

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("hard_silu", name=name)(tensors[0])
