"""Every layer kind as a row: fields, inputs, output, parameters, MACs and FLOPs, worked out by hand."""

from typing import Any

import pytest

from costlens.arithmetic.cost import formula
from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.fields import FieldError, Words
from costlens.network.layers import Layer, layer_kind, layer_names
from costlens.network.layers._elementwise import Activation
from tests.cases import moving_layers, sequence_layers, small_layers, window_layers

# FLOPs are 2 per MAC, 1 per output for a bias, and what each row adds behind the last plus sign.
LAYERS: list[tuple[str, dict[str, Any], list[Shape], Shape, int, int, int, int]] = [
    # kind, fields, inputs, output, trainable, non-trainable, MACs, FLOPs
    # dense
    ("dense", {"units": 7}, [(5,)], (7,), 5*7 + 7, 0, 35, 70 + 7),
    ("dense", {"units": 7, "bias": False}, [(5,)], (7,), 35, 0, 35, 70),
    ("dense", {"units": 7}, [(4, 5)], (4, 7), 42, 0, 35*4, 2*140 + 28),
    ("dense", {"units": 7}, [(3, 4, 5)], (3, 4, 7), 42, 0, 35*12, 2*420 + 84),
    ("global_avg_pool", {}, [(6, 5, 3)], (3,), 0, 0, 0, 29*3),
    ("global_avg_pool", {"keep_axes": True}, [(6, 5, 3)], (1, 1, 3), 0, 0, 0, 29*3),
    ("global_avg_pool", {}, [(9, 3)], (3,), 0, 0, 0, 8*3),
    ("global_avg_pool", {}, [(2, 3, 5, 3)], (3,), 0, 0, 0, 29*3),
    ("global_max_pool", {}, [(6, 5, 3)], (3,), 0, 0, 0, 29*3),
    ("global_max_pool", {"keep_axes": True}, [(9, 3)], (1, 3), 0, 0, 0, 8*3),
    # norms: 2 an element; the statistics are not trained
    ("batch_norm", {}, [(6, 5, 3)], (6, 5, 3), 6, 6, 0, 2*90),
    ("batch_norm", {"scale": False}, [(9, 3)], (9, 3), 3, 6, 0, 2*27),
    ("batch_norm", {"scale": False, "center": False}, [(4,)], (4,), 0, 8, 0, 8),
    ("layer_norm", {}, [(6, 5, 3)], (6, 5, 3), 6, 0, 0, 2*90),
    ("layer_norm", {"center": False}, [(9, 3)], (9, 3), 3, 0, 0, 2*27),
    ("sub_spectral_norm", {"bands": 2}, [(5, 6, 3)], (5, 6, 3), 12, 12, 0, 2*90),
    ("sub_spectral_norm", {"bands": 3, "scale": False}, [(5, 6, 3)], (5, 6, 3), 9, 18, 0, 2*90),
    ("sub_spectral_norm", {"bands": 1}, [(5, 6, 3)], (5, 6, 3), 6, 6, 0, 2*90),
    ("local_response_norm", {}, [(6, 5, 8)], (6, 5, 8), 0, 0, 0, 13*240),
    ("local_response_norm", {"size": 3}, [(9, 8)], (9, 8), 0, 0, 0, 9*72),
    ("local_response_norm", {"size": 3}, [(2, 3, 4, 8)], (2, 3, 4, 8), 0, 0, 0, 9*192),
    # activations: the number each one declares, an element
    ("relu", {}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("relu6", {}, [(9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("leaky_relu", {"slope": 0.1}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 2*90),
    ("elu", {}, [(4,)], (4,), 0, 0, 0, 3*4),
    ("gelu", {}, [(9, 3)], (9, 3), 0, 0, 0, 5*27),
    ("silu", {}, [(9, 3)], (9, 3), 0, 0, 0, 5*27),
    ("hard_swish", {}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 5*90),
    ("hard_sigmoid", {}, [(9, 3)], (9, 3), 0, 0, 0, 4*27),
    ("sigmoid", {}, [(4,)], (4,), 0, 0, 0, 4*4),
    ("tanh", {}, [(9, 3)], (9, 3), 0, 0, 0, 5*27),
    ("softmax", {}, [(4,)], (4,), 0, 0, 0, 5*4),
    ("softmax", {"axis": 0}, [(9, 3)], (9, 3), 0, 0, 0, 5*27),
    ("maximum", {"value": -0.4}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("minimum", {"value": 6}, [(9, 3)], (9, 3), 0, 0, 0, 27),
    ("log", {}, [(9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("dropout", {"rate": 0.2}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 0),
    # fixed weights: a cosine and a sine for each of fft//2 + 1 bins, 4 FLOPs a magnitude; bins × bands
    ("stft", {"window": 4, "hop": 2, "fft": 4}, [(9,)], (3, 3), 0, 4*6, 24*3, 2*72 + 4*9),
    ("stft", {"window": 5, "hop": 3, "fft": 9}, [(20, 1)], (6, 5), 0, 5*10, 50*6, 2*300 + 4*30),
    ("mel", {"bands": 4, "sample_rate": 8000, "low": 0, "high": 4000}, [(6, 9)], (6, 4), 0, 9*4, 36*6, 2*216),
    # shapes
    ("flatten", {}, [(6, 5, 3)], (90,), 0, 0, 0, 0),
    ("flatten", {}, [(9, 3)], (27,), 0, 0, 0, 0),
    ("reshape", {"shape": [9, 10]}, [(6, 5, 3)], (9, 10), 0, 0, 0, 0),
    ("reshape", {"shape": [-1, 5, 1]}, [(90,)], (18, 5, 1), 0, 0, 0, 0),
    ("pad", {"amount": 1}, [(6, 5, 3)], (8, 7, 3), 0, 0, 0, 0),
    ("pad", {"amount": [0, [2, 1]]}, [(6, 5, 3)], (6, 8, 3), 0, 0, 0, 0),
    ("pad", {"amount": [0, [2, 1], 1]}, [(2, 6, 5, 3)], (2, 9, 7, 3), 0, 0, 0, 0),
    ("pad", {"amount": [[3, 0]]}, [(9, 3)], (12, 3), 0, 0, 0, 0),
    ("pad_channels", {"after": 4}, [(6, 5, 3)], (6, 5, 7), 0, 0, 0, 0),
    ("pad_channels", {"before": 1, "after": 2}, [(4,)], (7,), 0, 0, 0, 0),
    ("split", {"parts": 3}, [(6, 5, 3)], (6, 5, 1), 0, 0, 0, 0),
    ("split", {"parts": [2, 7], "axis": 0}, [(9, 3)], (2, 3), 0, 0, 0, 0),
    ("slice", {"start": 1, "size": 2}, [(6, 5, 3)], (6, 5, 2), 0, 0, 0, 0),
    ("slice", {"size": 9, "axis": 0}, [(9, 3)], (9, 3), 0, 0, 0, 0),
    ("channel_shuffle", {"groups": 4}, [(6, 5, 8)], (6, 5, 8), 0, 0, 0, 0),
    ("channel_shuffle", {"groups": 3}, [(9, 3)], (9, 3), 0, 0, 0, 0),
    ("frame", {"length": 4, "hop": 2}, [(9, 3)], (3, 4, 3), 0, 0, 0, 0),
    ("frame", {"length": 9, "hop": 4}, [(9, 3)], (1, 9, 3), 0, 0, 0, 0),
    # joins: n - 1 an element for sums and products
    ("add", {}, [(6, 5, 3), (6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("add", {}, [(9, 3), (9, 3), (9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("multiply", {}, [(6, 5, 3), (6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("multiply", {}, [(6, 5, 3), (1, 1, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("multiply", {}, [(1, 5, 3), (6, 1, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("add", {}, [(6, 5, 3), (1, 5, 3), (6, 5, 3)], (6, 5, 3), 0, 0, 0, 2*90),
    ("add", {}, [(1, 3), (9, 3)], (9, 3), 0, 0, 0, 27),
    ("concat", {}, [(6, 5, 3), (6, 5, 4)], (6, 5, 7), 0, 0, 0, 0),
    ("concat", {"axis": 0}, [(6, 5, 3), (2, 5, 3), (1, 5, 3)], (9, 5, 3), 0, 0, 0, 0),
    ("concat", {"axis": 1}, [(9, 3), (9, 1)], (9, 4), 0, 0, 0, 0),
    # squeeze-excite: mean, C → C/ratio → C with biases, ReLU 1, sigmoid 4, and the product
    ("squeeze_excite", {"ratio": 4}, [(6, 5, 8)], (6, 5, 8), 2*8*2 + 2 + 8, 0, 32, 64 + 29*8 + 2 + 2 + 8 + 4*8 + 240),
    ("squeeze_excite", {"ratio": 2}, [(9, 6)], (9, 6), 2*6*3 + 3 + 6, 0, 36, 72 + 8*6 + 3 + 3 + 6 + 4*6 + 54),
    ("squeeze_excite", {"ratio": 4}, [(2, 3, 5, 8)], (2, 3, 5, 8),
     2*8*2 + 2 + 8, 0, 32, 64 + 29*8 + 2 + 2 + 8 + 4*8 + 240),
    ("squeeze_excite", {}, [(9, 32)], (9, 32), 2*32*2 + 2 + 32, 0, 128, 256 + 8*32 + 2 + 2 + 32 + 4*32 + 9*32),
    # the first of MobileNetV3-Small (16 channels, 8 inside) and of EfficientNet-B0 (32, 8 inside, SiLU 5)
    ("squeeze_excite", {"reduced": 8, "gate": "hard_sigmoid"}, [(56, 56, 16)], (56, 56, 16), 280, 0, 2*16*8,
     512 + 3135*16 + 8 + 8 + 16 + 4*16 + 3136*16),
    ("squeeze_excite", {"reduced": 8, "inner": "silu"}, [(112, 112, 32)], (112, 112, 32), 552, 0, 2*32*8,
     1024 + 12543*32 + 8 + 5*8 + 32 + 4*32 + 12544*32),
]

REFUSALS: list[tuple[str, dict[str, Any], list[Shape], str]] = [
    # kind, fields, inputs, what the message says
    ("global_avg_pool", {}, [(8,)], "global_avg_pool takes (T, C), (H, W, C) or (D, H, W, C), received (8,)"),
    ("global_max_pool", {}, [(8,)], "global_max_pool takes (T, C), (H, W, C) or (D, H, W, C)"),
    ("local_response_norm", {}, [(8,)], "local_response_norm takes (T, C), (H, W, C) or (D, H, W, C)"),
    ("reshape", {"shape": [7, 2]}, [(3, 5)], "reshape: (3, 5) holds 15 values, (7, 2) cannot hold them"),
    ("reshape", {"shape": [-1, 4]}, [(3, 5)], "reshape: (3, 5) holds 15 values, (-1, 4) cannot hold them"),
    ("reshape", {"shape": [-1, 20]}, [(3, 5)], "(-1, 20) cannot hold them"),
    ("pad", {"amount": 1}, [(8,)], "pad takes (T, C), (H, W, C) or (D, H, W, C)"),
    ("pad", {"amount": [1, 1]}, [(8, 2)], "amount: expected 1 value(s) for an input with 1 spatial axis"),
    ("stft", {"window": 9, "hop": 2, "fft": 9}, [(8,)],
     "stft: window (=9) is longer than its input (=8); shorten it, or give a longer input"),
    ("stft", {"window": 4, "hop": 2, "fft": 4}, [(8, 2)],
     "stft takes a waveform, (T,) or (T, 1), received (8, 2); add a reshape before it"),
    ("frame", {"length": 9, "hop": 2}, [(8, 1)], "frame: length (=9) is longer than its input (=8)"),
    ("frame", {"length": 4, "hop": 2}, [(8,)], "frame takes (T, C), received (8,); add a reshape before it"),
    ("add", {}, [(4, 4, 2), (4, 4, 3)],
     "add: expected inputs of one shape, received (4, 4, 2), (4, 4, 3); project the shorter side with a 1×1 conv"),
    ("add", {}, [(4, 2), (1, 4, 2)], "add: expected inputs of one shape, received (4, 2), (1, 4, 2)"),
    ("multiply", {}, [(4, 2), (4, 2), (3, 2)], "multiply: expected inputs of one shape"),
    ("concat", {}, [(4, 4, 2), (4, 3, 2)],
     "concat: inputs may differ along axis -1 only, received (4, 4, 2), (4, 3, 2); match strides and padding"),
    ("concat", {"axis": 0}, [(4, 2), (4, 3)], "concat: inputs may differ along axis 0 only"),
    ("concat", {}, [(4, 2), (2,)], "concat: inputs may differ along axis -1 only"),
    ("concat", {"axis": 2}, [(4, 2), (4, 2)], "concat: expected an axis from -2 to 1, received 2"),
    ("add", {}, [(4, 1, 3), (2, 5, 3)], "add: expected inputs of one shape, received (4, 1, 3), (2, 5, 3)"),
    ("squeeze_excite", {"ratio": 3}, [(4, 4, 8)], "squeeze_excite: channels (=8) must be divisible by ratio (=3)"),
    ("squeeze_excite", {}, [(4, 4, 8)], "channels (=8) must be divisible by ratio (=16); or give reduced"),
    ("squeeze_excite", {"reduced": 2}, [(8,)], "squeeze_excite takes (T, C), (H, W, C) or (D, H, W, C)"),
    ("channel_shuffle", {"groups": 3}, [(4, 4, 8)],
     "channel_shuffle: channels (=8) must be divisible by groups (=3)"),
    ("slice", {"start": 2, "size": 5}, [(4, 6)], "slice: start (=2) + size (=5) is 7, axis -1 of (4, 6) has 6"),
    ("slice", {"size": 5, "axis": 0}, [(4, 6)], "slice: start (=0) + size (=5) is 5, axis 0 of (4, 6) has 4"),
    ("slice", {"size": 1, "axis": 2}, [(4, 6)], "slice: expected an axis from -2 to 1, received 2"),
    ("split", {"parts": 4}, [(4, 6)],
     "split: axis -1 of (4, 6) must be divisible by parts (=4); or give the size of each part"),
    ("split", {"parts": [2, 3]}, [(4, 6)], "split: parts add up to 5, axis -1 of (4, 6) has 6"),
    ("split", {"parts": 2, "axis": 2}, [(4, 6)], "split: expected an axis from -2 to 1, received 2"),
    ("sub_spectral_norm", {"bands": 4}, [(4, 6, 8)],
     "sub_spectral_norm: frequencies (=6) must be divisible by bands (=4)"),
    ("sub_spectral_norm", {"bands": 2}, [(4, 6)], "sub_spectral_norm takes (T, F, C), received (4, 6)"),
]

INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, fields, the field, what the message says
    ("dense", {"units": -3}, "units", "from 1"),
    ("batch_norm", {"epsilon": 0}, "epsilon", "a number above 0"),
    ("batch_norm", {"epsilon": float("nan")}, "epsilon", "a number"),
    ("layer_norm", {"epsilon": float("inf")}, "epsilon", "a number"),
    ("leaky_relu", {"slope": 1}, "slope", "below 1"),
    ("elu", {"alpha": 0}, "alpha", "a number above 0"),
    ("dropout", {"rate": 1}, "rate", "below 1"),
    ("maximum", {"value": "x"}, "value", "a number"),
    ("minimum", {"value": float("nan")}, "value", "a number"),
    ("local_response_norm", {"size": 4}, "size", "expected an odd number of channels"),
    ("reshape", {"shape": [-1, -1]}, "shape", "expected positive sizes, at most one of them -1"),
    ("reshape", {"shape": [0, 4]}, "shape", "expected positive sizes"),
    ("reshape", {"shape": [1, 1, 1, 1, 1]}, "shape", "a list of 1 to 4 of"),
    ("pad", {"amount": [-1, 0]}, "amount", "a whole number from 0"),
    ("stft", {"window": 9, "hop": 2, "fft": 8}, "fft", "expected at least the window (=9)"),
    ("mel", {"bands": 4, "sample_rate": 8000, "low": 0, "high": 4001}, "high", "at most half the sample rate (=8000)"),
    ("mel", {"bands": 4, "sample_rate": 8000, "low": 300, "high": 300}, "high", "expected more than low (=300)"),
    ("log", {"offset": 0}, "offset", "a number above 0"),
    ("squeeze_excite", {"gate": "exp"}, "gate", "softsign or tanh"),
    ("squeeze_excite", {"inner": "prelu"}, "inner", "softsign or tanh"),
    ("squeeze_excite", {"reduced": 3, "ratio": 4}, "reduced", "expected ratio or reduced, not both (ratio is 4)"),
    ("channel_shuffle", {}, "groups", "missing"),
    ("pad_channels", {"after": -1}, "after", "a whole number from 0"),
    ("sub_spectral_norm", {"scale": False}, "bands", "missing"),
    ("split", {"parts": 1}, "parts", "a whole number from 2"),
    ("relu", {"slope": 0.1}, "slope", "unknown field"),
]

LAYERS += moving_layers.LAYERS + small_layers.LAYERS + window_layers.LAYERS + sequence_layers.LAYERS
REFUSALS += moving_layers.REFUSALS + small_layers.REFUSALS + window_layers.REFUSALS + sequence_layers.REFUSALS
INVALID += moving_layers.INVALID + small_layers.INVALID + window_layers.INVALID + sequence_layers.INVALID


def test_the_table_names_every_kind() -> None:
    assert {row[0] for row in LAYERS} == set(layer_names())


@pytest.mark.parametrize(("kind", "fields", "inputs", "output", "trainable", "statistics", "macs", "flops"), LAYERS)
def test_shape_and_cost(
    kind: str, fields: dict[str, Any], inputs: list[Shape], output: Shape,
    trainable: int, statistics: int, macs: int, flops: int,
) -> None:  # fmt: skip
    layer = layer_kind(kind)(**fields)
    cost = layer.cost(*inputs)
    assert layer.output_shape(*inputs) == output
    assert (cost.trainable, cost.non_trainable, cost.macs, cost.flops) == (trainable, statistics, macs, flops)
    assert cost.uncounted == ()


@pytest.mark.parametrize(("kind", "fields", "inputs", "says"), REFUSALS)
def test_a_layer_refuses_an_input_it_cannot_take(
    kind: str, fields: dict[str, Any], inputs: list[Shape], says: str
) -> None:
    layer = layer_kind(kind)(**fields)
    with pytest.raises(ShapeError) as caught:
        layer.output_shape(*inputs)
    assert says in str(caught.value)


@pytest.mark.parametrize(("kind", "fields", "field", "says"), INVALID)
def test_a_layer_refuses_a_field_that_cannot_be(kind: str, fields: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(FieldError) as caught:
        layer_kind(kind)(**fields)
    assert says in caught.value.wrong[field]
    assert str(caught.value).startswith(f"{kind}: {field}: ")


@pytest.mark.parametrize("kind", layer_names())
def test_a_kind_is_one_documented_class(kind: str) -> None:
    made = layer_kind(kind)
    assert made.kind() == kind
    assert issubclass(made, Layer)
    assert (made.__doc__ or "").strip()
    assert "->" in (made.__doc__ or "").partition("\n\n")[0], "the first line shows the shape arrow"
    assert made.shorthand is None or made.shorthand in made.fields()
    assert all(field.description for field in made.fields().values())


@pytest.mark.parametrize("kind", [kind for kind in layer_names() if not layer_kind(kind).fits_by])
def test_a_kind_without_a_size_fits_no_other_tensor(kind: str) -> None:
    with pytest.raises(ShapeError, match=f"{kind} has no field"):
        layer_kind(kind).fitting((8, 8, 3), (4, 4, 3))


def test_an_unknown_kind_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        layer_kind("kernal")


def test_squeeze_excite_takes_every_activation_that_keras_has_by_a_word() -> None:
    fields = layer_kind("squeeze_excite").fields()
    words = tuple(name for name in layer_names() if issubclass(layer_kind(name), Activation))
    for name in ("inner", "gate"):
        (taken,) = fields[name].type
        assert isinstance(taken, Words)
        assert tuple(taken.words) == words
        assert "maximum" not in taken.words


def test_layers_are_values() -> None:
    kind = layer_kind("conv")
    one, other = kind(filters=4, kernel=[3, 3]), kind(filters=4, kernel=(3, 3))
    assert one == other
    assert hash(one) == hash(other)
    assert one != kind(filters=4, kernel=3, stride=2)
    with pytest.raises(AttributeError, match="frozen"):
        one.filters = 5  # type: ignore[attr-defined]


@pytest.mark.parametrize(("kind", "fields", "shape", "written"), [
    ("conv", {"filters": 8, "kernel": 3, "stride": 2}, (8, 6, 4), "3·3·4·8 = 288, × 4·3"),
    ("conv", {"filters": 8, "kernel": 1}, (8, 6, 4), "4·8 = 32, × 8·6"),
    ("conv", {"filters": 8, "kernel": 3, "groups": 2}, (8, 6, 4), "3·3·2·8 = 144, × 8·6"),
    ("depthwise", {"kernel": 3}, (8, 6, 4), "3·3·4 = 36, × 8·6"),
    ("depthwise", {"kernel": 3, "multiplier": 2}, (8, 4), "3·4·2 = 24, × 8"),
    ("conv", {"filters": 8, "kernel": [1, 3, 3]}, (4, 8, 6, 4), "1·3·3·4·8 = 288, × 4·8·6"),
    ("conv_transpose", {"filters": 8, "kernel": 2, "stride": 2}, (8, 6, 4), "2·2·4·8 = 128, × 8·6"),
    ("conv_transpose", {"filters": 8, "kernel": 2, "stride": 2, "groups": 2}, (8, 6, 4), "2·2·2·8 = 64, × 8·6"),
    ("dense", {"units": 1000}, (1024,), "1024·1000 = 1,024,000"),
    ("squeeze_excite", {"ratio": 4}, (8, 6, 16), "16·4 + 4·16 = 128"),
    ("lstm", {"units": 64}, (50, 40), "40·4·64 + 64·4·64 = 26,624, × 50"),
    ("gru", {"units": 64, "bidirectional": True}, (50, 40), "2·40·3·64 + 2·64·3·64 = 39,936, × 50"),
    ("einsum_dense", {"equation": "abc,cde->abde", "output": [None, 4, 16]}, (50, 64), "64·4·16 = 4,096, × 50"),
    ("simple_rnn", {"units": 64}, (50, 40), "40·64 + 64·64 = 6,656, × 50"),
    ("stft", {"window": 400, "hop": 160, "fft": 512}, (15_600,), "400·514 = 205,600 fixed, × 96"),
    ("relu", {}, (8, 6, 4), ""),
])  # fmt: skip
def test_formula_of_a_layer(kind: str, fields: dict[str, Any], shape: Shape, written: str) -> None:
    assert formula(layer_kind(kind)(**fields).cost(shape).contractions) == written


@pytest.mark.parametrize(("fields", "shape", "others"), [
    ({"parts": 3}, (6, 5, 3), {"part2": (6, 5, 1), "part3": (6, 5, 1)}),
    ({"parts": [2, 3, 4], "axis": 0}, (9, 3), {"part2": (3, 3), "part3": (4, 3)}),
])  # fmt: skip
def test_further_outputs(fields: dict[str, Any], shape: Shape, others: dict[str, Shape]) -> None:
    assert layer_kind("split")(**fields).more_outputs(shape) == others


GEOMETRIES: list[tuple[str, dict[str, Any], Shape, tuple[Any, Any, Any]]] = [
    ("conv", {"filters": 8, "kernel": 3, "stride": [2, 1], "groups": 2}, (8, 6, 4), ((3, 3), (2, 1), 2)),
    ("conv", {"filters": 8, "kernel": 5}, (8, 4), ((5,), (1,), 1)),
    ("depthwise", {"kernel": [3, 1]}, (8, 6, 4), ((3, 1), (1, 1), 4)),
    ("conv", {"filters": 8, "kernel": [1, 3, 3], "stride": 2}, (4, 8, 6, 4), ((1, 3, 3), (2, 2, 2), 1)),
    ("conv_transpose", {"filters": 8, "kernel": 4, "stride": 2}, (8, 6, 4), ((4, 4), (2, 2), 1)),
    ("conv_transpose", {"filters": 8, "kernel": 4, "stride": 2, "groups": 4}, (8, 6, 4), ((4, 4), (2, 2), 4)),
    ("max_pool", {"kernel": [2, 3]}, (8, 6, 4), ((2, 3), (2, 3), None)),
    ("avg_pool", {"kernel": 3, "stride": 1}, (8, 4), ((3,), (1,), None)),
    ("stft", {"window": 8, "hop": 3, "fft": 16}, (40,), ((8,), (3,), 1)),
    ("dense", {"units": 4}, (8,), (None, None, None)),
]


@pytest.mark.parametrize(("kind", "fields", "shape", "expected"), GEOMETRIES)
def test_geometry(kind: str, fields: dict[str, Any], shape: Shape, expected: tuple[Any, Any, Any]) -> None:
    geometry = layer_kind(kind)(**fields).geometry(shape)
    assert (geometry.kernel, geometry.stride, geometry.groups) == expected
