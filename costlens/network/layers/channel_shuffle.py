"""Channel shuffle (Zhang et al. 2018, ShuffleNet, figure 1): mixes the channels of a grouped convolution's groups."""

from costlens.arithmetic.shapes import Shape, Size
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class ChannelShuffle(Movement):
    """Channel shuffle: ``(..., C) -> (..., C)``: the C channels as (groups, C/groups), transposed; costs traffic only.

    Channel ``g·C/groups + i`` becomes channel ``i·groups + g``: neighbours then come from different groups.
    """

    also_called = ("shuffle",)
    shorthand = "groups"

    groups: Size = field(example=4, description="parts whose channels are mixed; must divide the channels")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if shape[-1] % self.groups:
            raise ShapeError(f"channel_shuffle: channels (={shape[-1]}) must be divisible by groups (={self.groups})")
        return shape

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        *sizes, channels = tensor.shape[1:]
        rank = len(sizes)
        # Channels first, as the file's convolutions are: its transposes around the shuffle cancel.
        first = k.layers.Permute((rank + 1, *range(1, rank + 1)), name=f"{name}-first")(tensor)
        split = k.layers.Reshape((self.groups, channels // self.groups, *sizes), name=f"{name}-split")(first)
        mixed = k.layers.Permute((2, 1, *range(3, rank + 3)), name=f"{name}-transpose")(split)
        whole = k.layers.Reshape((channels, *sizes), name=f"{name}-join")(mixed)
        return k.layers.Permute((*range(2, rank + 2), 1), name=name)(whole)
