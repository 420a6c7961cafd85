"""Transposed convolution: upsampling by a learned kernel."""

from typing import Literal

from costlens.arithmetic.cost import Cost, convolution
from costlens.arithmetic.shapes import PerAxis, Shape, Size, elements, per_axis, spatial
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Layer, Tensor, Toolkit


class ConvTranspose(Layer):
    """Transposed convolution: ``(H, W, C) -> (H', W', filters)``.

    ``same``: H' = H·s; ``valid``: H' = H·s + max(K - s, 0).
    Kernels ``K_h·K_w·C·filters``, each used once at every *input* position.
    """

    is_form_of_its_own = "transposed"
    also_called = ("deconv", "deconvolution", "transposed_conv", "transposed_convolution", "fractionally_strided_conv")
    convolves = True
    folds_norm = True

    filters: Size = field(example=16, description="output channels")
    kernel: PerAxis = field(example=3, description="window size: one number, or one per spatial axis")
    stride: PerAxis = field(default=1, description="upsampling factor: one number, or one per spatial axis")
    padding: Literal["same", "valid"] = field(default="same", description="same or valid")
    bias: bool = field(default=True, description="add one trainable number per output channel")

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        rank = len(spatial(shape, "conv_transpose"))
        return Geometry(per_axis(self.kernel, rank, "kernel"), per_axis(self.stride, rank, "stride"), groups=1)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        geometry = self.geometry(shape)
        kernel, stride = geometry.kernel or (), geometry.stride or ()
        grow = 0 if self.padding == "same" else 1
        sizes = (n * s + grow * max(k - s, 0) for n, k, s in zip(shape[:-1], kernel, stride, strict=True))
        return (*sizes, self.filters)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        out = self.output_shape(shape)
        weights = convolution(self.geometry(shape).kernel or (), shape[-1], self.filters, shape[:-1])
        return Cost((weights,), bias=self.filters * self.bias, elementwise_flops=elements(out) * self.bias)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        geometry = self.geometry(tuple(tensor.shape[1:]))
        kernel = geometry.kernel or ()
        keras_layer = k.layers.Conv1DTranspose if len(kernel) == 1 else k.layers.Conv2DTranspose
        return keras_layer(
            self.filters, kernel, strides=geometry.stride, padding=self.padding, use_bias=self.bias, name=name
        )(tensor)
