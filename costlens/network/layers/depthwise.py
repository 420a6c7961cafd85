"""Depthwise convolution: each channel is filtered by itself."""

from costlens.arithmetic.cost import Cost, depthwise
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Tensor, Toolkit
from costlens.network.layers._window import IMAGE_AXES, Dilated, around, keras_padding


class Depthwise(Dilated):
    """Depthwise convolution: ``(H, W, C) -> (H', W', C·multiplier)``, also of ``(T, C)`` and ``(D, H, W, C)``.

    Kernels ``K_h·K_w·C·multiplier``, each used at every output position.
    """

    also_called = ("depthwise_conv", "dwconv", "depthwise_conv2d", "depthwise_convolution")
    is_form_of_its_own = "in groups already"
    filters_each_channel = True
    printed_as = "Conv dw"
    convolves = True
    folds_norm = True
    takes_activation = True

    multiplier: Size = field(default=1, description="output channels for each input channel")
    bias: bool = field(default=True, description="add one trainable number per output channel")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        return (*self.positions(shape), shape[-1] * self.multiplier)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        out = self.output_shape(shape)
        weights = depthwise(self.window(shape).kernel, shape[-1], out[:-1], self.multiplier)
        return Cost((weights,), bias=out[-1] * self.bias, elementwise_flops=elements(out) * self.bias)

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        return super().geometry(shape)._replace(groups=shape[-1])

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return around(self.window(shape), shape)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        channels = tensor.shape[-1]
        window = self.window(tuple(tensor.shape[1:]))
        tensor, padding = keras_padding(k, name, tensor, window)
        fields = {"strides": window.stride, "dilation_rate": window.dilation, "use_bias": self.bias, "name": name}
        unequal = len(set(window.stride)) > 1 or len(set(window.dilation)) > 1  # TensorFlow's kernel takes equal ones
        if unequal or window.beyond_keras or len(window.kernel) > IMAGE_AXES:
            filters = channels * self.multiplier
            return k.GroupedConv(filters, window.kernel, padding=padding, groups=channels, **fields)(tensor)
        keras_layer = getattr(k.layers, f"DepthwiseConv{len(window.kernel)}D")
        return keras_layer(window.kernel, padding=padding, depth_multiplier=self.multiplier, **fields)(tensor)
