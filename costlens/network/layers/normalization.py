"""Values put in order by a mean and a variance of each channel that are known beforehand."""

from typing import Annotated

from costlens.arithmetic.cost import FLOPS_PER_NORM, Cost
from costlens.arithmetic.shapes import Limits, Shape, elements, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit

_Channels = Limits(min_length=1, max_length=16)


class Normalization(Layer):
    """Normalization, (x - mean)/√variance: ``(..., C) -> (..., C)``; both are of each channel and known beforehand.

    Written out they are constants. Else they were found in data, and the model stores them: ``2·C + 1`` numbers that
    are not trained, with how many values they were found in, as Keras has it. 2 FLOPs an element.
    """

    sort = "norms"
    also_called = ("normalise", "standardize", "standardization", "standard_scaler")
    in_place = True

    mean: Annotated[tuple[float, ...], _Channels] | None = field(
        default=None, description="of each channel; stored with the model unless given"
    )
    variance: Annotated[tuple[float, ...], _Channels] | None = field(
        default=None, description="of each channel; given where mean is"
    )

    def misfits(self) -> dict[str, str]:
        if (self.mean is None) != (self.variance is None):
            lacks, given = ("mean", "variance") if self.mean is None else ("variance", "mean")
            return {lacks: f"expected one beside {given}"}
        wrong = self.variance is not None and min(self.variance) <= 0
        return {"variance": "expected numbers above 0"} if wrong else {}

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        given = {len(self.mean or shape[-1:]), len(self.variance or shape[-1:])}
        if self.mean is not None and given != {shape[-1]}:
            raise ShapeError(
                f"normalization: {show(shape)} has {shape[-1]} channels, received {max(given - {shape[-1]})} numbers; "
                "give one for each channel"
            )
        return shape

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        stored = 2 * shape[-1] + 1 if self.mean is None else 0
        return Cost(statistics=stored, elementwise_flops=FLOPS_PER_NORM * elements(shape))

    def deployed(self, shape: Shape, *more: Shape) -> int:
        return 2 * shape[-1]

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.Normalization(**self.values(), name=name)(tensor)
