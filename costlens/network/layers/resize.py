from math import floor
from typing import Annotated

from costlens.arithmetic.shapes import Limits, PerAxis, Shape, per_axis, show, spatial
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._resampling import Resampling

_Factor = Annotated[float, Limits(gt=0)]


class Resize(Resampling):
    """Resizing to a size or by a factor: ``(H, W, C) -> (H', W', C)``; nearest 0, bilinear 7 FLOPs a value.

    Value i of an axis lies at ``(i + ½)·H/H' - ½`` of the input, at ``i·(H - 1)/(H' - 1)`` with ``align_corners``; by
    a factor ``H' = ⌊H·factor⌋``. ``nearest`` copies value ``⌊(i + ½)·H/H'⌋``; ``bilinear`` mixes two neighbours on each
    of the ``a`` axes that change: ``2^a`` products and ``2^a - 1`` sums.
    """

    also_called = ("interpolate", "resizing", "resize_images", "upsampling_bilinear", "upsample_bilinear")
    shorthand = fits_by = "size"

    @property
    def over_images(self) -> bool:  # type: ignore[override]  # places that are chosen are chosen of a sequence
        return self.mode == "bilinear"

    size: PerAxis | None = field(
        default=None, example=64, description="the new size: one number, or one per spatial axis"
    )
    factor: _Factor | Annotated[tuple[_Factor, ...], Limits(min_length=1, max_length=3)] | None = field(
        default=None, description="instead of size: how many times larger, such as 2 or 0.5, or one per spatial axis"
    )

    @classmethod
    def fitting(cls, shape: Shape, other: Shape) -> Shape:
        return spatial(other, "like")

    def misfits(self) -> dict[str, str]:
        if (self.size is None) == (self.factor is None):
            return {"size": "expected size or factor" + (", not both" if self.size else "")}
        return super().misfits()

    def sizes(self, shape: Shape) -> Shape:
        rank = len(shape) - 1
        if self.size is not None:
            return per_axis(self.size, rank, "size")
        factors: tuple[float, ...] = per_axis(self.factor or 1.0, rank, "factor")
        made = tuple(floor(size * factor) for size, factor in zip(shape, factors, strict=False))
        if min(made) < 1:
            raise ShapeError(f"resize: {show(shape)} by factor {self.factor} leaves an axis without values")
        return made
