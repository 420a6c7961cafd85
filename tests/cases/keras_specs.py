"""Keras models with the statements that say the same, and models that no spec says, with what is said of them.

A model is made of Keras, of its layers and of inputs: ``x(8, 4)`` is an input of that shape.
"""

from typing import Any

from tests.cases.keras_layers import Make


def _chain(*shape: int, of: Any) -> Make:
    """Return a model of layers one after the other."""

    def make(keras: Any, layers: Any, x: Any) -> Any:
        tensor = x(*shape)
        for layer in of(layers):
            tensor = layer(tensor)
        return tensor

    return make


def _gated(keras: Any, layers: Any, x: Any) -> Any:
    """Squeeze and excite, as MobileNetV3 of keras.applications has it."""
    one = layers.Conv2D(8, 3, name="a")(x(9, 8, 3))
    gate = layers.GlobalAveragePooling2D(keepdims=True, name="squeeze")(one)
    gate = layers.Conv2D(8, 1, name="excite")(gate)
    gate = layers.ReLU(6.0, name="gate")(gate + 3.0) * (1.0 / 6.0)
    return layers.Multiply(name="scaled")([one, gate])


def _attended(keras: Any, layers: Any, x: Any) -> Any:
    query, memory = x(5, 8), x(7, 6)
    own = layers.MultiHeadAttention(2, 4, name="own")(query, query, use_causal_mask=True)
    return layers.MultiHeadAttention(2, 3, value_dim=5, output_shape=9, name="cross")(own, memory)


def _twice(keras: Any, layers: Any, x: Any) -> Any:
    dense, norm = layers.Dense(4, name="both"), layers.BatchNormalization(name="n")
    return layers.Subtract(name="apart")([norm(dense(x(4))), dense(x(4))])


def _nested(keras: Any, layers: Any, x: Any) -> Any:
    inner = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3, name="a"), layers.ReLU(name="b")], name="in")
    one = x(8, 8, 3)
    return layers.Add(name="sum")([inner(one), inner(layers.Conv2D(3, 1, name="first")(one))])


def _states(keras: Any, layers: Any, x: Any) -> Any:
    whole, h, c = layers.LSTM(4, return_sequences=True, return_state=True, name="l")(x(6, 3))
    return layers.LSTM(4, name="m")(whole, initial_state=[h, c])


