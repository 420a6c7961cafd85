from typing import Annotated, Literal

from costlens.arithmetic.shapes import Before, EachAxis, Shape, per_axis, show, spatial
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement
from costlens.network.layers._window import zero_pad


class Pad(Movement):
    """Padding of the spatial axes: ``(H, W, C) -> (H + a + b, W + c + d, C)``; costs traffic only.

    Added are zeros or another ``value``; by ``reflect`` the values beside the outermost one, mirrored at it (``abc`` by
    2 is ``cbabcba``); by ``replicate`` the outermost value again (``aaabccc``), which ONNX and NumPy call edge.
    """

    also_called = ("zero_padding", "zero_pad", "constant_pad")
    shorthand = "amount"

    amount: Before | Annotated[tuple[Before | tuple[Before, Before], ...], EachAxis] = field(
        example=1, description="values added on both sides, or one number or [before, after] per spatial axis"
    )
    mode: Literal["constant", "reflect", "replicate"] = field(
        default="constant", description="a constant value, those beside the outermost, or the outermost"
    )
    value: float = field(default=0.0, description="the constant")

    def misfits(self) -> dict[str, str]:
        wrong = self.value and self.mode != "constant"
        return {"value": f"expected no value beside mode: {self.mode}"} if wrong else {}

    def _pads(self, shape: Shape) -> tuple[tuple[int, int], ...]:
        axes: tuple[int | tuple[int, int], ...] = per_axis(self.amount, len(spatial(shape, "pad")), "amount")
        return tuple((pad, pad) if isinstance(pad, int) else pad for pad in axes)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        pads = self._pads(shape)
        if self.mode == "reflect" and any(max(pad) >= size for pad, size in zip(pads, shape, strict=False)):
            raise ShapeError(
                f"pad: reflect adds less than an axis has, received amount {self.amount} for {show(shape)}; "
                "add less, or use replicate"
            )
        sizes = (n + before + after for n, (before, after) in zip(shape[:-1], pads, strict=True))
        return (*sizes, shape[-1])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        pads = self._pads(tuple(tensor.shape[1:]))
        if self.mode == "constant":
            return zero_pad(k, name, tensor, pads, self.value)
        widths = [(0, 0), *pads, (0, 0)]
        if self.mode == "reflect":
            return k.layers.Lambda(lambda x: k.ops.pad(x, widths, mode="reflect"), name=name)(tensor)
        return k.layers.Lambda(lambda x: _replicated(k, x, pads), name=name)(tensor)


def _replicated(k: Toolkit, x: Tensor, pads: tuple[tuple[int, int], ...]) -> Tensor:
    """Choose the values by their places: TensorFlow has no operation for it."""
    for axis, (before, after) in enumerate(pads, 1):
        last = x.shape[axis] - 1
        if before or after:
            x = k.ops.take(x, [0] * before + [*range(last + 1)] + [last] * after, axis=axis)
    return x
