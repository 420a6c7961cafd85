"""What layers are handed to build themselves with: Keras's modules and the few layers Keras lacks."""

from functools import cache
from math import prod
from typing import Any

from costlens import frameworks
from costlens.export.channel_affine import channel_affine
from costlens.export.convolutions import conv_transpose, grouped_conv
from costlens.export.keras_layer import keras_layer
from costlens.export.learned import learned
from costlens.export.normalization import normalization
from costlens.export.pooling import pool
from costlens.export.products import matmul
from costlens.export.resampling import resize
from costlens.network.layers._base import Toolkit


@cache
def toolkit() -> Toolkit:
    """Return the toolkit, importing Keras the first time."""
    keras, tf = frameworks.keras(), frameworks.tensorflow()

    @keras.saving.register_keras_serializable(package="costlens")
    class LocalResponseNorm(keras_layer(keras)):  # type: ignore[misc]
        """x / (bias + alpha·Σ x²)^beta over ``2·radius + 1`` channels: ``(B, …, C) -> (B, …, C)``."""

        def __init__(self, radius: int, bias: float, alpha: float, beta: float, **kwargs: Any) -> None:
            super().__init__({"radius": radius, "bias": bias, "alpha": alpha, "beta": beta}, **kwargs)

        def call(self, x: Any) -> Any:
            first, *rest, channels = x.shape[1:]
            radius, bias, alpha, beta = self.settings.values()
            image = tf.reshape(x, (-1, first, prod(rest), channels))  # TensorFlow's operation takes four axes
            y = tf.nn.local_response_normalization(image, radius, bias, alpha, beta)
            return tf.reshape(y, (-1, first, *rest, channels))

    return Toolkit(
        layers=keras.layers,
        ops=keras.ops,
        ChannelAffine=channel_affine(keras),
        GroupedConv=grouped_conv(keras, tf),
        ConvTranspose=conv_transpose(keras, tf),
        LocalResponseNorm=LocalResponseNorm,
        MatMul=matmul(keras),
        Normalization=normalization(keras),
        Pool=pool(keras, tf),
        Resize=resize(keras),
        **learned(keras)._asdict(),
    )
