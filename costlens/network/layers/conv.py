from math import prod

from costlens.arithmetic.cost import Cost, convolution
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Tensor, Toolkit
from costlens.network.layers._window import Dilated, around, keras_padding


class Conv(Dilated):
    """Convolution: ``(H, W, C) -> (H', W', filters)``, also of ``(T, C)`` and ``(D, H, W, C)``.

    Kernels ``K_h·K_w·(C / groups)·filters``, each used at every output position; a bias adds ``filters`` parameters.
    """

    printed_as = "Conv"
    also_called = ("standard", "convolution", "conv1d", "conv2d", "conv3d")
    convolves = True
    folds_norm = True
    takes_activation = True

    filters: Size = field(example=16, description="output channels")
    groups: Size = field(default=1, description="input and output channels are split into this many independent parts")
    bias: bool = field(default=True, description="add one trainable number per output channel")

    def area(self, shape: Shape) -> int:
        """Return the number of taps of the kernel on an input of this shape."""
        return prod(self.window(shape).kernel)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if shape[-1] % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"conv: input channels (={shape[-1]}) and filters (={self.filters}) "
                f"must be divisible by groups (={self.groups})"
            )
        return (*self.positions(shape), self.filters)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        out = self.output_shape(shape)
        weights = convolution(self.window(shape).kernel, shape[-1], self.filters, out[:-1], self.groups)
        return Cost((weights,), bias=self.filters * self.bias, elementwise_flops=elements(out) * self.bias)

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return around(self.window(shape), shape)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        window = self.window(tuple(tensor.shape[1:]))
        tensor, padding = keras_padding(k, name, tensor, window)
        fields = {"strides": window.stride, "dilation_rate": window.dilation, "use_bias": self.bias, "name": name}
        if self.groups > 1 or window.beyond_keras:
            return k.GroupedConv(self.filters, window.kernel, padding=padding, groups=self.groups, **fields)(tensor)
        keras_layer = getattr(k.layers, f"Conv{len(window.kernel)}D")
        return keras_layer(self.filters, window.kernel, padding=padding, **fields)(tensor)
