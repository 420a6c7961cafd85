"""SiLU."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.layers._elementwise import Elementwise


class Silu(Elementwise):
    """SiLU, also called swish: x·sigmoid(x): ``(...) -> (...)``; 5 FLOPs an element."""

    also_called: ClassVar[tuple[str, ...]] = ("swish",)
    flops_per_element: ClassVar[int] = 5

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Activation("silu", name=name)(tensors[0])
