"""Layers that give the spatial axes other sizes and take each new value from the old ones near it."""

from abc import abstractmethod
from typing import Literal

from costlens.arithmetic.cost import Cost, interpolation
from costlens.arithmetic.shapes import Shape, elements, spatial
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Resampling(Layer):
    """``(H, W, C) -> (H', W', C)``; no parameters, no MACs.

    Value i of an axis with m of them lies at ``(i + ½)·n/m - ½`` among the n of the input, at ``i·(n - 1)/(m - 1)``
    with ``align_corners``. ``nearest`` copies the value whose cell holds that place, ``⌊(i + ½)·n/m⌋``: no FLOPs.
    ``bilinear`` mixes the two neighbours on each of the ``a`` axes that change: ``2^a`` products and ``2^a - 1`` sums.
    """

    sort = "shapes"

    mode: Literal["nearest", "bilinear"] = field(default="nearest", description="copy the nearest, or mix neighbours")
    align_corners: bool = field(default=False, description="the outermost values stay where they are; only bilinear")

    def misfits(self) -> dict[str, str]:
        wrong = self.align_corners and self.mode == "nearest"
        return {"align_corners": "expected mode: bilinear beside it"} if wrong else {}

    @abstractmethod
    def sizes(self, shape: Shape) -> Shape:
        """Return the new spatial sizes; ShapeError where an input has none."""

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        spatial(shape, self.kind())
        return (*self.sizes(shape), shape[-1])

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        made = self.output_shape(shape)
        axes = sum(old != new for old, new in zip(shape, made, strict=True))
        return interpolation(axes if self.mode == "bilinear" else 0, elements(made))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.Resize(self.sizes(tuple(tensor.shape[1:])), self.mode, self.align_corners, name=name)(tensor)
