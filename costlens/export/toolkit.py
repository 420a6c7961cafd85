"""What layers are handed to build themselves with: Keras's modules and the few layers Keras lacks."""

from __future__ import annotations

from functools import cache
from typing import Any

from costlens.export import frameworks
from costlens.network.layers._base import Toolkit

_PACKAGE = "costlens"


@cache
def toolkit() -> Toolkit:
    """Return the toolkit, importing Keras the first time."""
    keras = frameworks.keras()
    return Toolkit(keras.layers, keras.ops, _grouped_conv(), _local_response_norm())


def _grouped_conv() -> Any:
    keras, tf = frameworks.keras(), frameworks.tensorflow()
    base = keras.layers.Layer

    @keras.saving.register_keras_serializable(package=_PACKAGE)
    class GroupedConv(base):  # type: ignore[misc,valid-type]
        """Convolution in groups: ``(B, H, W, C) -> (B, H', W', filters)`` or ``(B, T, C) -> (B, T', filters)``.

        Keras's own asks for XLA on CPU, which does not export; this one is one TensorFlow operation.
        """

        def __init__(
            self,
            filters: int,
            kernel_size: tuple[int, ...],
            *,
            strides: tuple[int, ...],
            padding: str,
            dilation_rate: tuple[int, ...],
            groups: int,
            use_bias: bool,
            **kwargs: Any,
        ) -> None:
            super().__init__(**kwargs)
            self.filters, self.kernel_size, self.strides = filters, tuple(kernel_size), tuple(strides)
            self.padding, self.dilation_rate = padding, tuple(dilation_rate)
            self.groups, self.use_bias = groups, use_bias

        def build(self, shape: tuple[int | None, ...]) -> None:
            kernel = (*self.kernel_size, (shape[-1] or 0) // self.groups, self.filters)
            self.kernel = self.add_weight(name="kernel", shape=kernel, initializer="glorot_uniform")
            if self.use_bias:
                self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

        def call(self, x: Any) -> Any:
            kernel = tf.convert_to_tensor(self.kernel)
            line = len(self.kernel_size) == 1
            if line:
                x, kernel = tf.expand_dims(x, 1), tf.expand_dims(kernel, 0)
            one = (1,) if line else ()
            y = tf.nn.conv2d(
                x,
                kernel,
                strides=(1, *one, *self.strides, 1),
                padding=self.padding.upper(),
                dilations=(1, *one, *self.dilation_rate, 1),
            )
            y = tf.squeeze(y, 1) if line else y
            return tf.nn.bias_add(y, tf.convert_to_tensor(self.bias)) if self.use_bias else y

        def get_config(self) -> dict[str, Any]:
            names = ("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups", "use_bias")
            return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    return GroupedConv


def _local_response_norm() -> Any:
    keras, tf = frameworks.keras(), frameworks.tensorflow()
    base = keras.layers.Layer

    @keras.saving.register_keras_serializable(package=_PACKAGE)
    class LocalResponseNorm(base):  # type: ignore[misc,valid-type]
        """x / (bias + alpha·Σ x²)^beta over ``2·radius + 1`` channels: ``(B, …, C) -> (B, …, C)``."""

        def __init__(self, radius: int, bias: float, alpha: float, beta: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.radius, self.bias, self.alpha, self.beta = radius, bias, alpha, beta

        def call(self, x: Any) -> Any:
            line = len(x.shape) == 3  # noqa: PLR2004  # (B, T, C); TensorFlow's operation takes four axes
            x = tf.expand_dims(x, 1) if line else x
            y = tf.nn.local_response_normalization(x, self.radius, self.bias, self.alpha, self.beta)
            return tf.squeeze(y, 1) if line else y

        def get_config(self) -> dict[str, Any]:
            names = ("radius", "bias", "alpha", "beta")
            return {**super().get_config(), **{name: getattr(self, name) for name in names}}

    return LocalResponseNorm
