"""Keras models of one layer family each, with what they store and multiply by arithmetic.

A model is made by a function of Keras, of its layers and of inputs: ``x(8, 4)`` is an input of that shape. Weights and
multiplications are written as products, bias after bias.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Make = Callable[[Any, Any, Any], Any]
"""``(keras, keras.layers, x) -> output, or (inputs, output)``."""


@dataclass(frozen=True)
class Family:
    """A model, its parameters and its MACs; ``rows``: the MACs by row, where it has several."""

    make: Make
    params: int
    macs: int
    rows: dict[str, int] | None = None


def built(keras: Any, family: Family) -> Any:
    """Build the model of a family."""
    keras.backend.clear_session()  # Keras numbers operations without a name
    given: list[Any] = []

    def x(*shape: int | None, dtype: str = "float32") -> Any:
        given.append(keras.Input(shape, dtype=dtype, name=f"x{len(given)}"))
        return given[-1]

    output = family.make(keras, keras.layers, x)
    return keras.Model(given[0] if len(given) == 1 else given, output, name="family")


def _attention(keras: Any, layers: Any, x: Any) -> Any:
    one = x(8, 4)
    return layers.MultiHeadAttention(2, 3, name="mha")(one, one)


def _grouped_query(keras: Any, layers: Any, x: Any) -> Any:
    one = x(8, 12)
    return layers.GroupQueryAttention(3, num_query_heads=4, num_key_value_heads=2, name="gqa")(one, one)


def _shared(keras: Any, layers: Any, x: Any) -> Any:
    dense = layers.Dense(3, name="both")
    return layers.Add(name="sum")([dense(x(4)), dense(x(4))])


def _nested(keras: Any, layers: Any, x: Any) -> Any:
    inner = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="a"), layers.Conv2D(2, 1, name="b")], name="inner"
    )
    return layers.Conv2D(5, 1, name="last")(inner(x(8, 8, 3)))


def _subclassed(keras: Any, layers: Any, x: Any) -> Any:
    class Block(layers.Layer):  # type: ignore[misc,name-defined]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.up = layers.Dense(6, name="up")
            self.down = layers.Dense(4, name="down")
            self.scale = self.add_weight(shape=(4,), name="scale")

        def call(self, given: Any) -> Any:
            return given + self.scale * self.down(keras.ops.relu(self.up(given)))

    return Block(name="block")(x(8, 4))


def _of_operations(keras: Any, layers: Any, x: Any) -> Any:
    one = x(8, 4)
    scores = keras.ops.matmul(one, keras.ops.transpose(one, (0, 2, 1)))
    return keras.ops.einsum("bij,bjk->bik", keras.ops.softmax(scores), one)


def _loop(keras: Any, layers: Any, x: Any) -> Any:
    return keras.ops.fori_loop(0, 7, lambda _, state: keras.ops.matmul(state, state), x(4, 4))


def _stacked(keras: Any, layers: Any, x: Any) -> Any:
    return layers.RNN([layers.LSTMCell(3), layers.GRUCell(5)], name="rnn")(x(8, 4))


def _masked(keras: Any, layers: Any, x: Any) -> Any:
    return layers.LSTM(3)(layers.Embedding(20, 4, mask_zero=True)(x(8, dtype="int32")))


FAMILIES: dict[str, Family] = {
    "Dense": Family(lambda k, nn, x: nn.Dense(5)(x(8, 4)), 4 * 5 + 5, 4 * 5 * 8),
    "EinsumDense": Family(
        lambda k, nn, x: nn.EinsumDense("abcd,cde->abe", output_shape=(8, 6), bias_axes="e")(x(8, 4, 5)),
        4 * 5 * 6 + 6, 4 * 5 * 6 * 8,
    ),
    "Conv1D": Family(lambda k, nn, x: nn.Conv1D(5, 3)(x(9, 4)), 3 * 4 * 5 + 5, 3 * 4 * 5 * 7),
    "Conv1D causal": Family(lambda k, nn, x: nn.Conv1D(5, 3, padding="causal")(x(9, 4)), 3 * 4 * 5 + 5, 3 * 4 * 5 * 9),
    "Conv1D causal, dilated": Family(
        lambda k, nn, x: nn.Conv1D(5, 3, padding="causal", dilation_rate=2)(x(9, 4)), 3 * 4 * 5 + 5, 3 * 4 * 5 * 9,
    ),
    "Conv1D causal, dilated, grouped": Family(
        lambda k, nn, x: nn.Conv1D(8, 3, padding="causal", dilation_rate=2, groups=2)(x(9, 4)),
        3 * 2 * 8 + 8, 3 * 2 * 8 * 9,
    ),
    "Conv2D": Family(
        lambda k, nn, x: nn.Conv2D(5, 3, strides=2, padding="same", use_bias=False)(x(9, 8, 4)),
        3 * 3 * 4 * 5, 3 * 3 * 4 * 5 * 5 * 4,
    ),
    "Conv2D pointwise": Family(lambda k, nn, x: nn.Conv2D(5, 1)(x(9, 8, 4)), 4 * 5 + 5, 4 * 5 * 9 * 8),
    "Conv2D dilated": Family(
        lambda k, nn, x: nn.Conv2D(5, 3, dilation_rate=2, padding="same")(x(9, 8, 4)),
        3 * 3 * 4 * 5 + 5, 3 * 3 * 4 * 5 * 9 * 8,
    ),
    "Conv2D grouped": Family(
        lambda k, nn, x: nn.Conv2D(8, 3, groups=2)(x(9, 8, 4)), 3 * 3 * 2 * 8 + 8, 3 * 3 * 2 * 8 * 7 * 6
    ),
    "Conv2D channels first": Family(
        lambda k, nn, x: nn.Conv2D(5, 3, data_format="channels_first")(x(4, 9, 8)),
        3 * 3 * 4 * 5 + 5, 3 * 3 * 4 * 5 * 7 * 6,
    ),
    "Conv3D": Family(lambda k, nn, x: nn.Conv3D(5, 3)(x(5, 6, 7, 2)), 27 * 2 * 5 + 5, 27 * 2 * 5 * 3 * 4 * 5),
    "DepthwiseConv1D": Family(
        lambda k, nn, x: nn.DepthwiseConv1D(3, depth_multiplier=2)(x(9, 4)), 3 * 4 * 2 + 8, 3 * 4 * 2 * 7
    ),
    "DepthwiseConv2D": Family(lambda k, nn, x: nn.DepthwiseConv2D(3)(x(9, 8, 4)), 3 * 3 * 4 + 4, 3 * 3 * 4 * 7 * 6),
    "DepthwiseConv2D dilated": Family(
        lambda k, nn, x: nn.DepthwiseConv2D(3, dilation_rate=3, padding="same")(x(8, 8, 4)),
        3 * 3 * 4 + 4, 3 * 3 * 4 * 8 * 8,
    ),
    "SeparableConv1D": Family(
        lambda k, nn, x: nn.SeparableConv1D(5, 3)(x(9, 4)), 3 * 4 + 4 * 5 + 5, (3 * 4 + 4 * 5) * 7
    ),
    "SeparableConv2D": Family(
        lambda k, nn, x: nn.SeparableConv2D(5, 3, depth_multiplier=2, strides=2)(x(9, 9, 4)),
        3 * 3 * 4 * 2 + 8 * 5 + 5, (3 * 3 * 4 * 2 + 8 * 5) * 4 * 4,
    ),
    "Conv1DTranspose": Family(
        lambda k, nn, x: nn.Conv1DTranspose(3, 4, strides=2)(x(8, 5)), 4 * 5 * 3 + 3, 4 * 5 * 3 * 8
    ),
    "Conv2DTranspose": Family(
        lambda k, nn, x: nn.Conv2DTranspose(3, 3, strides=2, padding="same")(x(8, 7, 4)),
        3 * 3 * 4 * 3 + 3, 3 * 3 * 4 * 3 * 8 * 7,
    ),
    "Conv3DTranspose": Family(
        lambda k, nn, x: nn.Conv3DTranspose(3, 2, strides=2)(x(3, 4, 5, 2)), 8 * 2 * 3 + 3, 8 * 2 * 3 * 3 * 4 * 5
    ),
    "MultiHeadAttention, self": Family(
        _attention, 3 * (4 * 6 + 6) + 6 * 4 + 4, 3 * 4 * 6 * 8 + 2 * 8 * 3 * 8 + 2 * 8 * 8 * 3 + 6 * 4 * 8,
        {"mha": 2 * 2 * 8 * 8 * 3, **dict.fromkeys(("mha.query", "mha.key", "mha.value", "mha.attention_output"), 192)},
    ),
    "MultiHeadAttention, cross": Family(
        lambda k, nn, x: nn.MultiHeadAttention(2, 3, value_dim=5)(x(8, 4), x(6, 7)),
        4 * 6 + 6 + 7 * 6 + 6 + 7 * 10 + 10 + 10 * 4 + 4,
        4 * 6 * 8 + 7 * 6 * 6 + 7 * 10 * 6 + 2 * 8 * 6 * 3 + 2 * 8 * 6 * 5 + 10 * 4 * 8,
    ),
    "GroupQueryAttention": Family(
        _grouped_query, 2 * (12 * 12 + 12) + 2 * (12 * 6 + 6),
        2 * 12 * 12 * 8 + 2 * 12 * 6 * 8 + 2 * 4 * 8 * 8 * 3,
    ),
    "Attention": Family(lambda k, nn, x: nn.Attention()([x(8, 4), x(6, 4)]), 0, 8 * 6 * 4 + 8 * 6 * 4),
    "LSTM": Family(lambda k, nn, x: nn.LSTM(3)(x(10, 4)), 4 * (4 * 3 + 3 * 3 + 3), 4 * (4 * 3 + 3 * 3) * 10),
    "LSTM with a mask": Family(_masked, 20 * 4 + 4 * (4 * 3 + 3 * 3 + 3), 4 * (4 * 3 + 3 * 3) * 8),
    "GRU": Family(
        lambda k, nn, x: nn.GRU(3, return_sequences=True)(x(10, 4)),
        3 * (4 * 3 + 3 * 3 + 2 * 3), 3 * (4 * 3 + 3 * 3) * 10,
    ),
    "SimpleRNN": Family(lambda k, nn, x: nn.SimpleRNN(3)(x(10, 4)), 4 * 3 + 3 * 3 + 3, (4 * 3 + 3 * 3) * 10),
    "stacked cells": Family(
        _stacked, 4 * (4 * 3 + 3 * 3 + 3) + 3 * (3 * 5 + 5 * 5 + 2 * 5),
        (4 * (4 * 3 + 3 * 3) + 3 * (3 * 5 + 5 * 5)) * 8,
    ),
    "Bidirectional": Family(
        lambda k, nn, x: nn.Bidirectional(nn.LSTM(3, name="lstm"), name="two")(x(10, 4)),
        2 * 4 * (4 * 3 + 3 * 3 + 3), 2 * 4 * (4 * 3 + 3 * 3) * 10,
        {"two.forward_lstm": 4 * (4 * 3 + 3 * 3) * 10, "two.backward_lstm": 4 * (4 * 3 + 3 * 3) * 10},
    ),
    "TimeDistributed": Family(
        lambda k, nn, x: nn.TimeDistributed(nn.Conv2D(4, 3))(x(5, 8, 7, 3)),
        3 * 3 * 3 * 4 + 4, 3 * 3 * 3 * 4 * 5 * 6 * 5,
    ),
    "ConvLSTM1D": Family(
        lambda k, nn, x: nn.ConvLSTM1D(3, 3)(x(5, 8, 4)),
        4 * (3 * 4 * 3 + 3 * 3 * 3 + 3), 4 * (3 * 4 * 3 + 3 * 3 * 3) * 5 * 6,
    ),
    "ConvLSTM2D": Family(
        lambda k, nn, x: nn.ConvLSTM2D(3, 3)(x(5, 8, 7, 4)),
        4 * (9 * 4 * 3 + 9 * 3 * 3 + 3), 4 * (9 * 4 * 3 + 9 * 3 * 3) * 5 * 6 * 5,
    ),
    "Embedding": Family(lambda k, nn, x: nn.Embedding(20, 4)(x(8, dtype="int32")), 20 * 4, 0),
    "BatchNormalization": Family(lambda k, nn, x: nn.BatchNormalization()(x(8, 8, 4)), 4 * 4, 0),
    "Normalization": Family(
        lambda k, nn, x: nn.Dense(3)(nn.Normalization(mean=[0.5] * 4, variance=[2.0] * 4)(x(8, 4))),
        4 * 3 + 3, 4 * 3 * 8,
    ),
    "LayerNormalization": Family(lambda k, nn, x: nn.LayerNormalization()(x(8, 4)), 2 * 4, 0),
    "GroupNormalization": Family(lambda k, nn, x: nn.GroupNormalization(2)(x(8, 8, 4)), 2 * 4, 0),
    "RMSNormalization": Family(lambda k, nn, x: nn.RMSNormalization()(x(8, 4)), 4, 0),
    "SpectralNormalization": Family(
        lambda k, nn, x: nn.SpectralNormalization(nn.Conv2D(5, 3, name="conv"), name="sn")(x(8, 8, 4)),
        3 * 3 * 4 * 5 + 5 + 5, 3 * 3 * 4 * 5 * 6 * 6, {"sn": 0, "sn.conv": 3 * 3 * 4 * 5 * 6 * 6},
    ),
    "pools": Family(
        lambda k, nn, x: nn.GlobalAveragePooling2D()(nn.AveragePooling2D(2)(nn.MaxPooling2D(2)(x(8, 8, 4)))), 0, 0
    ),
    "shared": Family(_shared, 4 * 3 + 3, 2 * 4 * 3, {"both": 2 * 4 * 3, "sum": 0}),
    "nested": Family(
        _nested, 27 * 4 + 4 + 4 * 2 + 2 + 2 * 5 + 5, (27 * 4 + 4 * 2 + 2 * 5) * 6 * 6,
        {"inner.a": 27 * 4 * 6 * 6, "inner.b": 4 * 2 * 6 * 6, "last": 2 * 5 * 6 * 6},
    ),
    "subclassed": Family(
        _subclassed, 4 * 6 + 6 + 6 * 4 + 4 + 4, (4 * 6 + 6 * 4) * 8,
        {"block": 0, "block.up": 4 * 6 * 8, "block.down": 6 * 4 * 8},
    ),
    "keras.ops": Family(
        _of_operations, 0, 8 * 8 * 4 + 8 * 8 * 4,
        {"transpose": 0, "matmul": 8 * 8 * 4, "softmax": 0, "einsum": 8 * 8 * 4},
    ),
    "a loop of 7 turns": Family(_loop, 0, 7 * 4 * 4 * 4),
}  # fmt: skip
