"""What layers are handed to build themselves with: Keras's modules and the few layers Keras lacks."""

from functools import cache
from typing import Any

from costlens import frameworks
from costlens.export.channel_affine import channel_affine
from costlens.export.resampling import resize
from costlens.network.layers._base import Toolkit


@cache
def toolkit() -> Toolkit:
    """Return the toolkit, importing Keras the first time."""
    keras, tf = frameworks.keras(), frameworks.tensorflow()
    any_rank = keras.layers.Conv2D.__base__  # of Conv1D, too

    @keras.saving.register_keras_serializable(package="costlens")
    class GroupedConv(any_rank):  # type: ignore[misc,valid-type]
        """Convolution in groups: ``(B, H, W, C) -> (B, H', W', filters)`` or ``(B, T, C) -> (B, T', filters)``.

        Keras's own asks for XLA on CPU, which does not export; this one is one TensorFlow operation.
        """

        def __init__(self, filters: int, kernel_size: tuple[int, ...], **settings: Any) -> None:
            super().__init__(len(kernel_size), filters, kernel_size, **settings)

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

    @keras.saving.register_keras_serializable(package="costlens")
    class LocalResponseNorm(keras.layers.Layer):  # type: ignore[misc,name-defined]
        """x / (bias + alpha·Σ x²)^beta over ``2·radius + 1`` channels: ``(B, …, C) -> (B, …, C)``."""

        def __init__(self, radius: int, bias: float, alpha: float, beta: float, **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.settings = {"radius": radius, "bias": bias, "alpha": alpha, "beta": beta}

        def call(self, x: Any) -> Any:
            line = len(x.shape) == 3  # noqa: PLR2004  # (B, T, C); TensorFlow's operation takes four axes
            x = tf.expand_dims(x, 1) if line else x
            radius, bias, alpha, beta = self.settings.values()
            y = tf.nn.local_response_normalization(x, radius, bias, alpha, beta)
            return tf.squeeze(y, 1) if line else y

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), **self.settings}

    return Toolkit(keras.layers, keras.ops, channel_affine(keras), GroupedConv, LocalResponseNorm, resize(keras))
