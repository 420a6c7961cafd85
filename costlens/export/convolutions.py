"""Convolutions that Keras lacks or TensorFlow does not run on a CPU; each is one Conv or ConvTranspose of the file.

``call`` is what runs anywhere. ``traced`` is one TensorFlow operation that stands for the layer while it is converted,
and ``attributes`` are those that tf2onnx does not read from it.
"""

from typing import Any

from costlens.arithmetic.shapes import effective_kernel, explicit_pad

_VOLUME = 3


def grouped_conv(keras: Any, tf: Any) -> Any:
    """Return the layer class of convolutions in groups, and of those with stride and dilation at once."""
    any_rank = keras.layers.Conv2D.__base__  # of Conv1D and Conv3D, too

    @keras.saving.register_keras_serializable(package="costlens")
    class GroupedConv(any_rank):  # type: ignore[misc,valid-type]
        """Convolution in groups, with any stride and dilation: ``(B, …, C) -> (B, …, filters)`` over 1 to 3 axes.

        Keras's own asks for XLA on CPU, which does not export, and refuses a dilation beside a stride.
        """

        def __init__(
            self, filters: int, kernel_size: tuple[int, ...], *, dilation_rate: tuple[int, ...], **settings: Any
        ) -> None:
            super().__init__(len(kernel_size), filters, kernel_size, **settings)
            self.dilation_rate = tuple(dilation_rate)  # behind Keras's check

        def call(self, x: Any) -> Any:
            volume = len(self.kernel_size) == _VOLUME
            x, padding = (self._padded(x), "VALID") if volume else (x, self.padding.upper())
            kernel = tf.convert_to_tensor(self.kernel)
            return _with_bias(tf, self, _convolve(tf, x, kernel, self.strides, self.dilation_rate, padding))

        def traced(self, x: Any) -> Any:
            if len(self.kernel_size) != _VOLUME:
                return GroupedConv.call(self, x)
            strides, dilations = (1, *self.strides, 1), (1, *self.dilation_rate, 1)
            kernel = tf.convert_to_tensor(self.kernel)
            return _with_bias(tf, self, tf.nn.conv3d(x, kernel, strides, self.padding.upper(), dilations=dilations))

        @property
        def attributes(self) -> dict[str, Any]:
            return {"group": self.groups}

        def _padded(self, x: Any) -> Any:
            axes = zip(x.shape[1:-1], self.kernel_size, self.strides, self.dilation_rate, strict=True)
            return tf.pad(x, [(0, 0), *(explicit_pad(*axis, self.padding) for axis in axes), (0, 0)])

    return GroupedConv


