"""Learned numbers that are added to a tensor or put beside it, which Keras has no layers for."""

from math import prod
from typing import Any, NamedTuple

from costlens.export.keras_layer import keras_layer


class Learned(NamedTuple):
    """The classes of these layers."""

    AddWeight: Any
    AddRelative: Any
    CausalMask: Any
    Mask: Any
    ClassToken: Any


def learned(keras: Any) -> Learned:
    """Make the classes, registered under this package."""
    register = keras.saving.register_keras_serializable(package="costlens")
    made = _added(keras), _relative(keras), _causal(keras), _mask(keras), _token(keras)
    return Learned(*map(register, made))


def _added(keras: Any) -> Any:
    class AddWeight(keras_layer(keras)):  # type: ignore[misc]
        """Add a trainable tensor, along each axis of size 1 the same: ``(B, …) -> (B, …)``."""

        def __init__(self, shape: tuple[int, ...], **kwargs: Any) -> None:
            super().__init__({"shape": tuple(shape)}, **kwargs)
            self.added = self.add_weight(name="added", shape=self.settings["shape"], initializer="zeros")

        def call(self, x: Any) -> Any:
            return x + self.added

    return AddWeight


def _relative(keras: Any) -> Any:
    ops = keras.ops

    class AddRelative(keras_layer(keras)):  # type: ignore[misc]
        """Add a trainable number for each head and distance: ``(B, …, heads, T, T) -> (B, …, heads, T, T)``.

        T places lie in a grid. Two of them have one number where they are as far apart along each of its axes (Liu et
        al. 2021, Swin, section 3.2).
        """

        def __init__(self, heads: int, grid: tuple[int, ...], **kwargs: Any) -> None:
            super().__init__({"heads": heads, "grid": tuple(grid)}, **kwargs)
            distances = prod(2 * size - 1 for size in grid)
            self.added = self.add_weight(name="added", shape=(distances, heads), initializer="zeros")

        def call(self, x: Any) -> Any:
            table = ops.transpose(ops.take(self.added, _distances(self.settings["grid"]), axis=0), (2, 0, 1))
            return x + table

    return AddRelative


_HIDDEN = -1e9
"""A score that a softmax makes 0."""


def _causal(keras: Any) -> Any:
    ops = keras.ops

    class CausalMask(keras.layers.Layer):  # type: ignore[misc]
        """Hide the scores of later keys: ``(B, …, T, T) -> (B, …, T, T)``."""

        hidden = _HIDDEN

        def call(self, x: Any) -> Any:
            import numpy as np

            return ops.where(np.tril(np.ones(x.shape[-2:], np.bool_)), x, self.hidden)

    return CausalMask


def _mask(keras: Any) -> Any:
    ops = keras.ops

    class Mask(keras.layers.Layer):  # type: ignore[misc]
        """Hide the scores where a mask, one for all heads, is not above 0: ``(B, …, heads, T, S), (B, …, T, S)``."""

        hidden = _HIDDEN

        def call(self, x: Any, mask: Any) -> Any:
            return ops.where(ops.expand_dims(mask, -3) > 0, x, self.hidden)

    return Mask


def _token(keras: Any) -> Any:
    ops = keras.ops

    class ClassToken(keras_layer(keras)):  # type: ignore[misc]
        """Put trainable rows in front: ``(B, T, C) -> (B, tokens + T, C)``."""

        def __init__(self, tokens: int, **kwargs: Any) -> None:
            super().__init__({"tokens": tokens}, **kwargs)

        def build(self, shape: Any) -> None:
            self.token = self.add_weight(name="token", shape=(self.settings["tokens"], shape[-1]), initializer="zeros")

        def call(self, x: Any) -> Any:
            token = ops.broadcast_to(self.token[None], (ops.shape(x)[0], *self.token.shape))
            return ops.concatenate([token, x], axis=1)

    return ClassToken


def _distances(grid: tuple[int, ...]) -> Any:
    """Return ``(T, T)``: the row of the table for each query and key.

    >>> _distances((3,)).tolist()
    [[2, 1, 0], [3, 2, 1], [4, 3, 2]]
    """
    import numpy as np

    places = np.stack(np.meshgrid(*map(np.arange, grid), indexing="ij"), axis=-1).reshape(-1, len(grid))
    apart = places[:, None] - places[None] + np.array(grid) - 1
    return np.ravel_multi_index(tuple(np.moveaxis(apart, -1, 0)), tuple(2 * size - 1 for size in grid))
