"""Instance normalisation (Ulyanov et al. 2016): each channel over its own positions."""

from costlens.arithmetic.shapes import Shape, spatial
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm


class InstanceNorm(Norm):
    """Instance norm: ``(H, W, C) -> (H, W, C)``, each channel over its positions; gamma and beta are trainable."""

    also_called = ("instancenorm", "instance_normalization")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        spatial(shape, "instance_norm")
        return shape

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.GroupNormalization(groups=-1, **self.values(), name=name)(tensor)
