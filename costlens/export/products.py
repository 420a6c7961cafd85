"""Products of tensors as Keras layers, which Keras has as functions only."""

from typing import Any

from costlens.export.keras_layer import keras_layer


def matmul(keras: Any) -> Any:
    """Return the class of a layer ``(B, …, M, K), (B, …, K, N) -> (B, …, M, N)``."""

    @keras.saving.register_keras_serializable(package="costlens")
    class MatMul(keras_layer(keras)):  # type: ignore[misc]
        """Product of two tensors, each with its last two axes swapped or not, times a scale."""

        multiplies = True
        """Multiplies and accumulates without a kernel."""

        def __init__(self, transpose_a: bool = False, transpose_b: bool = False, scale: float = 1.0, **kwargs: Any):
            super().__init__({"transpose_a": transpose_a, "transpose_b": transpose_b, "scale": scale}, **kwargs)

        def call(self, a: Any, b: Any) -> Any:
            turn_a, turn_b, scale = self.settings.values()
            ops = keras.ops
            a, b = (ops.swapaxes(x, -1, -2) if turn else x for x, turn in ((a, turn_a), (b, turn_b)))
            product = ops.matmul(a, b)
            return product if scale == 1 else product * scale

    return MatMul
