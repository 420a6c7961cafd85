"""Global layer normalisation (Luo & Mesgarani 2019, Conv-TasNet, section II-C): over all positions and channels."""

from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm


class GlobalNorm(Norm):
    """Global norm, gLN: ``(..., C) -> (..., C)``, over all positions and channels; gamma and beta of each channel."""

    also_called = ("gln", "global_layer_norm")

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.GroupNormalization(groups=1, **self.values(), name=name)(tensor)
