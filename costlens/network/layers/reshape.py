from math import prod
from typing import Annotated

from costlens.arithmetic.shapes import Limits, Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Reshape(Movement):
    """Reshape: ``(...) -> shape``; free. One size may be -1 and is then worked out."""

    also_called = ("view", "unflatten")
    in_place = True
    only_reshapes = True
    shorthand = "shape"

    shape: Annotated[tuple[int, ...], Limits(min_length=1, max_length=4)] = field(
        example=(1024, 8), description="the new sizes, without the batch; one may be -1"
    )

    def misfits(self) -> dict[str, str]:
        wrong = any(size < 1 and size != -1 for size in self.shape) or self.shape.count(-1) > 1
        return {"shape": "expected positive sizes, at most one of them -1"} if wrong else {}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        known = prod(size for size in self.shape if size != -1)
        free = elements(shape) // known
        target = tuple(free if size == -1 else size for size in self.shape)
        if elements(target) != elements(shape):
            raise ShapeError(
                f"reshape: {show(shape)} holds {elements(shape)} values, {show(self.shape)} cannot hold them"
            )
        return target

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Reshape(self.output_shape(tuple(tensor.shape[1:])), name=name)(tensor)
