from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._movement import Movement


class Flatten(Movement):
    """Flatten: ``(H, W, C) -> (H·W·C,)``; free."""

    in_place = True
    only_reshapes = True

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (elements(shape),)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Flatten(name=name)(tensor)
