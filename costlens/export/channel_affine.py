"""A learned factor, and a learned shift, of each channel: what Keras has within its norms only."""

from typing import Any

from costlens.export.keras_layer import keras_layer


def channel_affine(keras: Any) -> Any:
    """Return the class of the layer."""

    @keras.saving.register_keras_serializable(package="costlens")
    class ChannelAffine(keras_layer(keras)):  # type: ignore[misc]
        """gamma·x, and + beta with ``center``: ``(B, …, C) -> (B, …, C)``."""

        def __init__(self, initial: float, *, center: bool, **kwargs: Any) -> None:
            super().__init__({"initial": initial, "center": center}, **kwargs)

        def build(self, shape: Any) -> None:
            initial, center = self.settings.values()
            constant = keras.initializers.Constant(initial)
            self.gamma = self.add_weight(shape=shape[-1:], initializer=constant, name="gamma")
            self.beta = self.add_weight(shape=shape[-1:], initializer="zeros", name="beta") if center else None

        def call(self, x: Any) -> Any:
            return x * self.gamma if self.beta is None else x * self.gamma + self.beta

    return ChannelAffine
