from typing import Annotated

from costlens.arithmetic.shapes import Before, EachAxis, Shape, per_axis, spatial
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement
from costlens.network.layers._window import zero_pad


class Pad(Movement):
    """Zero padding of the spatial axes: ``(H, W, C) -> (H + a + b, W + c + d, C)``; costs traffic only."""

    also_called = ("zero_padding", "zero_pad", "constant_pad")
    shorthand = "amount"

    amount: Before | Annotated[tuple[Before | tuple[Before, Before], ...], EachAxis] = field(
        example=1, description="zeros on both sides, or one number or [before, after] per spatial axis"
    )

    def _pads(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        axes: tuple[int | tuple[int, int], ...] = per_axis(self.amount, len(spatial(shape, "pad")), "amount")
        return tuple((pad, pad) if isinstance(pad, int) else pad for pad in axes)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        sizes = (n + before + after for n, (before, after) in zip(shape[:-1], self._pads(shape), strict=True))
        return (*sizes, shape[-1])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return zero_pad(k, name, tensor, self._pads(tuple(tensor.shape[1:])))
