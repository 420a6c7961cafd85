"""Pools that Keras lacks: windows beyond the input, dilated ones, and means in which padding counts or does not.

Each is one MaxPool or AveragePool of the file. ``call`` is what runs anywhere; ``traced`` is a pool of the same sizes
that stands for it while it is converted, and ``attributes`` are those that make it the pool that is meant.
"""

from functools import reduce
from math import prod
from typing import Any

from costlens.arithmetic.shapes import effective_kernel
from costlens.export.keras_layer import keras_layer

_LOWEST = float("-inf")


def pool(keras: Any, tf: Any) -> Any:
    """Return the layer class."""
    operations = {"Max": tf.nn.max_pool, "Average": tf.nn.avg_pool}

    @keras.saving.register_keras_serializable(package="costlens")
    class Pool(keras_layer(keras)):  # type: ignore[misc]
        """``(B, *sizes, C) -> (B, *positions, C)`` over one to three axes: ``Max`` or ``Average`` of each window.

        ``pads`` are the cells before and after each axis. A last window may reach beyond them: such cells never count.
        """

        def __init__(
            self, word: str, kernel: Any, stride: Any, dilation: Any, sizes: Any, pads: Any, positions: Any,
            counts_padding: bool, **kwargs: Any,
        ) -> None:  # fmt: skip
            super().__init__({
                "word": word, "kernel": kernel, "stride": stride, "dilation": dilation, "sizes": sizes, "pads": pads,
                "positions": positions, "counts_padding": counts_padding,
            }, **kwargs)  # fmt: skip
            self.operation, self.is_max = operations[word], word == "Max"
            self.kernel_size, self.stride, self.dilation, self.positions = map(
                tuple, (kernel, stride, dilation, positions)
            )
            self.sizes, self.pads, self.counts_padding = tuple(sizes), tuple(map(tuple, pads)), counts_padding

        def call(self, x: Any) -> Any:
            x = _reaching(tf, self, x)
            if max(self.dilation) > 1:
                return reduce(lambda y, axis: _largest(tf, self, y, axis), range(len(self.kernel_size)), x)
            pooled = self.operation(x, self.kernel_size, self.stride, "VALID")
            shares = None if self.is_max else _shares(self)
            return pooled if shares is None else pooled * tf.constant(shares, pooled.dtype)

        def traced(self, x: Any) -> Any:
            return self.operation(*_standing(tf, self, x), 1, "VALID")

        @property
        def pads_itself(self) -> bool:
            """Whether the file's pool pads: by less than the kernel's taps, as onnxruntime takes it."""
            return all(max(pad) < taps for pad, taps in zip(self.pads, self.kernel_size, strict=True))

        @property
        def attributes(self) -> dict[str, Any]:
            return _attributes(self)

        def compute_output_shape(self, input_shape: Any) -> Any:
            return (input_shape[0], *self.positions, input_shape[-1])

    return Pool


def _standing(tf: Any, layer: Any, x: Any) -> tuple[Any, list[int]]:
    """Return what a pool reads that makes as many positions with steps of 1, and its window.

    Where there are more positions than cells, cells are added that the padding of the file's pool replaces.
    """
    more = [max(positions - size, 0) for size, positions in zip(layer.sizes, layer.positions, strict=True)]
    if not layer.pads_itself:
        x = tf.pad(x, [(0, 0), *layer.pads, (0, 0)], constant_values=_LOWEST)
    elif any(more):
        x = tf.pad(x, [(0, 0), *((0, cells) for cells in more), (0, 0)])
    return x, [size - positions + 1 for size, positions in zip(x.shape[1:-1], layer.positions, strict=True)]


def _attributes(layer: Any) -> dict[str, Any]:
    """Return the attributes of the file's pool; one over a line has an axis before it, as TensorFlow's has."""
    first = [1] if len(layer.kernel_size) == 1 else []
    before, after = ([0] * len(first) + [pad[side] * layer.pads_itself for pad in layer.pads] for side in (0, 1))
    beyond = any(more > sum(pad) for more, pad in zip(_beyond(layer), layer.pads, strict=True))
    own = {"dilations": [*first, *layer.dilation]} if layer.is_max else {"count_include_pad": layer.counts_padding}
    return {
        "kernel_shape": [*first, *layer.kernel_size], "strides": [*first, *layer.stride], "pads": [*before, *after],
        "ceil_mode": beyond, "auto_pad": None, **own,
    }  # fmt: skip


def _beyond(layer: Any) -> list[int]:
    """Return how many more cells than its input has the windows of a pool span along each axis; negative for fewer."""
    axes = zip(layer.sizes, layer.positions, layer.kernel_size, layer.stride, layer.dilation, strict=True)
    return [
        (positions - 1) * step + effective_kernel(kernel, apart) - size for size, positions, kernel, step, apart in axes
    ]


def _reaching(tf: Any, layer: Any, x: Any) -> Any:
    """Give a tensor the cells that the windows span: more where they reach beyond it, fewer where they end before."""
    after = [beyond - pad[0] for beyond, pad in zip(_beyond(layer), layer.pads, strict=True)]
    kept = (slice(size + min(more, 0)) for size, more in zip(layer.sizes, after, strict=True))
    widths = [(0, 0), *((pad[0], max(more, 0)) for pad, more in zip(layer.pads, after, strict=True)), (0, 0)]
    return tf.pad(x[(slice(None), *kept)], widths, constant_values=_LOWEST if layer.is_max else 0.0)


def _largest(tf: Any, layer: Any, x: Any, axis: int) -> Any:
    """Return the largest of the taps along one axis."""
    step, apart, positions = layer.stride[axis], layer.dilation[axis], layer.positions[axis]
    whole = (slice(None),) * (axis + 1)
    starts = (tap * apart for tap in range(layer.kernel_size[axis]))
    return reduce(tf.maximum, (x[(*whole, slice(start, start + (positions - 1) * step + 1, step))] for start in starts))


def _shares(layer: Any) -> Any:
    """Return what makes means of the cells that count out of means of whole windows; None where all cells count."""
    import numpy as np

    counted: Any = np.ones((1,) * len(layer.kernel_size))
    for axis, (size, (before, after)) in enumerate(zip(layer.sizes, layer.pads, strict=True)):
        first, last = (-before, size + after) if layer.counts_padding else (0, size)
        starts = np.arange(layer.positions[axis]) * layer.stride[axis] - before
        cells = np.minimum(starts + layer.kernel_size[axis], last) - np.maximum(starts, first)
        counted = counted * cells.reshape([-1 if each == axis else 1 for each in range(len(layer.kernel_size))])
    area = prod(layer.kernel_size)
    return None if (counted == area).all() else (area / counted)[..., None]
