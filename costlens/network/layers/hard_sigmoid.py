"""Hard sigmoid."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class HardSigmoid(Elementwise):
    """Hard sigmoid: min(max(x + 3, 0), 6)/6: ``(...) -> (...)``; 4 FLOPs an element."""

    also_called: ClassVar[tuple[str, ...]] = ("hardsigmoid", "h_sigmoid")
    flops_per_element: ClassVar[int] = 4

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("hard_sigmoid", name=name)(tensors[0])
