"""Natural logarithm."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.network.fields import field
from costlens.network.layers._elementwise import Elementwise


class Log(Elementwise):
    """Natural logarithm, log(x + offset): ``(...) -> (...)``; 2 FLOPs an element."""

    flops_per_element: ClassVar[int] = 2
    shorthand: ClassVar[str | None] = "offset"

    offset: float = field(default=1e-3, gt=0, description="added first, so that silence has a logarithm")

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        offset = self.offset
        return k.layers.Lambda(lambda x: k.ops.log(x + offset), name=name)(tensors[0])
