"""Pools: a window that keeps one number, or the whole map reduced to one."""

from math import prod
from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Padding, PerAxis, Shape, elements, explicit_pad, spatial
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit
from costlens.network.layers._window import Windowed, keras_padding


class Pool(Windowed):
    """``(H, W, C) -> (H', W', C)``: ``K_h·K_w - 1`` FLOPs per output element, no parameters, no MACs."""

    shorthand = "kernel"
    word: ClassVar[str]
    fill: ClassVar[float]

    stride: PerAxis | None = field(default=None, description="step of the window; the kernel's size unless given")  # type: ignore[assignment]  # a pool steps by its kernel
    padding: Padding = field(
        default="valid", description="same, valid, cells on both sides, or one of these per spatial axis"
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.stride is None:
            self.__dict__["stride"] = self.kernel

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        window = self.window(shape)
        for kernel, pad in zip(window.kernel, window.padding, strict=True):
            if not isinstance(pad, str) and max(explicit_pad(0, kernel, 1, 1, pad)) >= kernel:
                raise ShapeError(
                    f"{self.kind()}: padding {pad} must be smaller than the kernel {kernel}: "
                    "a window of padding alone has no value"
                )
        return (*self.positions(shape), shape[-1])

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        area = prod(self.window(shape).kernel)
        return Cost(elementwise_flops=(area - 1) * elements(self.output_shape(shape)))

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        window = self.window(tuple(tensor.shape[1:]))
        tensor, padding = keras_padding(k, name, tensor, window, fill=self.fill)
        keras_layer = getattr(k.layers, f"{self.word}Pooling{len(window.kernel)}D")
        return keras_layer(window.kernel, strides=window.stride, padding=padding, name=name)(tensor)


class GlobalPool(Layer):
    """``(H, W, C) -> (C,)``: ``H·W - 1`` FLOPs per channel, no parameters, no MACs."""

    word: ClassVar[str]

    keep_axes: bool = field(default=False, description="keep the reduced axes with size 1")

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        kept = (1,) * len(spatial(shape, self.kind()))
        return (*kept, shape[-1]) if self.keep_axes else shape[-1:]

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        return Cost(elementwise_flops=(prod(shape[:-1]) - 1) * shape[-1])

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        rank = len(tensor.shape) - 2
        keras_layer = getattr(k.layers, f"Global{self.word}Pooling{rank}D")
        return keras_layer(keepdims=self.keep_axes, name=name)(tensor)
