from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Concat(Movement):
    """Concatenate along one axis, by default the channels: ``(H, W, A), (H, W, B), … -> (H, W, A + B + …)``."""

    sort = "joins"
    also_called = ("concatenate", "cat")
    takes = (2, None)
    shorthand = "axis"

    axis: int = field(default=-1, description="the axis joined: 0 is the first one after the batch, -1 the channels")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        inputs, rank = (shape, *more), len(shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(f"concat: expected an axis from {-rank} to {rank - 1}, received {self.axis}")
        axis = self.axis % rank
        rests = {(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in inputs}
        if len(rests) > 1:
            raise ShapeError(
                f"concat: inputs may differ along axis {self.axis} only, received {', '.join(map(show, inputs))}; "
                "match strides and padding"
            )
        return (*shape[:axis], sum(shape[axis] for shape in inputs), *shape[axis + 1 :])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        axis = self.axis if self.axis < 0 else self.axis + 1
        return k.layers.Concatenate(axis=axis, name=name)([tensor, *more])
