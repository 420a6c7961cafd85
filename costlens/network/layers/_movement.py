"""Layers that only move values."""

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape
from costlens.network.layers._base import Layer


class Movement(Layer):
    """No parameters, no FLOPs; its row counts traffic as any other row does."""

    sort = "shapes"

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost()
