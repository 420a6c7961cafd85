from costlens.arithmetic.cost import Cost, dense
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit


class Dense(Layer):
    """Fully connected: ``(..., C) -> (..., units)``, applied at every leading position; kernels ``C·units``."""

    sort = "products"
    printed_as = "FC"
    also_called = ("linear", "fc", "fully_connected", "gemm", "inner_product")
    folds_norm = True
    takes_activation = True
    shorthand = "units"

    units: Size = field(example=10, description="output units")
    bias: bool = field(default=True, description="add one trainable number per unit")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (*shape[:-1], self.units)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        out = self.output_shape(shape)
        weights = dense(shape[-1], self.units, shape[:-1])
        return Cost((weights,), bias=self.units * self.bias, elementwise_flops=elements(out) * self.bias)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        return k.layers.Dense(self.units, use_bias=self.bias, name=name)(tensor)
