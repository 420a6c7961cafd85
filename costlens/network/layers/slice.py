from costlens.arithmetic.shapes import Before, Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Slice(Movement):
    """Slice of one axis, by default the channels: ``(H, W, C) -> (H, W, size)``; costs traffic only."""

    start: Before = field(default=0, description="the first one kept, counted from 0")
    size: Size = field(example=4, description="how many are kept")
    axis: int = field(default=-1, description="the axis cut: 0 is the first one after the batch, -1 the channels")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        rank = len(shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(f"slice: expected an axis from {-rank} to {rank - 1}, received {self.axis}")
        if self.start + self.size > shape[self.axis]:
            raise ShapeError(
                f"slice: start (={self.start}) + size (={self.size}) is {self.start + self.size}, "
                f"axis {self.axis} of {show(shape)} has {shape[self.axis]}"
            )
        axis = self.axis % rank
        return (*shape[:axis], self.size, *shape[axis + 1 :])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        whole = (slice(None),) * (1 + self.axis % (len(tensor.shape) - 1))
        part = slice(self.start, self.start + self.size)
        return k.layers.Lambda(lambda x: x[(*whole, part)], name=name)(tensor)