SAID: dict[str, tuple[Make, tuple[str, ...]]] = {
    "a row of a convolution": (
        _chain(9, 8, 3, of=lambda k: [
            k.ZeroPadding2D(((1, 2), (3, 3)), name="p"), k.Conv2D(4, (3, 2), strides=2, use_bias=False, name="c"),
            k.BatchNormalization(epsilon=1e-5, name="n"), k.Activation("relu", name="r"),
        ]),
        ("conv: {name: c, kernel: [3, 2], stride: 2, padding: [[1, 2], 3], filters: 4, bias: false, "
         "norm: {batch: {epsilon: 1.0e-05}}, activation: relu}",),
    ),
    "convolutions with an activation of their own": (
        _chain(9, 8, 4, of=lambda k: [
            k.Conv2D(4, 3, activation="silu", padding="same", groups=2, dilation_rate=2, name="g"),
            k.SeparableConv2D(6, 3, depth_multiplier=2, activation="gelu", name="s"),
            k.DepthwiseConv2D(3, padding="same", use_bias=False, name="d"),
            k.Conv2DTranspose(3, 4, strides=2, padding="same", name="t"),
        ]),
        (
            "conv: {name: g, kernel: 3, dilation: 2, filters: 4, groups: 2, activation: silu}",
            "depthwise: {name: s_depthwise, kernel: 3, padding: valid, multiplier: 2, bias: false}",
            "conv: {name: s, kernel: 1, filters: 6, activation: gelu}",
            "depthwise: {name: d, kernel: 3, bias: false}",
            "conv_transpose: {name: t, filters: 3, kernel: 4, stride: 2}",
        ),
    ),
    "signals and volumes": (
        _chain(20, 3, of=lambda k: [
            k.Conv1D(4, 5, padding="causal", dilation_rate=2, name="c"), k.MaxPooling1D(2, name="m"),
            k.UpSampling1D(2, name="u"), k.Cropping1D((1, 2), name="o"), k.ZeroPadding1D(2, name="z"),
            k.Reshape((7, 3, 4), name="r"), k.Reshape((7, 3, 4, 1), name="v"), k.Conv3D(2, 2, name="w"),
            k.AveragePooling3D((2, 1, 2), strides=1, padding="same", name="a"), k.GlobalMaxPooling3D(name="x"),
        ]),
        (
            "conv: {name: c, kernel: 5, padding: causal, dilation: 2, filters: 4}",
            "max_pool: {name: m, kernel: 2}",
            "upsample: {name: u, factor: 2}",
            "crop: {name: o, amount: [[1, 2]]}",
            "pad: {name: z, amount: 2}",
            "reshape: {name: r, shape: [7, 3, 4]}",
            "reshape: {name: v, shape: [7, 3, 4, 1]}",
            "conv: {name: w, kernel: 2, padding: valid, filters: 2}",
            "avg_pool: {name: a, kernel: [2, 1, 2], stride: 1, padding: same}",
            "global_max_pool: {name: x}",
        ),
    ),
    "norms, and inputs put in order": (
        _chain(6, 5, 4, of=lambda k: [
            k.Rescaling(2.0, offset=-1, name="s"),
            k.Normalization(mean=[1, 2, 3, 4], variance=[1, 4, 9, 16], name="i"), k.Normalization(name="j"),
            k.LayerNormalization(epsilon=1e-6, name="l"), k.GroupNormalization(2, name="g"),
            k.UnitNormalization(name="u"), k.PReLU(shared_axes=[1, 2], name="p"), k.ReLU(4.0, name="r"),
            k.Permute((2, 3, 1), name="t"), k.Dropout(0.2, name="d"), k.GaussianNoise(0.1, name="n"),
            k.Flatten(name="f"), k.Dense(3, activation="softmax", name="o"),
        ]),
        (
            "multiply: {name: s_scale, value: 2.0}",
            "add: {name: s, value: -1.0}",
            "normalization: {name: i, mean: [1.0, 2.0, 3.0, 4.0], variance: [1.0, 4.0, 9.0, 16.0]}",
            "normalization: {name: j}",
            "layer_norm: {name: l, epsilon: 1.0e-06}",
            "group_norm: {name: g, groups: 2}",
            "unit_norm: {name: u}",
            "prelu: {name: p}",
            "relu: {name: r_relu}",
            "minimum: {name: r, value: 4.0}",
            "transpose: {name: t, axes: [1, 2, 0]}",
            "dropout: {name: d, rate: 0.2}",
            "dropout: {name: n, rate: 0.0}",
            "flatten: {name: f}",
            "dense: {name: o, units: 3, activation: softmax}",
        ),
    ),
    "a gate of operations": (
        _gated,
        (
            "conv: {name: a, kernel: 3, padding: valid, filters: 8}",
            "global_avg_pool: {name: squeeze, keep_axes: true}",
            "conv: {name: excite, kernel: 1, padding: valid, filters: 8}",
            "add: {name: add, value: 3.0}",
            "relu6: {name: gate}",
            "multiply: {name: multiply, value: 0.16666666666666666}",
            "multiply: {name: scaled, from: [a, multiply]}",
        ),
    ),
    "attention": (
        _attended,
        (
            "attention: {name: own, from: x0, heads: 2, key_size: 4, causal: true}",
            "attention: {name: cross, from: [own, x1], heads: 2, key_size: 3, value_size: 5, units: 9}",
        ),
    ),
    "recurrent layers": (
        _chain(9, 4, of=lambda k: [
            k.Bidirectional(k.GRU(3, return_sequences=True, reset_after=False), merge_mode="sum", name="b"),
            k.LSTM(5, return_sequences=True, go_backwards=True, name="l"), k.SimpleRNN(2, activation="relu", name="s"),
        ]),
        (
            "gru: {name: b, units: 3, return_sequences: true, bidirectional: true, merge: sum, reset_after: false}",
            "lstm: {name: l, units: 5, return_sequences: true, go_backwards: true}",
            "simple_rnn: {name: s, units: 2, inner: relu}",
        ),
    ),
    "states": (
        _states,
        (
            "lstm: {name: l, units: 4, return_sequences: true, return_state: true}",
            "lstm: {name: m, from: [l, l.h, l.c], units: 4}",
        ),
    ),
    "tokens": (
        lambda keras, k, x: k.Dense(2, name="d")(k.Embedding(10, 4, name="e")(x(6, dtype="int32"))),
        ("embedding: {name: e, size: 10, units: 4}", "dense: {name: d, units: 2}"),
    ),
    "weights that are used twice": (
        _twice,
        (
            "dense: {name: both, from: x0, units: 4}",
            "batch_norm: {name: n}",
            "shared: {name: both_2, from: x1, of: both}",
            "subtract: {name: apart, from: [n, both_2]}",
        ),
    ),
    "a model within a model, twice": (
        _nested,
        (
            "conv: {name: in_a, kernel: 3, padding: valid, filters: 4}",
            "relu: {name: in_b}",
            "conv: {name: first, from: input, kernel: 1, padding: valid, filters: 3}",
            "shared: {name: in_a_2, of: in_a}",
            "relu: {name: in_b_2}",
            "add: {name: sum, from: [in_b, in_b_2]}",
        ),
    ),
}
"""Models, and the statements of their specs."""


def _own(keras: Any, layers: Any, x: Any) -> Any:
    class Doubled(layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, given: Any) -> Any:
            return given * 2

    return Doubled(name="own")(layers.Dense(3, activation=keras.ops.cos, name="c")(x(4)))


UNSAID: dict[str, tuple[Make, tuple[str, ...]]] = {
    "a Lambda": (_chain(4, of=lambda k: [k.Lambda(lambda x: x + x, name="l")]), ("l (Lambda): no kind is called so",)),
    "a layer of somebody's own, and a function": (
        _own, ("2 layers have no kind", "c (Dense): activation:", "own (Doubled): no kind is called so"),
    ),
    "a norm of another axis": (
        _chain(6, 5, 4, of=lambda k: [k.BatchNormalization(axis=1, name="n")]),
        ("n (BatchNormalization): axis: 0 behind the batch; norms are of the channels, the last axis",),
    ),
    "channels first": (
        _chain(4, 6, 5, of=lambda k: [k.AveragePooling2D(2, data_format="channels_first", name="p")]),
        ("p (AveragePooling2D): data_format: channels_first",),
    ),
    "gates of another kind": (
        _chain(9, 4, of=lambda k: [k.LSTM(3, recurrent_activation="hard_sigmoid", name="l")]),
        ("l (LSTM): recurrent_activation: hard_sigmoid",),
    ),
    "a shape that another kind would make": (
        _chain(9, 8, 4, of=lambda k: [k.Conv2DTranspose(3, 3, strides=2, output_padding=1, name="t")]),
        ("t (Conv2DTranspose): output_padding of Keras's own meaning",),
    ),
}  # fmt: skip
"""Models that no spec says, and parts of the message."""
