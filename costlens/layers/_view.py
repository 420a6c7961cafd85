"""Layers that only read the same values under another shape."""

from __future__ import annotations

from typing import ClassVar

from costlens.cost import Cost
from costlens.layers._base import Layer
from costlens.shapes import Shape


class View(Layer):
    """A change of shape: no parameters, no FLOPs; its row counts traffic as any other row does."""

    in_place: ClassVar[bool] = True

    def cost(self, *inputs: Shape) -> Cost:
        return Cost()
