from typing import Annotated

from costlens.arithmetic.shapes import Before, EachAxis, Shape, per_axis, show, spatial
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Crop(Movement):
    """Spatial axes without their ends: ``(H, W, C) -> (H - a - b, W - c - d, C)``; costs traffic only.

    To the sizes of another tensor it cuts as much on both sides, of an odd number one more at the end.
    """

    also_called = ("cropping",)
    shorthand = fits_by = "amount"

    amount: Before | Annotated[tuple[Before | tuple[Before, Before], ...], EachAxis] = field(
        example=1, description="values cut on both sides, or one number or [before, after] per spatial axis"
    )

    @classmethod
    def fitting(cls, shape: Shape, other: Shape) -> tuple[tuple[int, int], ...]:
        sizes, wanted = spatial(shape, "crop"), spatial(other, "like")
        cuts = [size - left for size, left in zip(sizes, wanted, strict=False)]
        if len(sizes) != len(wanted) or min(cuts) < 0:
            raise ShapeError(f"crop: {show(shape)} cannot be cut to the sizes of {show(other)}")
        return tuple((cut // 2, cut - cut // 2) for cut in cuts)

    def _cuts(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        axes: tuple[int | tuple[int, int], ...] = per_axis(self.amount, len(spatial(shape, "crop")), "amount")
        return tuple((cut, cut) if isinstance(cut, int) else cut for cut in axes)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        sizes = tuple(n - before - after for n, (before, after) in zip(shape[:-1], self._cuts(shape), strict=True))
        if min(sizes) < 1:
            raise ShapeError(f"crop: amount {self.amount} leaves an axis of {show(shape)} without values")
        return (*sizes, shape[-1])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        cuts = self._cuts(tuple(tensor.shape[1:]))
        keras_layer = getattr(k.layers, f"Cropping{len(cuts)}D")
        return keras_layer(cuts[0] if len(cuts) == 1 else cuts, name=name)(tensor)
