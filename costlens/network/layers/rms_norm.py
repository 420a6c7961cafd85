"""Root mean square normalisation (Zhang & Sennrich 2019): a layer norm without a mean and without a shift."""

from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import AnyNorm


class RmsNorm(AnyNorm):
    """RMS norm, gamma·x/√(mean of x² + epsilon): ``(..., C) -> (..., C)``, over the channels of each position.

    C numbers, the gammas, are trainable; 2 FLOPs an element, as each norm has.
    """

    also_called = ("rmsnorm", "rms_normalization")

    epsilon: float = field(default=1e-6, gt=0, description="added to the mean of the squares")

    def learned(self) -> int:
        return 1

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.RMSNormalization(epsilon=self.epsilon, name=name)(tensor)
