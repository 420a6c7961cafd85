"""Fully connected layer."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost, dense
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class Dense(Layer):
    """Fully connected: ``(..., C) -> (..., units)``, applied at every leading position; kernels ``C·units``."""

    printed_as: ClassVar[str] = "FC"
    also_called: ClassVar[tuple[str, ...]] = ("linear", "fc", "fully_connected")
    folds_norm: ClassVar[bool] = True
    shorthand: ClassVar[str | None] = "units"

    units: Size = field(description="output units")
    bias: bool = field(default=True, description="add one trainable number per unit")

    def output_shape(self, *inputs: Shape) -> Shape:
        return (*inputs[0][:-1], self.units)

    def cost(self, *inputs: Shape) -> Cost:
        (shape,) = inputs
        out = self.output_shape(shape)
        weights = dense(shape[-1], self.units, shape[:-1])
        return Cost((weights,), bias=self.units * self.bias, elementwise_flops=elements(out) * self.bias)

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.Dense(self.units, use_bias=self.bias, name=name)(tensors[0])
