from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Shape, elements
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._elementwise import ElementwiseJoin


class Average(ElementwiseJoin):
    """Average tensors element by element: ``(...), (...), … -> (...)``; n FLOPs an element: its sums and a division."""

    also_called = ("avg",)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=(len(more) + 1) * elements(self.output_shape(shape, *more)))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Average(name=name)([tensor, *more])
