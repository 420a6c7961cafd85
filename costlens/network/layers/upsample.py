from costlens.arithmetic.shapes import PerAxis, Shape, per_axis
from costlens.network.fields import field
from costlens.network.layers._resampling import Resampling


class Upsample(Resampling):
    """Upsampling by whole factors: ``(H, W, C) -> (H·factor, W·factor, C)``; nearest 0, bilinear 7 FLOPs a value.

    Value i of an axis lies at ``(i + ½)/factor - ½`` of the input, at ``i·(H - 1)/(H·factor - 1)`` with
    ``align_corners``. ``nearest`` repeats each value; ``bilinear`` mixes two neighbours on each of the ``a`` axes that
    grow: ``2^a`` products and ``2^a - 1`` sums. ``resize`` makes any size.
    """

    also_called = ("upsampling", "upsampling1d", "upsampling2d", "upsampling3d", "upsampling_nearest")
    shorthand = "factor"
    over_images = True

    factor: PerAxis = field(example=2, description="how many times larger: one number, or one per spatial axis")

    def sizes(self, shape: Shape) -> Shape:
        factors = per_axis(self.factor, len(shape) - 1, "factor")
        return tuple(size * factor for size, factor in zip(shape, factors, strict=False))
