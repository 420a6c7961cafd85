"""Group normalisation (Wu & He 2018): over the positions and the channels of each group."""

from costlens.arithmetic.shapes import Shape, Size
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._norm import Norm

_TYPICAL = 4


class GroupNorm(Norm):
    """Group norm: ``(..., C) -> (..., C)``, over all positions of C/groups channels; gamma and beta of each channel."""

    also_called = ("gn", "groupnorm", "group_normalization")
    shorthand = "groups"
    example_input = (32, 32, 64)

    groups: Size = field(default=32, description="groups of neighbouring channels; must divide the channels")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if shape[-1] % self.groups:
            groups = max(n for n in range(1, _TYPICAL + 1) if shape[-1] % n == 0)
            raise ShapeError(
                f"group_norm: channels (={shape[-1]}) must be divisible by groups (={self.groups}); "
                f"write norm: {{group: {groups}}}, or groups: {groups} in the layer"
            )
        return shape

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.GroupNormalization(**self.values(), name=name)(tensor)
