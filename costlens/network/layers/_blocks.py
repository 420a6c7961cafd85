"""Channels that hold blocks of neighbours in space: moved out into space, and back."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

from costlens.arithmetic.shapes import Limits, Shape
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement

_IMAGE = 3
"""Axes of the tensors that runtimes have an operation for."""


class Blocks(Movement):
    """Between ``(H·b, W·b, C)`` and ``(H, W, C·b²)``; costs traffic only.

    ``order``, in ONNX's words, says which channel holds place (i, j) of a block of channel c: ``DCR``
    ``(i·b + j)·C + c``, ``CRD`` ``c·b² + i·b + j``.
    """

    shorthand = "block"
    keras_operation: ClassVar[str]

    block: Annotated[int, Limits(ge=2)] = field(example=2, description="places of a block along each spatial axis")
    order: Literal["DCR", "CRD"] = field(
        default="DCR", description="DCR: the channels of a place stay together (TensorFlow); CRD: not (PyTorch)"
    )

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        shape = tuple(tensor.shape[1:])
        if self.order == "DCR" and len(shape) == _IMAGE:
            move, block = getattr(k.ops, self.keras_operation), self.block
            return k.layers.Lambda(lambda x: move(x, block), name=name)(tensor)
        made = self.output_shape(shape)
        if self.order == "DCR" and len(shape) < _IMAGE:  # a step's places stand one after the other as it is
            return k.layers.Reshape(made, name=name)(tensor)
        rank = len(shape) - 1
        # Channels first, as the file's convolutions are: its transposes around the layer cancel.
        first = k.layers.Permute((rank + 1, *range(1, rank + 1)), name=f"{name}-first")(tensor)
        split, order = self.turned(made)
        apart = k.layers.Reshape(split, name=f"{name}-split")(first)
        turned = k.layers.Permute(order, name=f"{name}-transpose")(apart)
        whole = k.layers.Reshape((made[-1], *made[:-1]), name=f"{name}-join")(turned)
        return k.layers.Permute((*range(2, rank + 2), 1), name=name)(whole)

    @abstractmethod
    def turned(self, made: Shape) -> tuple[Shape, Sequence[int]]:
        """Return the input's sizes, channels first, with blocks as axes of their own, and the order that they take.

        made: the shape of the output. Axes are counted from 1, as Keras does.
        """