def conv_transpose(keras: Any, tf: Any) -> Any:
    """Return the layer class of transposed convolutions with groups, dilation, and cells removed at the ends."""

    @keras.saving.register_keras_serializable(package="costlens")
    class ConvTranspose(keras.layers.Layer):  # type: ignore[misc]
        """Transposed convolution: ``(B, …, C) -> (B, …, filters)`` over one to three axes.

        ``removed`` holds how many of the cells that the kernel writes are cut off before and after each axis; a
        negative number adds zeros after it. TensorFlow's own takes neither groups nor dilation on a CPU, so these are
        a convolution of the input with zeros between its cells.
        """

        def __init__(
            self, filters: int, kernel_size: Any, strides: Any, dilation_rate: Any, removed: Any,
            groups: int = 1, use_bias: bool = True, **kwargs: Any,
        ) -> None:  # fmt: skip
            super().__init__(**kwargs)
            self.filters, self.groups, self.use_bias = filters, groups, use_bias
            self.kernel_size, self.strides, self.dilation_rate = map(tuple, (kernel_size, strides, dilation_rate))
            self.removed = tuple(map(tuple, removed))

        def build(self, input_shape: Any) -> None:
            shape = (*self.kernel_size, self.filters // self.groups, input_shape[-1])
            self.kernel = self.add_weight(name="kernel", shape=shape)
            self.bias = (
                self.add_weight(name="bias", shape=(self.filters,), initializer="zeros") if self.use_bias else None
            )

        def call(self, x: Any) -> Any:
            plain = self.groups == 1 and max(self.dilation_rate) == 1
            full = _transposed(tf, self, x, _sizes(self, x.shape[1:-1])) if plain else _stuffed(tf, self, x)
            return _with_bias(tf, self, _fitted(tf, full, self.removed))

        def traced(self, x: Any) -> Any:
            return _with_bias(tf, self, _transposed(tf, self, x, self.compute_output_shape(x.shape)[1:-1]))

        @property
        def attributes(self) -> dict[str, Any]:
            line = ((0, 0),) if len(self.kernel_size) == 1 else ()
            before, after = zip(*line, *self.removed, strict=True)
            return {
                "group": self.groups,
                "pads": [*before, *(max(n, 0) for n in after)],
                "output_padding": [max(-n, 0) for n in after],
            }

        def compute_output_shape(self, input_shape: Any) -> Any:
            kept = (n - sum(cut) for n, cut in zip(_sizes(self, input_shape[1:-1]), self.removed, strict=True))
            return (input_shape[0], *kept, self.filters)

        def get_config(self) -> dict[str, Any]:
            names = ("filters", "kernel_size", "strides", "dilation_rate", "removed", "groups", "use_bias")
            return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    return ConvTranspose


def _sizes(layer: Any, sizes: Any) -> tuple[int, ...]:
    """Return the sizes of all that a transposed convolution writes."""
    axes = zip(sizes, layer.kernel_size, layer.strides, layer.dilation_rate, strict=True)
    return tuple((n - 1) * s + effective_kernel(k, d) for n, k, s, d in axes)


def _transposed(tf: Any, layer: Any, x: Any, sizes: tuple[int, ...]) -> Any:
    """Apply TensorFlow's own, to an output of these sizes."""
    line, strides, dilations = len(sizes) == 1, layer.strides, layer.dilation_rate
    kernel = tf.convert_to_tensor(layer.kernel)
    if line:
        x, kernel, sizes = tf.expand_dims(x, 1), tf.expand_dims(kernel, 0), (1, *sizes)
        strides, dilations = (1, *strides), (1, *dilations)
    operation = tf.nn.conv3d_transpose if len(sizes) == _VOLUME else tf.nn.conv2d_transpose
    shape = (x.shape[0] or tf.shape(x)[0], *sizes, layer.filters)
    y = operation(x, kernel, shape, strides, "VALID", dilations=dilations)
    return tf.squeeze(y, 1) if line else y


def _stuffed(tf: Any, layer: Any, x: Any) -> Any:
    """Put ``stride - 1`` zeros behind each cell and convolve with the kernel turned round."""
    kernel, channels = tf.convert_to_tensor(layer.kernel), x.shape[-1]
    for axis, stride in enumerate(layer.strides, 1):
        x = _apart(tf, x, axis, stride)
    reach = [effective_kernel(k, d) - 1 for k, d in zip(layer.kernel_size, layer.dilation_rate, strict=True)]
    wide = _fitted(tf, x, [(-far, s - 1 - far) for far, s in zip(reach, layer.strides, strict=True)])
    *window, per_group, _ = kernel.shape
    axes = list(range(len(window)))
    parts = tf.reshape(tf.reverse(kernel, axes), (*window, per_group, layer.groups, -1))
    turned = tf.transpose(parts, (*axes, len(axes) + 2, len(axes) + 1, len(axes)))
    turned = tf.reshape(turned, (*window, channels // layer.groups, layer.filters))
    return _convolve(tf, wide, turned, (1,) * len(window), layer.dilation_rate, "VALID")


def _apart(tf: Any, x: Any, axis: int, stride: int) -> Any:
    """Put ``stride - 1`` zeros behind each cell of an axis."""
    if stride == 1:
        return x
    sizes = list(x.shape)
    widths = [(0, stride - 1) if i == axis + 1 else (0, 0) for i in range(len(sizes) + 1)]
    spread = tf.pad(tf.expand_dims(x, axis + 1), widths)
    return tf.reshape(spread, (-1, *(size * stride if i == axis else size for i, size in enumerate(sizes) if i)))


def _with_bias(tf: Any, layer: Any, y: Any) -> Any:
    return tf.nn.bias_add(y, tf.convert_to_tensor(layer.bias)) if layer.use_bias else y


def _convolve(tf: Any, x: Any, kernel: Any, strides: Any, dilations: Any, padding: str) -> Any:
    """Convolve in as many groups as the kernel's inputs leave; over three axes without padding."""
    rank = len(strides)
    if rank == _VOLUME:
        return _planes(tf, x, kernel, strides, dilations)
    line = rank == 1
    if line:
        x, kernel = tf.expand_dims(x, 1), tf.expand_dims(kernel, 0)
        strides, dilations = (1, *strides), (1, *dilations)
    y = tf.nn.conv2d(x, kernel, (1, *strides, 1), padding, dilations=(1, *dilations, 1))
    return tf.squeeze(y, 1) if line else y


def _planes(tf: Any, x: Any, kernel: Any, strides: Any, dilations: Any) -> Any:
    """Convolve over three axes as a sum over the kernel's planes: groups and dilation run in two axes only."""
    (step, *steps), (apart, *gaps) = strides, dilations
    depth = (x.shape[1] - effective_kernel(kernel.shape[0], apart)) // step + 1
    total: Any = 0
    for tap in range(kernel.shape[0]):
        start = tap * apart
        slices = x[:, start : start + (depth - 1) * step + 1 : step]
        images = tf.reshape(slices, (-1, *slices.shape[2:]))
        total += tf.nn.conv2d(images, kernel[tap], (1, *steps, 1), "VALID", dilations=(1, *gaps, 1))
    return tf.reshape(total, (-1, depth, *total.shape[1:]))


def _fitted(tf: Any, x: Any, removed: Any) -> Any:
    """Remove cells at both ends of the spatial axes; a negative number adds zeros."""
    if any(n > 0 for cut in removed for n in cut):
        sizes = zip(x.shape[1:-1], removed, strict=True)
        x = x[(slice(None), *(slice(max(before, 0), n - max(after, 0)) for n, (before, after) in sizes))]
    if any(n < 0 for cut in removed for n in cut):
        x = tf.pad(x, [(0, 0), *((max(-before, 0), max(-after, 0)) for before, after in removed), (0, 0)])
    return x
