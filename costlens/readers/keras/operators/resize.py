"""Operations that resample images: no multiply-accumulates; FLOPs where values are mixed and not copied."""

from math import prod

from costlens.arithmetic.cost import Cost, interpolation
from costlens.readers.keras.operators._operator import Call, Operator


def _mixed(neighbours: int) -> Operator:
    """Return the rule of an operation that doubles so often, on each axis that changes, the neighbours of a value."""

    def cost(call: Call) -> Cost:
        axes = sum(old != new for old, new in zip(call.inputs[0].known(), call.output(), strict=True))
        return interpolation(neighbours * axes, prod(call.output()))

    return Operator(cost)


OPERATORS = {
    "ResizeBilinear": _mixed(1),
    "ResizeBicubic": _mixed(2),
    **dict.fromkeys(
        (
            "ResizeNearestNeighbor", "ResizeArea", "ScaleAndTranslate", "CropAndResize", "ImageProjectiveTransformV2",
            "ImageProjectiveTransformV3",
        ),
        Operator(),
    ),
}  # fmt: skip
