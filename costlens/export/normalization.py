"""Normalization by a mean and a variance as numbers of the graph; Keras's own keeps tensors beside it."""

from typing import Any

_LEAST = 1e-7


def normalization(keras: Any) -> Any:
    """Return the class of the layer."""
    ops = keras.ops

    @keras.saving.register_keras_serializable(package="costlens")
    class Normalization(keras.layers.Layer):  # type: ignore[misc]
        """(x - mean)/√variance: ``(B, …, C) -> (B, …, C)``; weights that are not trained unless both are given.

        They are those of Keras's Normalization: a mean and a variance of each channel, and how many values were seen.
        """

        def __init__(self, mean: Any = None, variance: Any = None, **kwargs: Any) -> None:
            super().__init__(**{**kwargs, "trainable": False})
            self.settings = {"mean": mean, "variance": variance}

        def build(self, shape: Any) -> None:
            if self.settings["mean"] is None:
                self.mean = self.add_weight(shape=shape[-1:], initializer="zeros", name="mean", trainable=False)
                self.variance = self.add_weight(shape=shape[-1:], initializer="ones", name="variance", trainable=False)
                self.seen = self.add_weight(shape=(), initializer="zeros", dtype="int32", name="count", trainable=False)

        def call(self, x: Any) -> Any:
            import numpy as np

            mean, variance = self.settings.values()
            if mean is None:
                return (x - self.mean) / ops.maximum(ops.sqrt(self.variance), _LEAST)
            return (x - np.array(mean, np.float32)) / np.sqrt(np.array(variance, np.float32))

        def get_config(self) -> dict[str, Any]:
            return {**super().get_config(), **self.settings}

    return Normalization
