"""Channel shuffle (Zhang et al. 2018, ShuffleNet, figure 1): mixes the channels of a grouped convolution's groups."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, Size
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class ChannelShuffle(Layer):
    """Channel shuffle: ``(..., C) -> (..., C)``: the C channels as (groups, C/groups), transposed; costs traffic only.

    Channel ``g·C/groups + i`` becomes channel ``i·groups + g``: neighbours then come from different groups.
    """

    shorthand: ClassVar[str | None] = "groups"

    groups: Size = field(description="parts whose channels are mixed; must divide the channels")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        if shape[-1] % self.groups:
            raise ShapeError(f"channel_shuffle: channels (={shape[-1]}) must be divisible by groups (={self.groups})")
        return shape

    def cost(self, *inputs: Shape) -> Cost:
        return Cost()

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        (tensor,) = tensors
        *sizes, channels = tensor.shape[1:]
        rank = len(sizes)
        # Channels first, as the file's convolutions are: its transposes around the shuffle cancel.
        first = k.layers.Permute((rank + 1, *range(1, rank + 1)), name=f"{name}-first")(tensor)
        split = k.layers.Reshape((self.groups, channels // self.groups, *sizes), name=f"{name}-split")(first)
        mixed = k.layers.Permute((2, 1, *range(3, rank + 3)), name=f"{name}-transpose")(split)
        whole = k.layers.Reshape((channels, *sizes), name=f"{name}-join")(mixed)
        return k.layers.Permute((*range(2, rank + 2), 1), name=name)(whole)
