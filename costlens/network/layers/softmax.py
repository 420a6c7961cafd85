from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Activation


class Softmax(Activation):
    """Softmax over the channels, or along ``axis``: ``(...) -> (...)``; 5 FLOPs an element."""

    flops_per_element = 5

    axis: int = field(
        default=-1, description="the axis whose values add up to 1: 0 is the first one after the batch, -1 the last"
    )

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        rank = len(shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(
                f"softmax: expected an axis from {-rank} to {rank - 1} of {show(shape)}, received {self.axis}"
            )
        return shape

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        rank = len(tensor.shape) - 1
        if self.axis % rank == rank - 1:
            return super().to_keras(k, name, tensor)
        return k.layers.Softmax(axis=self.axis % rank + 1, name=name)(tensor)
