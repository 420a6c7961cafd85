"""Words of other frameworks: each leads to what it means, and what a message tells to write counts."""

from collections import Counter
from collections.abc import Iterator, Mapping

import pytest

from costlens.errors import SpecError
from costlens.network.count import count
from costlens.network.layers import layer_kind, layer_names
from costlens.spec import elsewhere, language
from costlens.spec import elsewhere_words as words
from costlens.spec.elsewhere import plainly
from costlens.spec.elsewhere_words import Answer
from costlens.spec.loading import loads

STARTS = tuple(sorted(language.words()))


def said(layer: str, reads: tuple[int, ...] = (32, 32, 8)) -> str:
    """Return what is said of a spec of one layer, without where it stands."""
    with pytest.raises(SpecError) as caught:
        loads(f"name: t\ninput: {[*reads]}\nlayers:\n  - {layer}\n", file="spec.yaml")
    return "\n".join(problem.message for problem in caught.value.problems)


LAYERS = {
    "swish": "swish: unknown layer or block; it is called silu here",
    "nn.SiLU: {inplace: true}": "nn.SiLU: unknown layer or block; it is called silu here",
    "fc: 10": "fc: unknown layer or block; it is called dense here",
    "linear: 10": "linear: unknown layer or block; it is called dense here",
    "standard: {filters: 8, kernel: 3}": "standard: unknown layer or block; it is called conv here",
    "Conv2D: {filters: 8, kernel: 3}": "Conv2D: unknown layer or block; it is called conv here",
    "nn.Conv2d: {out_channels: 8}": "nn.Conv2d: unknown layer or block; it is called conv here",
    "tf.keras.layers.Conv2DTranspose: {filters: 8}": "it is called conv_transpose here",
    "SeparableConv2D: {filters: 8}": "SeparableConv2D: unknown layer or block; it is called separable here",
    "DepthwiseConv2D: {kernel: 3}": "DepthwiseConv2D: unknown layer or block; it is called depthwise here",
    "MaxPooling2D: 2": "MaxPooling2D: unknown layer or block; it is called max_pool here",
    "AveragePooling2D: 2": "AveragePooling2D: unknown layer or block; it is called avg_pool here",
    "GlobalAveragePooling2D": "GlobalAveragePooling2D: unknown layer or block; it is called global_avg_pool here",
    "GlobalMaxPool": "GlobalMaxPool: unknown layer or block; it is called global_max_pool here",
    "bn": "bn: unknown layer or block; it is called batch_norm here",
    "BatchNormalization": "BatchNormalization: unknown layer or block; it is called batch_norm here",
    "LayerNormalization": "LayerNormalization: unknown layer or block; it is called layer_norm here",
    "Gemm: 10": "Gemm: unknown layer or block; it is called dense here",
    "LRN": "LRN: unknown layer or block; it is called local_response_norm here",
    "ReLU6": "ReLU6: unknown layer or block; it is called relu6 here",
    "LeakyReLU: 0.1": "LeakyReLU: unknown layer or block; it is called leaky_relu here",
    "ZeroPadding2D: 1": "ZeroPadding2D: unknown layer or block; it is called pad here",
    "Concatenate: {axis: -1}": "Concatenate: unknown layer or block; it is called concat here",
    "Mul: {from: [a, b]}": "Mul: unknown layer or block; it is called multiply here",
    "adaptive_avg_pool: {output: 3}": "adaptive_avg_pool: unknown layer or block; a pool takes the sizes of its "
    "output: avg_pool: {output: 3}",
    "activation: relu": "activation: unknown layer or block; an activation is a layer by its own name: relu",
    "dilation: 2": "dilation: unknown layer or block; conv and depthwise have it as a field: "
    "conv: {filters: 16, kernel: 3, dilation: 2}",
    "cnov: {filters: 8, kernel: 3}": 'cnov: unknown layer or block (did you mean "conv"?)',
    "seperable: {filters: 8, kernel: 3}": 'seperable: unknown layer or block (did you mean "separable"?)',
    "batch_nrom": 'batch_nrom: unknown layer or block (did you mean "batch_norm"?)',
    "atanh": "atanh: unknown layer or block; costlens kinds lists what there is",
    "max_unpool: 2": "max_unpool: unknown layer or block; costlens kinds lists what there is",
}


