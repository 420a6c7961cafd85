"""Layer normalisation (Ba et al. 2016) over the channels."""

from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm


class LayerNorm(Norm):
    """Layer norm: ``(..., C) -> (..., C)``, over the channels of each position; gamma and beta are trainable."""

    also_called = ("layer_normalization", "ln")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.LayerNormalization(**self.values(), name=name)(tensor)
