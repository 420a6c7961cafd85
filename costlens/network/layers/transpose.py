from typing import Annotated

from costlens.arithmetic.shapes import Before, Limits, Shape, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Transpose(Movement):
    """Axes in another order: ``(A, B, C) -> (C, A, B)`` by ``[2, 0, 1]``; costs traffic only.

    Axes are counted from 0, the first one after the batch: axis i of the output is axis ``axes[i]`` of the input.
    Keras's ``Permute`` counts them from 1, and PyTorch's and ONNX's numbers count the batch, too.
    """

    also_called = ("permute",)
    shorthand = "axes"
    example_input = (49, 64)

    axes: Annotated[tuple[Before, ...], Limits(min_length=2, max_length=5)] = field(
        example=(1, 0), description="for each axis of the output the input's, 0 the first one after the batch"
    )

    def misfits(self) -> dict[str, str]:
        rank = len(self.axes)
        wrong = sorted(self.axes) != list(range(rank))
        return {"axes": f"expected each of 0 to {rank - 1} once; the batch is not counted"} if wrong else {}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if len(shape) != len(self.axes):
            raise ShapeError(f"transpose: {show(shape)} has {len(shape)} axes, axes orders {len(self.axes)}")
        return tuple(shape[axis] for axis in self.axes)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Permute(tuple(axis + 1 for axis in self.axes), name=name)(tensor)
