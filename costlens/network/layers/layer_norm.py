"""Layer normalisation (Ba et al. 2016) over the channels."""

from __future__ import annotations

from typing import Any

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._norm import Norm


class LayerNorm(Norm):
    """Layer norm: ``(..., C) -> (..., C)``, over the channels of each position; gamma and beta are trainable."""

    def cost(self, *inputs: Shape) -> Cost:
        (shape,) = inputs
        return Cost(affine=shape[-1] * (self.scale + self.center), elementwise_flops=FLOPS_PER_NORM * elements(shape))

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        return k.layers.LayerNormalization(scale=self.scale, center=self.center, epsilon=self.epsilon, name=name)(
            tensors[0]
        )