@pytest.mark.parametrize("written", LAYERS)
def test_a_layer_by_another_word_is_answered_with_ours(written: str) -> None:
    assert LAYERS[written] in said(written)


FIELDS = {
    "conv: {out_channels: 8, kernel_size: 3, strides: 2}": (
        "out_channels: unknown field; it is called filters here",
        "kernel_size: unknown field; it is called kernel here",
        "strides: unknown field; it is called stride here",
    ),
    "conv: {units: 8, ksize: 3, dilation_rate: 2}": (
        "units: unknown field; it is called filters here",
        "ksize: unknown field; it is called kernel here",
        "dilation_rate: unknown field; it is called dilation here",
    ),
    "dense: {filters: 8, use_bias: false}": (
        "filters: unknown field; it is called units here",
        "use_bias: unknown field; it is called bias here",
    ),
    "dense: {out_features: 8, in_features: 8}": (
        "out_features: unknown field; it is called units here",
        "in_features: unknown field; leave it out: a layer reads the channels of its input",
    ),
    "conv: {filters: 8, kernel: 3, in_channels: 8, data_format: NHWC, kernel_initializer: he}": (
        "in_channels: unknown field; leave it out: a layer reads the channels of its input",
        "data_format: unknown field; leave it out: shapes are without the batch, channels last",
        "kernel_initializer: unknown field; leave it out: it changes no count",
    ),
    "dropout: {p: 0.2}": ("p: unknown field; it is called rate here",),
    "leaky_relu: {alpha: 0.1}": ("alpha: unknown field; it is called slope here",),
    "batch_norm: {eps: 1.0e-5, momentum: 0.9, axis: -1}": (
        "eps: unknown field; it is called epsilon here",
        "momentum: unknown field; leave it out: it changes no count",
        "axis: unknown field; leave it out: the norm is for each channel, the last axis",
    ),
    "conv: {filters: 8, kernel: 3, act: relu, bn: true}": (
        "act: unknown field; it is called activation here",
        "bn: unknown field; the norm after a layer is its field norm: conv: {filters: 16, kernel: 3, norm: batch}",
    ),
    "max_pool: {pool_size: 2}": ("pool_size: unknown field; it is called kernel here",),
    "conv: {filters: 8, kernel: 3, activation: swish}": ('activation: received "swish"; it is called silu here',),
    "conv: {filters: 8, kernel: 3, activation: linear}": ('activation: received "linear"; it is called none here',),
    "conv: {filters: 8, kernel: 3, activation: None}": ('activation: received "None"; it is called none here',),
    "conv: {filters: 8, kernel: 3, activation: ReLU}": ('activation: received "ReLU"; it is called relu here',),
    "conv: {filters: 8, kernel: 3, activation: batch_norm}": (
        'activation: received "batch_norm"; batch_norm is a layer of its own; write it after this one',
    ),
    "conv: {filters: 8, kernel: 3, norm: bn}": ('norm: received "bn"; it is called batch here',),
    "conv: {filters: 8, kernel: 3, norm: batch_norm}": ('norm: received "batch_norm"; it is called batch here',),
    "conv: {filters: 8, kernel: 3, padding: SAME}": ('padding: received "SAME"; it is called same here',),
    "conv: {filters: 8, kernel: 3, padding: same_upper}": ('padding: received "same_upper"; it is called same here',),
    "squeeze_excite: {inner: swish}": ('inner: received "swish"; it is called silu here',),
    "squeeze_excite: {reduction: 4}": ("reduction: unknown field; it is called ratio here",),
    "branches: {join: Concatenate, paths: [[], [relu]]}": (
        'received "Concatenate"; it is called concat here',
    ),
}


@pytest.mark.parametrize("written", FIELDS)
def test_fields_and_values_by_other_words_are_answered_with_ours(written: str) -> None:
    """A field whose word is known is not reported as missing, too."""
    found = said(written)
    assert [line for line in FIELDS[written] if line not in found] == []
    assert "missing" not in found


def answers() -> Iterator[tuple[str, Answer]]:
    """Yield every answer of the table, by the word that it is given for."""
    yield from words.LAYERS.items()
    yield from words.OF_ANY.items()
    yield from ((f"{kind}.{name}", answer) for (kind, name), answer in words.OF_KIND.items())
    yield from words.VALUE_ANSWERS.items()


TOLD = {answer.write: answer for _, answer in answers() if answer.write}


