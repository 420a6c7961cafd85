"""Framing: a sequence cut into pieces of one length, which may overlap."""

from costlens.arithmetic.shapes import Shape, Size, show
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement
from costlens.network.layers._window import pieces


class Frame(Movement):
    """Pieces of a sequence: ``(T, C) -> (pieces, length, C)``, one every ``hop`` steps; costs traffic only.

    A rest that is shorter than a piece is left out.
    """

    sort = "sound"
    example_input = (96, 64)

    length: Size = field(example=16, description="steps of a piece")
    hop: Size = field(example=8, description="steps from the start of one piece to that of the next")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if len(shape) != 2:  # noqa: PLR2004
            raise ShapeError(f"frame takes (T, C), received {show(shape)}; add a reshape before it")
        steps, channels = shape
        return (pieces(steps, self.length, self.hop, "frame: length"), self.length, channels)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        import numpy as np

        count = self.output_shape(tuple(tensor.shape[1:]))[0]
        steps = self.hop * np.arange(count)[:, None] + np.arange(self.length)
        return k.layers.Lambda(lambda x: k.ops.take(x, steps, axis=1), name=name)(tensor)
