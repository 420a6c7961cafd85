"""Concatenate tensors."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer


class Concat(Layer):
    """Concatenate along one axis, by default the channels: ``(H, W, A), (H, W, B), … -> (H, W, A + B + …)``."""

    also_called: ClassVar[tuple[str, ...]] = ("concatenate", "cat")
    joins: ClassVar[bool] = True
    shorthand: ClassVar[str | None] = "axis"

    axis: int = field(default=-1, description="the axis joined: 0 is the first one after the batch, -1 the channels")

    def output_shape(self, *inputs: Shape) -> Shape:
        rank = len(inputs[0])
        if not -rank <= self.axis < rank:
            raise ShapeError(f"concat: expected an axis from {-rank} to {rank - 1}, received {self.axis}")
        axis = self.axis % rank
        rests = {(len(shape), *shape[:axis], *shape[axis + 1 :]) for shape in inputs}
        if len(rests) > 1:
            raise ShapeError(
                f"concat: inputs may differ along axis {self.axis} only, received {', '.join(map(show, inputs))}; "
                "match strides and padding"
            )
        return (*inputs[0][:axis], sum(shape[axis] for shape in inputs), *inputs[0][axis + 1 :])

    def cost(self, *inputs: Shape) -> Cost:
        return Cost()

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        axis = self.axis if self.axis < 0 else self.axis + 1
        return k.layers.Concatenate(axis=axis, name=name)(list(tensors))
