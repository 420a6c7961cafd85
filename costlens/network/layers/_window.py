"""What convolutions and pools share: a window that slides over one or two spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from costlens.arithmetic.shapes import Pad, Padding, PerAxis, Shape, explicit_pad, per_axis, spatial, window_shape
from costlens.errors import ShapeError
from costlens.network.fields import field
from costlens.network.layers._base import Geometry, Layer


class Window(NamedTuple):
    """The window's fields, one value per spatial axis."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[Pad, ...]


class Windowed(Layer):
    """A layer with a sliding window; kernel, stride and padding are one value or one per spatial axis."""

    kernel: PerAxis = field(description="window size: one number, or one per spatial axis")
    stride: PerAxis = field(default=1, description="step of the window: one number, or one per spatial axis")
    padding: Padding = field(
        default="same", description="same, valid, zeros on both sides, or one of these per spatial axis"
    )

    def window(self, shape: Shape) -> Window:
        """Return the fields per axis of an input ``(T, C)`` or ``(H, W, C)``."""
        rank = len(spatial(shape, self.kind()))
        return Window(
            per_axis(self.kernel, rank, "kernel"),
            per_axis(self.stride, rank, "stride"),
            per_axis(getattr(self, "dilation", 1), rank, "dilation"),
            per_axis(self.padding, rank, "padding"),
        )

    def positions(self, shape: Shape) -> Shape:
        """Return the spatial sizes of the output."""
        return window_shape(shape[:-1], *self.window(shape), what=self.kind())

    def geometry(self, *inputs: Shape) -> Geometry:
        window = self.window(inputs[0])
        return Geometry(kernel=window.kernel, stride=window.stride, groups=getattr(self, "groups", None))


class Dilated(Windowed):
    """A windowed layer whose taps may stand apart; Keras takes a dilation only where the stride is 1."""

    dilation: PerAxis = field(default=1, description="distance of the kernel's taps; only with stride 1")

    def window(self, shape: Shape) -> Window:
        window = super().window(shape)
        if max(window.dilation) > 1 and max(window.stride) > 1:
            raise ShapeError(
                f"{self.kind()}: dilation {list(window.dilation)} with stride {list(window.stride)} is not supported; "
                "dilate with stride 1 and pool, or stride without dilation"
            )
        return window


def keras_padding(k: Any, name: str, tensor: Any, window: Window, *, fill: float = 0.0) -> tuple[Any, str]:
    """Return the tensor, padded where Keras cannot pad itself, and the padding word Keras is to use.

    Keras has one word for all axes and none for explicit zeros: ``same`` will do where each axis is padded so, or has
    a kernel of 1 and no zeros. Anything else becomes a padding layer and ``valid``; so does a dilated convolution,
    whose ``same`` zeros tf2onnx loses after a padding layer.
    """
    axes = zip(tensor.shape[1:-1], *window, strict=True)
    pads = [explicit_pad(n, kernel, s, d, p) for n, kernel, s, d, p in axes]
    if not any(before or after for before, after in pads):
        return tensor, "valid"
    same = all(
        word == "same" or (kernel == 1 and pad == (0, 0))
        for word, kernel, pad in zip(window.padding, window.kernel, pads, strict=True)
    )
    if same and max(window.dilation) == 1:
        return tensor, "same"
    return zero_pad(k, f"{name}-pad", tensor, pads, fill), "valid"


def zero_pad(k: Any, name: str, tensor: Any, pads: Sequence[tuple[int, int]], fill: float = 0.0) -> Any:
    """Pad the spatial axes of a Keras tensor."""
    if fill:
        widths = [(0, 0), *pads, (0, 0)]
        return k.layers.Lambda(lambda x: k.ops.pad(x, widths, constant_values=fill), name=name)(tensor)
    if len(pads) == 1:
        return k.layers.ZeroPadding1D(pads[0], name=name)(tensor)
    return k.layers.ZeroPadding2D(tuple(pads), name=name)(tensor)
