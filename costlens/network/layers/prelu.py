"""PReLU (He et al. 2015): a leaky ReLU whose slopes are learned."""

from typing import Annotated, Literal

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Limits, Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import Elementwise


class Prelu(Elementwise):
    """PReLU, x or slope·x below zero: ``(...) -> (...)``; one learned slope a channel, 2 FLOPs an element.

    With ``shared_axes`` the slopes differ along the other axes only: C for each channel, 1 where all axes share one.
    """

    also_called = ("parametric_relu", "p_relu")
    flops_per_element = 2
    shorthand = "shared_axes"

    shared_axes: Literal["all"] | Annotated[tuple[int, ...], Limits(min_length=1, max_length=4)] | None = field(
        default=None,
        description="axes along which values share a slope, 0 the first after the batch, or all: one slope; "
        "all but the channels unless given",
    )
    initial: float = field(default=0.25, description="each slope before training")

    def _slopes(self, shape: Shape) -> tuple[int, ...]:
        """Return the shape of the slopes: 1 along each axis that shares them."""
        rank = len(shape)
        axes = (
            range(rank)
            if self.shared_axes == "all"
            else range(rank - 1)
            if self.shared_axes is None
            else self.shared_axes
        )
        for axis in axes:
            if not -rank <= axis < rank:
                raise ShapeError(
                    f"prelu: shared_axes: expected axes from {-rank} to {rank - 1} of {show(shape)}, received {axis}"
                )
        shared = {axis % rank for axis in axes}
        return tuple(1 if axis in shared else size for axis, size in enumerate(shape))

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        self._slopes(shape)
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return super().cost(shape) + Cost(affine=elements(self._slopes(shape)))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        slopes = self._slopes(tuple(tensor.shape[1:]))
        shared = [axis for axis, size in enumerate(slopes, 1) if size == 1]
        initial = {"class_name": "Constant", "config": {"value": self.initial}}
        return k.layers.PReLU(initial, shared_axes=shared, name=name)(tensor)
