"""Normalisation to unit length, as embeddings have it (Schroff et al. 2015, FaceNet)."""

from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import AnyNorm


class UnitNorm(AnyNorm):
    """Unit norm, x/√max(Σ x², epsilon): ``(..., C) -> (..., C)``, over the channels of each position.

    No parameters; 2 FLOPs an element, as each norm has.
    """

    also_called = ("l2_normalize", "l2_norm", "unit_normalization", "normalize", "LpNormalization")

    epsilon: float = field(default=1e-12, gt=0, description="the least sum of squares that is divided by")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        epsilon = self.epsilon

        def unit(x: Tensor) -> Tensor:
            squares = k.ops.sum(k.ops.square(x), axis=-1, keepdims=True)
            return x / k.ops.sqrt(k.ops.maximum(squares, epsilon))

        return k.layers.Lambda(unit, name=name)(tensor)
