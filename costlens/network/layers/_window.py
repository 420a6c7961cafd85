"""What convolutions and pools share: a window that slides over one to three spatial axes."""

from functools import lru_cache
from math import prod
from typing import NamedTuple

from costlens.arithmetic.shapes import (
    Pad,
    Padding,
    PerAxis,
    Shape,
    effective_kernel,
    explicit_pad,
    pads_per_axis,
    per_axis,
    spatial,
    window_output,
)
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Layer, Tensor, Toolkit

IMAGE_AXES = 2
PADS = "same, same_lower, valid, causal, zeros on both sides, or one of these per spatial axis"


class Window(NamedTuple):
    """The window's fields, one value per spatial axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[Pad, ...]

    @property
    def reach(self) -> tuple[int, ...]:
        """How many cells the kernel spans along each axis."""
        return tuple(effective_kernel(kernel, apart) for kernel, apart in zip(self.kernel, self.dilation, strict=True))

    @property
    def beyond_keras(self) -> bool:
        """Whether Keras refuses its dilation, beside a stride, or TensorFlow has it on no CPU, over volumes."""
        return max(self.dilation) > 1 and (max(self.stride) > 1 or len(self.kernel) > IMAGE_AXES)

    def pads(self, sizes: Shape) -> tuple[tuple[int, int], ...]:
        """Return the cells added before and after each spatial axis."""
        return tuple(explicit_pad(*axis) for axis in zip(sizes, *self, strict=True))

    def is_same(self, pads: tuple[tuple[int, int], ...]) -> bool:
        """Say whether each axis is padded as ``same``, or has a kernel of 1 and no padding."""
        return all(
            word == "same" or (kernel == 1 and pad == (0, 0))
            for word, kernel, pad in zip(self.padding, self.kernel, pads, strict=True)
        )


@lru_cache(maxsize=2**13)  # a network has thousands of windows, most of them 1×1 or 3×3
def _window(layer: "Windowed", rank: int) -> Window:
    *numbers, padding = (getattr(layer, name, 1) for name in Window._fields)
    kernel, stride, dilation = (per_axis(*named) for named in zip(numbers, (rank,) * 3, Window._fields, strict=False))
    return Window(kernel, stride, dilation, pads_per_axis(padding, rank))


@lru_cache(maxsize=2**13)
def _positions(window: Window, sizes: Shape, what: str, ceil: bool) -> Shape:  # a key has no names
    return tuple(window_output(*axis, what=what, ceil=ceil) for axis in zip(sizes, *window, strict=True))


class Windowed(Layer):
    """A layer with a sliding window; kernel, stride and padding are one value or one per spatial axis."""

    sort = "convolutions"
    over_images = True

    kernel: PerAxis = field(example=3, description="window size: one number, or one per spatial axis")
    stride: PerAxis = field(default=1, description="step of the window: one number, or one per spatial axis")
    padding: Padding = field(default="same", description=f"{PADS}; causal alone: the first axis, the others same")

    def window(self, shape: Shape) -> Window:
        """Return the fields per axis of an input ``(T, C)``, ``(H, W, C)`` or ``(D, H, W, C)``."""
        return _window(self, len(spatial(shape, self.kind())))

    def positions(self, shape: Shape) -> Shape:
        """Return the spatial sizes of the output."""
        return _positions(self.window(shape), shape[:-1], self.kind(), getattr(self, "ceil", False))

    def geometry(self, shape: Shape, *more: Shape) -> Geometry:
        window = self.window(shape)
        return Geometry(kernel=window.kernel, stride=window.stride, groups=getattr(self, "groups", None))


class Dilated(Windowed):
    """A windowed layer whose taps may stand apart."""

    dilation: PerAxis = field(default=1, description="distance of the kernel's taps: one number, or one per axis")


def pieces(steps: int, length: int, hop: int, what: str) -> int:
    """Return how many pieces fit whole, one every ``hop`` steps; ShapeError when none does.

    >>> pieces(15_600, 400, 160, "stft: window")
    96
    """
    if length > steps:
        raise ShapeError(f"{what} (={length}) is longer than its input (={steps}); shorten it, or give a longer input")
    return (steps - length) // hop + 1


def around(window: Window, shape: Shape) -> tuple[int, ...]:
    """Return the values of the tensors between a window's operators in TensorFlow Lite.

    Zeros that Keras has no word for are an operator before it; those of a sequence are added before it is an image.
    """
    found_again = max(window.dilation) == 1 or len(window.kernel) == IMAGE_AXES  # the converter finds dilated images
    if found_again and set(window.padding) == {"same"}:
        return ()
    pads = window.pads(shape[:-1])
    if not any(map(any, pads)) or (window.is_same(pads) and found_again):
        return ()
    padded = prod((*(size + sum(pad) for size, pad in zip(shape, pads, strict=False)), shape[-1]))
    return (padded, padded) if len(pads) == 1 else (padded,)


def keras_padding(k: Toolkit, name: str, tensor: Tensor, window: Window, *, fill: float = 0.0) -> tuple[Tensor, str]:
    """Return the tensor, padded where Keras cannot pad itself, and the padding word Keras is to use.

    Keras has one word for all axes and none for explicit zeros: ``same`` will do where each axis is padded so, or has
    a kernel of 1 and no zeros. Anything else becomes a padding layer and ``valid``; so does a dilated convolution,
    whose ``same`` zeros tf2onnx loses after a padding layer.
    """
    pads = window.pads(tensor.shape[1:-1])
    if not any(map(any, pads)):
        return tensor, "valid"
    if window.is_same(pads) and max(window.dilation) == 1:
        return tensor, "same"
    return zero_pad(k, f"{name}-pad", tensor, pads, fill), "valid"


def zero_pad(k: Toolkit, name: str, tensor: Tensor, pads: tuple[tuple[int, int], ...], fill: float = 0.0) -> Tensor:
    """Pad the spatial axes of a Keras tensor."""
    if fill:
        widths = [(0, 0), *pads, (0, 0)]
        return k.layers.Lambda(lambda x: k.ops.pad(x, widths, constant_values=fill), name=name)(tensor)
    keras_layer = getattr(k.layers, f"ZeroPadding{len(pads)}D")
    return keras_layer(pads[0] if len(pads) == 1 else pads, name=name)(tensor)
