"""Pools: a window that keeps one number, or the whole map reduced to one."""

from math import prod
from typing import Any, ClassVar

from costlens.arithmetic.cost import Cost
from costlens.arithmetic.shapes import Pad, Padding, PerAxis, Shape, elements, per_axis, show, spatial, window_output
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Layer, Tensor, Toolkit
from costlens.network.layers._window import Window, Windowed, around, keras_padding


class Pool(Windowed):
    """``(H, W, C) -> (H', W', C)``: ``K_h·K_w - 1`` FLOPs per output element, no parameters, no MACs."""

    sort = "pools"
    shorthand = "kernel"
    takes_activation = True
    word: ClassVar[str]
    fill: ClassVar[float]

    kernel: PerAxis | None = field(  # type: ignore[assignment]  # or output
        default=None, example=3, description="window size: one number, or one per spatial axis"
    )
    stride: PerAxis | None = field(default=None, description="step of the window; the kernel's size unless given")  # type: ignore[assignment]  # a pool steps by its kernel
    padding: Padding = field(
        default="valid", description="same, valid, cells on both sides, or one of these per spatial axis"
    )
    ceil: bool = field(default=False, description="a last window may reach beyond the input, as far as it begins in it")
    output: PerAxis | None = field(
        default=None, description="sizes of the output, instead of a kernel: windows are as PyTorch's adaptive pools'"
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        if self.stride is None:
            self.__dict__["stride"] = self.kernel

    def misfits(self) -> dict[str, str]:
        if self.output is None:
            wrong = self.kernel is None
            return {"kernel": "missing; give a kernel, or the sizes of the output as output"} if wrong else {}
        others = [name for name in self.chosen() if name not in ("output", "count_include_pad")]
        return {name: f"expected none beside output, received {getattr(self, name)!r}" for name in others}

    def window(self, shape: Shape) -> Window:
        if self.output is None:
            return super().window(shape)
        sizes = spatial(shape, self.kind())
        wanted = per_axis(self.output, len(sizes), "output")
        found = [_adaptive(*axis) for axis in zip(sizes, wanted, strict=True)]
        kernel, stride, regular = zip(*found, strict=True)
        if not all(regular):
            equal = f"{self.kind()}: {{kernel: {list(kernel)}, stride: {list(stride)}}}"
            larger = any(map(int.__lt__, sizes, wanted))
            raise ShapeError(
                f"{self.kind()}: output {list(wanted)} of {show(sizes)} "
                + (
                    "is more than there is; ask for less, or write an upsample before it"
                    if larger
                    else f"would have windows of several sizes; windows of one size are {equal}"
                )
            )
        valid: Pad = "valid"
        return Window(kernel, stride, (1,) * len(sizes), (valid,) * len(sizes))

    def output_shape(self, shape: Shape, *more: Shape) -> Shape:
        window = self.window(shape)
        positions = self.positions(shape)
        axes = zip(shape, window.reach, window.dilation, window.padding, window.pads(shape[:-1]), strict=False)
        for size, reach, apart, padding, pad in axes:
            if max(pad) >= reach:
                raise ShapeError(
                    f"{self.kind()}: padding {padding} must be smaller than the kernel {reach}: "
                    "a window of padding alone has no value"
                )
            if any(pad) and apart > size:
                raise ShapeError(
                    f"{self.kind()}: dilation {apart} must not be larger than the padded axis, which has {size}: "
                    "a window of padding alone has no value"
                )
        return (*positions, shape[-1])

    def cost(self, shape: Shape, *more: Shape) -> Cost:
        area = prod(self.window(shape).kernel)
        return Cost(elementwise_flops=(area - 1) * elements(self.output_shape(shape)))

    def between(self, shape: Shape, *more: Shape) -> tuple[int, ...]:
        return around(self.window(shape), shape)

    def counts_padding(self, window: Window, pads: tuple[tuple[int, int], ...]) -> bool:
        """Say whether padded cells count in a mean."""
        return not window.is_same(pads)

    def to_keras(self, k: Toolkit, name: str, tensor: Tensor, *more: Tensor) -> Tensor:
        shape = tuple(tensor.shape[1:])
        window, positions = self.window(shape), self.positions(shape)
        pads = window.pads(shape[:-1])
        counts = self.counts_padding(window, pads)
        floor = zip(shape[:-1], *window, strict=True)
        rounded_down = positions == tuple(window_output(*axis, what=self.kind()) for axis in floor)
        if rounded_down and max(window.dilation) == 1 and counts is not window.is_same(pads):
            tensor, padding = keras_padding(k, name, tensor, window, fill=self.fill)
            keras_layer = getattr(k.layers, f"{self.word}Pooling{len(window.kernel)}D")
            return keras_layer(window.kernel, strides=window.stride, padding=padding, name=name)(tensor)
        return k.Pool(self.word, *window[:3], shape[:-1], pads, positions, counts, name=name)(tensor)


def _adaptive(size: int, wanted: int) -> tuple[int, int, bool]:
    """Return kernel and stride of PyTorch's adaptive windows, from ⌊i·n/m⌋ to ⌈(i + 1)·n/m⌉, and whether all have them.

    >>> _adaptive(7, 3), _adaptive(8, 4), _adaptive(10, 7)
    ((3, 2, True), (2, 2, True), (4, 1, False))
    """
    stride = size // wanted
    kernel = size - (wanted - 1) * stride
    ends = ((i * size // wanted, -(-(i + 1) * size // wanted)) for i in range(wanted))
    return kernel, stride, stride > 0 and all(end == (i * stride, i * stride + kernel) for i, end in enumerate(ends))


class GlobalPool(Layer):
    """``(H, W, C) -> (C,)``: ``H·W - 1`` FLOPs per channel, no parameters, no MACs."""

    sort = "pools"

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
