from math import prod
from typing import Annotated, Literal

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Limits, Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_FLOPS = {"mean": (1, -1), "max": (1, -1), "min": (1, -1), "sum": (1, -1), "l2": (2, 0), "variance": (4, -2),
          "std": (4, -1)}  # fmt: skip
"""FLOPs of n numbers that become one, ``a·n + b``: the sums, squares and differences, and a root."""


class Reduce(Layer):
    """Reduce axes to one number: ``(A, B, C) -> (A, C)`` for axis 1; no parameters, no MACs.

    FLOPs for each n numbers: n - 1 for mean, max, min and sum, 2·n for l2, the root of the sum of squares, 4·n - 2 for
    the variance and 4·n - 1 for std, the standard deviation.
    """

    sort = "pools"

    by: Literal["mean", "max", "min", "sum", "std", "variance", "l2"] = field(
        example="mean", description="mean, max, min, sum, std, variance or l2: what is kept of the numbers"
    )
    axis: int | Annotated[tuple[int, ...], Limits(min_length=1, max_length=4)] = field(
        example=1, description="the axis that goes, or a list of them: 0 is the first one after the batch, -1 the last"
    )
    keep_axes: bool = field(default=False, description="keep the reduced axes with size 1")

    def _gone(self, shape: Shape) -> tuple[int, ...]:
        rank = len(shape)
        axes = (self.axis,) if isinstance(self.axis, int) else self.axis
        for axis in axes:
            if not -rank <= axis < rank:
                raise ShapeError(f"reduce: expected axes from {-rank} to {rank - 1} of {show(shape)}, received {axis}")
        return tuple(sorted({axis % rank for axis in axes}))

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        gone = self._gone(shape)
        if self.keep_axes:
            return tuple(1 if axis in gone else size for axis, size in enumerate(shape))
        if len(gone) == len(shape):
            raise ShapeError(f"reduce: no axis of {show(shape)} is left; give keep_axes: true, or fewer axes")
        return tuple(size for axis, size in enumerate(shape) if axis not in gone)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        numbers = prod(shape[axis] for axis in self._gone(shape))
        each, once = _FLOPS[self.by]
        return Cost(elementwise_flops=(each * numbers + once) * (elements(shape) // numbers))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        axes, keep = tuple(axis + 1 for axis in self._gone(tuple(tensor.shape[1:]))), self.keep_axes
        if self.by == "l2":
            return k.layers.Lambda(
                lambda x: k.ops.sqrt(k.ops.sum(k.ops.square(x), axis=axes, keepdims=keep)), name=name
            )(tensor)
        reduced = getattr(k.ops, {"variance": "var"}.get(self.by, self.by))
        return k.layers.Lambda(lambda x: reduced(x, axis=axes, keepdims=keep), name=name)(tensor)
