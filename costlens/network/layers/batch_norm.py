"""Batch normalisation (Ioffe & Szegedy 2015), at inference: a scale and a shift per channel."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._norm import Norm


class BatchNorm(Norm):
    """Batch norm: ``(..., C) -> (..., C)``; gamma and beta are trainable, the moving mean and variance are not."""

    also_called: ClassVar[tuple[str, ...]] = ("bn", "batchnorm", "batch_normalization")
    becomes_bias: ClassVar[bool] = True

    def cost(self, *inputs: Shape) -> Cost:
        (shape,) = inputs
        channels = shape[-1]
        return Cost(
            affine=channels * (self.scale + self.center),
            statistics=2 * channels,
            elementwise_flops=FLOPS_PER_NORM * elements(shape),
        )

    def deployed(self, *inputs: Shape) -> int:
        return 2 * inputs[0][-1]

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.BatchNormalization(scale=self.scale, center=self.center, epsilon=self.epsilon, name=name)(
            tensors[0]
        )