@pytest.mark.parametrize("write", TOLD)
def test_what_an_answer_tells_to_write_counts(write: str) -> None:
    body = f" {write}" if write.startswith("[") else f"\n  - {write}"
    counted = count(loads(f"name: t\ninput: {[*TOLD[write].reads]}\nlayers:{body}\n").graph)
    assert counted.rows
    assert set(counted.status.values()) == {"complete"}


def test_a_field_that_is_to_be_left_out_can_be() -> None:
    """The layer counts without it, and what it holds is no field of ours."""
    left_out = {name for name, answer in words.OF_ANY.items() if answer.says.startswith("leave it out")}
    assert left_out >= {"inchannels", "dataformat", "momentum"}
    for word in ("conv", "dense", "batch_norm"):
        assert not left_out & {plainly(name) for name in language.kind(word).fields}


def test_the_words_of_the_table_are_written_plainly_and_belong_to_no_file() -> None:
    keys = [*words.CALLED, *words.LAYERS, *words.FIELDS, *words.OF_ANY, *(name for _, name in words.OF_KIND)]
    keys += [*words.NOTHING, *words.VALUES, *words.VALUE_ANSWERS, *words.OTHERS]
    assert [key for key in keys if plainly(key) != key] == []
    of_files = {plainly(word) for name in layer_names() for word in (name, *layer_kind(name).also_called)}
    assert not of_files & {*words.CALLED, *words.LAYERS, *words.OTHERS}


def test_no_word_stands_for_two_layers() -> None:
    listed = Counter(plainly(name) for name in layer_names())
    for name in layer_names():
        listed.update({plainly(word) for word in layer_kind(name).also_called} - {plainly(name)})
    assert [word for word, times in listed.items() if times > 1] == []


def test_the_fields_of_ours_that_the_table_names_exist() -> None:
    ours = {name for word in language.layer_words() for name in language.kind(word).fields}
    ours |= {name for fields in language.STRUCTURES.values() for name in fields}
    named: Mapping[str, set[str]] = {key: {*fields} - ours for key, fields in words.FIELDS.items()}
    assert {key: fields for key, fields in named.items() if fields} == {}


TORCH = (
    "AdaptiveAvgPool2d AdaptiveLogSoftmaxWithLoss AdaptiveMaxPool1d AlphaDropout AvgPool3d BatchNorm1d Bilinear CELU "
    "ChannelShuffle CircularPad2d ConstantPad2d Conv2d ConvTranspose1d CosineSimilarity Dropout1d ELU Embedding "
    "EmbeddingBag FeatureAlphaDropout Flatten Fold FractionalMaxPool2d GELU GLU GRU GRUCell GroupNorm Hardshrink "
    "Hardsigmoid Hardswish Hardtanh Identity InstanceNorm2d LPPool2d LSTM LSTMCell LayerNorm LazyConv2d LeakyReLU "
    "Linear LocalResponseNorm LogSigmoid LogSoftmax MaxPool2d MaxUnpool2d Mish MultiheadAttention PReLU "
    "PairwiseDistance PixelShuffle PixelUnshuffle RMSNorm RNN RReLU ReLU ReLU6 ReflectionPad2d ReplicationPad2d SELU "
    "Sequential SiLU Sigmoid Softmax Softmax2d Softmin Softplus Softshrink Softsign SyncBatchNorm Tanh Tanhshrink "
    "Threshold Transformer Unflatten Unfold Upsample UpsamplingBilinear2d ZeroPad2d absolute addcmul "
    "adaptive_avg_pool2d amax argmax bmm cat chunk clamp conv1d cumsum einsum erf flip gather interpolate log1p "
    "logsumexp masked_fill matmul mean mm mul narrow norm permute pow rsqrt scaled_dot_product_attention select split "
    "squeeze stack std sub sum tan transpose unsqueeze var view where "
)


def test_no_name_of_another_framework_is_guessed_at_by_its_letters() -> None:
    import keras
    import onnx

    theirs = {name for name in dir(keras.layers) if name[0].isupper()} | {
        name for name in dir(keras.activations) if name[0].islower()
    }
    theirs |= {schema.name for schema in onnx.defs.get_all_schemas()} | {*TORCH.split()}
    assert len(theirs) > 400
    guessed = {name: elsewhere.slip(name, STARTS) for name in theirs if not elsewhere.layer(name, STARTS)}
    assert {name: guess for name, guess in guessed.items() if guess} == {}
