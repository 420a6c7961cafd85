"""Depthwise convolution: each channel is filtered by itself."""

from __future__ import annotations

from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost, depthwise
from costlens.arithmetic.shapes import Shape, Size, elements
from costlens.network.fields import field
from costlens.network.layers._base import Geometry
from costlens.network.layers._window import Dilated, keras_padding


class Depthwise(Dilated):
    """Depthwise convolution: ``(H, W, C) -> (H', W', C·multiplier)`` or ``(T, C) -> (T', C·multiplier)``.

    Kernels ``K_h·K_w·C·multiplier``, each used at every output position.
    """

    also_called: ClassVar[tuple[str, ...]] = ("depthwise_conv", "dwconv", "depthwise_conv2d")
    is_form_of_its_own: ClassVar[str] = "in groups already"
    filters_each_channel: ClassVar[bool] = True
    printed_as: ClassVar[str] = "Conv dw"
    convolves: ClassVar[bool] = True
    folds_norm: ClassVar[bool] = True

    multiplier: Size = field(default=1, description="output channels for each input channel")
    bias: bool = field(default=True, description="add one trainable number per output channel")

    def output_shape(self, *inputs: Shape) -> Shape:
        (shape,) = inputs
        return (*self.positions(shape), shape[-1] * self.multiplier)

    def cost(self, *inputs: Shape) -> Cost:
        (shape,) = inputs
        out = self.output_shape(shape)
        weights = depthwise(self.window(shape).kernel, shape[-1], out[:-1], self.multiplier)
        return Cost((weights,), bias=out[-1] * self.bias, elementwise_flops=elements(out) * self.bias)

    def geometry(self, *inputs: Shape) -> Geometry:
        return super().geometry(*inputs)._replace(groups=inputs[0][-1])

    def to_keras(self, k: Any, name: str, *tensors: Any) -> Any:
        (tensor,) = tensors
        channels = tensor.shape[-1]
        window = self.window(tuple(tensor.shape[1:]))
        tensor, padding = keras_padding(k, name, tensor, window)
        fields = {"strides": window.stride, "dilation_rate": window.dilation, "use_bias": self.bias, "name": name}
        if len(set(window.stride)) > 1 or len(set(window.dilation)) > 1:  # TensorFlow's kernel takes equal ones only
            filters = channels * self.multiplier
            return k.GroupedConv(filters, window.kernel, padding=padding, groups=channels, **fields)(tensor)
        keras_layer = k.layers.DepthwiseConv1D if len(window.kernel) == 1 else k.layers.DepthwiseConv2D
        return keras_layer(window.kernel, padding=padding, depth_multiplier=self.multiplier, **fields)(tensor)
