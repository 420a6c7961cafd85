"""Flatten."""

from __future__ import annotations

from typing import Any

from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._view import View


class Flatten(View):
    """Flatten: ``(H, W, C) -> (H·W·C,)``; free."""

    def output_shape(self, *inputs: Shape) -> Shape:
        return (elements(inputs[0]),)

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Flatten(name=name)(tensors[0])
