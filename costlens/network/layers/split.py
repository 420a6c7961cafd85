from collections.abc import Mapping
from itertools import accumulate
from typing import Annotated

from costlens.arithmetic.shapes import Limits, Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Split(Movement):
    """Split along one axis, by default the channels: ``(H, W, C) -> (H, W, A), (H, W, B), …``; costs traffic only.

    The first part is read by the layer's name, as that of any layer is; the next ones are ``split1.part2``, ….
    """

    also_called = ("chunk", "unbind", "unstack")
    shorthand = "parts"

    parts: Annotated[int, Limits(ge=2)] | Annotated[tuple[Size, ...], Limits(min_length=2, max_length=16)] = field(
        example=2, description="how many equal parts, or the size of each"
    )
    axis: int = field(default=-1, description="the axis cut: 0 is the first one after the batch, -1 the channels")

    def _shapes(self, shape: Shape) -> tuple[Shape, ...]:
        rank = len(shape)
        if not -rank <= self.axis < rank:
            raise ShapeError(f"split: expected an axis from {-rank} to {rank - 1}, received {self.axis}")
        axis = self.axis % rank
        whole = shape[axis]
        if isinstance(self.parts, int):
            if whole % self.parts:
                raise ShapeError(
                    f"split: axis {self.axis} of {show(shape)} must be divisible by parts (={self.parts}); "
                    "or give the size of each part"
                )
            sizes: tuple[int, ...] = (whole // self.parts,) * self.parts
        else:
            sizes = self.parts
            if sum(sizes) != whole:
                raise ShapeError(f"split: parts add up to {sum(sizes)}, axis {self.axis} of {show(shape)} has {whole}")
        return tuple((*shape[:axis], size, *shape[axis + 1 :]) for size in sizes)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return self._shapes(shape)[0]

    def more_outputs(self, shape: Shape, *more: Shape) -> Mapping[str, Shape]:
        return {f"part{ordinal}": part for ordinal, part in enumerate(self._shapes(shape)[1:], 2)}

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        axis = self.axis % (len(tensor.shape) - 1)
        sizes = [part[axis] for part in self._shapes(tuple(tensor.shape[1:]))]
        cuts = list(accumulate(sizes))[:-1]
        return k.layers.Lambda(lambda x: k.ops.split(x, cuts, axis=axis + 1), name=name)(tensor)
