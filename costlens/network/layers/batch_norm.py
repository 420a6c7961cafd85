"""Batch normalisation (Ioffe & Szegedy 2015), at inference: a scale and a shift per channel."""

from costlens.arithmetic.shapes import Shape
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm


class BatchNorm(Norm):
    """Batch norm: ``(..., C) -> (..., C)``; gamma and beta are trainable, the moving mean and variance are not."""

    also_called = ("bn", "batchnorm", "batch_normalization", "synchronized_batch_norm", "sync_batch_norm")
    becomes_bias = True
    keeps_input = False
    keeps_images = True
    statistics = 2

    def deployed(self, shape: Shape, *more: Shape) -> int:
        return 2 * shape[-1]

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.BatchNormalization(**self.values(), name=name)(tensor)
