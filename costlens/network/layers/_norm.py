"""What the normalisations share."""

from __future__ import annotations

from typing import ClassVar

from costlens.arithmetic.shapes import Shape
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class Norm(Layer):
    """``(..., C) -> (..., C)``, in place; gamma (scale) and beta (center) are trainable."""

    in_place: ClassVar[bool] = True
    is_norm: ClassVar[bool] = True

    scale: bool = field(default=True, description="multiply by a trainable gamma")
    center: bool = field(default=True, description="add a trainable beta")
    epsilon: float = field(default=1e-3, gt=0, description="added to the variance")

    def output_shape(self, *inputs: Shape) -> Shape:
        return inputs[0]
