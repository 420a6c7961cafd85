"""Transposed convolution: upsampling by a learned kernel."""

from typing import Annotated, NamedTuple

from costlens.arithmetic.cost import Cost, convolution
from costlens.arithmetic.shapes import (
    Before,
    EachAxis,
    Pad,
    Padding,
    PerAxis,
    Shape,
    Size,
    effective_kernel,
    elements,
    explicit_pad,
    pads_per_axis,
    per_axis,
    show,
    spatial,
)
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Layer, Tensor, Toolkit


class _Axis(NamedTuple):
    """The fields along one spatial axis."""

    kernel: int
    stride: int
    dilation: int
    more: int
    padding: Pad

    @property
    def removed(self) -> tuple[int, int]:
        """The cells cut off before and after the axis; a negative number adds zeros."""
        over = effective_kernel(self.kernel, self.dilation) - self.stride
        half = max(over, 0) // 2
        match self.padding:
            case "same":
                return half, over - half
            case "same_lower":
                return (over - half, half) if over > 0 else (0, over)
            case "causal":
                return 0, over
            case "valid":
                return 0, min(over, 0)
        before, after = explicit_pad(0, self.kernel, self.stride, self.dilation, self.padding)
        return before, after - self.more

    def size(self, size: int) -> int:
        """Return the size of the output."""
        return (size - 1) * self.stride + effective_kernel(self.kernel, self.dilation) - sum(self.removed)


class ConvTranspose(Layer):
    """Transposed convolution: ``(H, W, C) -> (H', W', filters)``, also of ``(T, C)`` and ``(D, H, W, C)``.

    With R = (K - 1)·dilation + 1: ``same`` H' = H·s; ``valid`` H' = H·s + max(R - s, 0); cells given
    H' = (H - 1)·s + R - before - after + output_padding, as PyTorch and ONNX have it.
    Kernels ``K_h·K_w·C·(filters / groups)``, each used once at every *input* position, also where a result is cut off.
    """

    sort = "convolutions"
    is_form_of_its_own = "transposed"
    also_called = ("deconv", "deconvolution", "transposed_conv", "transposed_convolution", "fractionally_strided_conv")
    convolves = True
    folds_norm = True
    takes_activation = True
    over_images = True
    scratch_int8 = 4  # an int32 sum

    filters: Size = field(example=16, description="output channels")
    kernel: PerAxis = field(example=3, description="window size: one number, or one per spatial axis")
    stride: PerAxis = field(default=1, description="upsampling factor: one number, or one per spatial axis")
    dilation: PerAxis = field(default=1, description="distance of the kernel's taps: one number, or one per axis")
    padding: Padding = field(
        default="same", description="same, valid, cells cut off at both ends, or one of these per spatial axis"
    )
    output_padding: Before | Annotated[tuple[Before, ...], EachAxis] = field(
        default=0, description="cells added at the end, beside a padding in cells: one number, or one per spatial axis"
    )
    groups: Size = field(default=1, description="input and output channels are split into this many independent parts")
    bias: bool = field(default=True, description="add one trainable number per output channel")

    def _axes(self, shape: Shape) -> tuple[_Axis, ...]:
        rank = len(spatial(shape, "conv_transpose"))
        numbers = (per_axis(getattr(self, name), rank, name) for name in ("kernel", "stride", "dilation"))
        more = per_axis(self.output_padding, rank, "output_padding")
        axes = tuple(_Axis(*axis) for axis in zip(*numbers, more, pads_per_axis(self.padding, rank), strict=True))
        for axis in axes:
            if axis.more and isinstance(axis.padding, str):
                raise ShapeError(
                    f"conv_transpose: output_padding {axis.more} with padding {axis.padding}; "
                    "give the cells to cut off: padding: 0 cuts none"
                )
            if axis.more and axis.more >= max(axis.stride, axis.dilation):
                raise ShapeError(
                    f"conv_transpose: output_padding {axis.more} must be less than the stride {axis.stride} "
                    f"or the dilation {axis.dilation}"
                )
            if axis.more and -axis.removed[1] >= axis.stride:
                cells = f"{-axis.removed[1]} cell{'s' * (axis.removed[1] < -1)}"
                most = axis.more + axis.removed[1] + axis.stride - 1
                raise ShapeError(
                    f"conv_transpose: output_padding {axis.more} adds {cells} behind all that the kernel "
                    f"writes, where runtimes take fewer than the stride {axis.stride}; write {most} at most"
                )
        return axes

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        axes = self._axes(shape)
        return Geometry(tuple(a.kernel for a in axes), tuple(a.stride for a in axes), self.groups)

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        if shape[-1] % self.groups or self.filters % self.groups:
            raise ShapeError(
                f"conv_transpose: input channels (={shape[-1]}) and filters (={self.filters}) "
                f"must be divisible by groups (={self.groups})"
            )
        sizes = tuple(axis.size(size) for axis, size in zip(self._axes(shape), shape[:-1], strict=True))
        if any(size < before for size, before in zip(sizes, shape, strict=False)):
            raise ShapeError(
                f"conv_transpose: padding {self.padding} cuts {show(shape[:-1])} down to {show(sizes)}; "
                "a transposed convolution makes no map smaller: use conv, or cut off less"
            )
        return (*sizes, self.filters)

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        out = self.output_shape(shape)
        kernel = tuple(axis.kernel for axis in self._axes(shape))
        weights = convolution(kernel, shape[-1], self.filters, shape[:-1], self.groups)
        return Cost((weights,), bias=self.filters * self.bias, elementwise_flops=elements(out) * self.bias)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        axes = self._axes(tuple(tensor.shape[1:]))
        kernel, stride, dilation = (tuple(axis[i] for axis in axes) for i in range(3))
        fields = {"strides": stride, "use_bias": self.bias, "name": name}
        word = next((word for word in ("same", "valid") if _mean_the_same(axes, word)), None)
        if word and self.groups == 1 and max(dilation) == 1:
            keras_layer = getattr(k.layers, f"Conv{len(axes)}DTranspose")
            return keras_layer(self.filters, kernel, padding=word, **fields)(tensor)
        removed = tuple(axis.removed for axis in axes)
        return k.ConvTranspose(
            self.filters, kernel, dilation_rate=dilation, removed=removed, groups=self.groups, **fields
        )(tensor)


def _mean_the_same(axes: tuple[_Axis, ...], word: Pad) -> bool:
    return all(axis.removed == axis._replace(padding=word).removed for axis in axes)
