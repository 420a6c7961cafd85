"""Zeros on the channel axis: the shortcut without weights of He et al. 2016, section 4.1, option A."""

from costlens.arithmetic.shapes import Before, Shape
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class PadChannels(Movement):
    """Zero channels: ``(..., C) -> (..., before + C + after)``; costs traffic only."""

    before: Before = field(default=0, description="zero channels before the input's")
    after: Before = field(default=0, description="zero channels after the input's")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (*shape[:-1], self.before + shape[-1] + self.after)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        widths = [(0, 0)] * (len(tensor.shape) - 1) + [(self.before, self.after)]
        return k.layers.Lambda(lambda x: k.ops.pad(x, widths), name=name)(tensor)
