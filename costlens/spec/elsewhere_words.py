"""The words of other frameworks that belong to no layer's file: each with what to write instead, which a test counts.

Keys are written as ``elsewhere.plainly`` writes words: small letters without strokes.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from costlens.arithmetic.shapes import Shape

_T = TypeVar("_T")


class Answer(NamedTuple):
    """A sentence and what to write: one layer, or a list of them. ``reads`` is an input that it counts on."""

    says: str
    write: str = ""
    reads: Shape = (32, 32, 8)

    @property
    def text(self) -> str:
        """The sentence as a message shows it."""
        return f"{self.says}: {self.write}" if self.write else self.says


CALLED: Mapping[str, str] = {
    "separableconv": "separable", "sepconv": "separable", "depthwiseseparable": "separable",
    "depthwiseseparableconv": "separable", "dsconv": "separable", "groupconv": "grouped", "groupedconv": "grouped",
    "groupconvolution": "grouped", "spatiallyseparable": "factorized", "asymmetricconv": "factorized",
}  # fmt: skip
"""The kinds of convolution by other words."""

_BLOCK = "conv: {filters: 16, kernel: 3, norm: batch, activation: relu}"
_NO_COST = "it does nothing at inference; leave it out, or write"
_EXPAND = (
    "{{conv: {{filters: {0}, kernel: 1, norm: batch, activation: {1}}}}}, "
    "{{depthwise: {{kernel: 3, norm: batch, activation: {1}}}}}"
)
_PROJECT = "{conv: {filters: 8, kernel: 1, norm: batch}}"
_BOTH = "{}: {{units: 64, bidirectional: true, return_sequences: true}}"
_PARTS = "[{depthwise: {kernel: 3, multiplier: 2}}, {conv: {filters: 16, kernel: 1}}]"


def _each(answer: _T, *words: str) -> dict[str, _T]:
    return dict.fromkeys(words, answer)


LAYERS: Mapping[str, Answer] = {
    **_each(Answer("a pool takes the sizes of its output", "avg_pool: {output: 3}", (7, 7, 8)),
            "adaptiveavgpool", "adaptiveaveragepool", "adaptiveaveragepooling", "adaptivepool"),
    **_each(Answer("a pool takes the sizes of its output", "max_pool: {output: 3}", (7, 7, 8)),
            "adaptivemaxpool", "adaptivemaxpooling"),
    **_each(Answer("a convolution of single points is", "conv: {filters: 16, kernel: 1}"),
            "pointwise", "pointwiseconv"),
    **_each(Answer("conv and depthwise have it as a field", "conv: {filters: 16, kernel: 3, dilation: 2}"),
            "dilation", "dilatedconv", "atrousconv"),
    **{word: Answer("over axes of your choice it is", f"reduce: {{by: {by}, axis: 1}}")
       for by, words in (("mean", ("mean",)), ("sum", ()), ("max", ()), ("min", ()), ("std", ("std", "stddev")),
                         ("variance", ("variance", "var")), ("l2", ()))
       for word in (*words, f"reduce{by}")},
    **_each(Answer("in both directions it is", _BOTH.format("lstm"), (50, 40)), "bilstm", "blstm", "birnn"),
    "bigru": Answer("in both directions it is", _BOTH.format("gru"), (50, 40)),
    **_each(Answer("repeat takes lists", "repeat: {for: {n: [8, 16]}, layers: [{conv: {filters: n, kernel: 3}}]}"),
            "for", "foreach", "loop"),
    **_each(Answer("times says how often", "repeat: {times: 2, layers: [{conv: {filters: 8, kernel: 3}}]}"), "times"),
    **_each(Answer("a condition is a field of a layer, a block or a repeat, such as relu: {when: use_relu}"),
            "if", "when", "else", "condition"),
    "reflectionpad": Answer("pad has it as a mode", "pad: {amount: 1, mode: reflect}"),
    "replicationpad": Answer("pad has it as a mode", "pad: {amount: 1, mode: replicate}"),
    **_each(Answer("a norm and an activation are fields of the layer before them", _BLOCK),
            "convbn", "convbnrelu", "convbnact", "convbnactivation", "convnormactivation"),
    **_each(Answer("write its body", "residual: {body: [{conv: {filters: 8, kernel: 3}}], activation: relu}"),
            "resblock", "residualblock", "basicblock", "shortcut", "skip", "skipconnection"),
    **_each(Answer("write its layers", f"residual: {{body: [{_EXPAND.format(48, 'relu6')}, {_PROJECT}]}}"),
            "invertedresidual", "invertedbottleneck"),
    **_each(Answer("write its layers", f"residual: {{body: [{_EXPAND.format(48, 'silu')}, "
                   f"{{squeeze_excite: {{reduced: 2}}}}, {_PROJECT}]}}"), "mbconv"),
    **_each(Answer("write paths", "branches: [[], [{conv: {filters: 8, kernel: 3}}]]"), "parallel", "paths", "fork"),
    **_each(Answer(_NO_COST, "dropout: 0.2"), "spatialdropout", "alphadropout", "gaussiandropout", "gaussiannoise",
            "droppath", "stochasticdepth", "featurealphadropout"),
    **_each(Answer("maximum and minimum take a constant each", "[{maximum: 0}, {minimum: 6}]"), "clip", "clamp"),
    **_each(Answer("write the shape that is meant", "reshape: [32, 8]", (32, 1, 8)), "squeeze"),
    **_each(Answer("write the shape that is meant", "reshape: [32, 1, 8]", (32, 8)), "unsqueeze", "expanddims"),
    **_each(Answer("an activation is a layer by its own name", "relu"), "activation", "nonlinearity"),
    **_each(Answer("a path without layers is the identity", "branches: [[], [{conv: {filters: 8, kernel: 3}}]]"),
            "identity"),
    **_each(Answer("a layer works on each step by itself already", "dense: 10", (50, 40)), "timedistributed"),
    **_each(Answer("write its layers", "[{dense: {units: 64, activation: relu}}, {dense: 10}]", (64,)), "mlp"),
    **_each(Answer("give the list a name under blocks, or write it out", "repeat: {times: 1, layers: [relu]}"),
            "sequential"),
    **_each(Answer("write which", "max_pool: 2"), "pool", "pooling"),
    **_each(Answer("write its steps", "[{stft: {window: 400, hop: 160, fft: 512}}, {mel: {bands: 64, sample_rate: "
                   "16000, low: 125, high: 7500}}]", (16000,)), "melspectrogram"),
    **_each(Answer("write its order of channels, too", "depth_to_space: {block: 2, order: CRD}"), "pixelshuffle"),
    **_each(Answer("write its order of channels, too", "space_to_depth: {block: 2, order: CRD}"), "pixelunshuffle"),
    **_each(Answer("recurrent layers have it as a field", "lstm: {units: 64, bidirectional: true}", (50, 40)),
            "bidirectional"),
    **_each(Answer("it stands above the layers, as input: [32, 32, 8]"), "input"),
    **_each(Answer("outputs stand beside the layers, by name, as outputs: [head]"), "output", "outputs"),
}  # fmt: skip
"""Words that no layer is: combinations, and words for several things."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    **_each(("filters",), "nfilters", "nbfilter", "channelsout"),
    **_each(("filters", "units"), "numoutput", "numoutputs"), **_each(("units",), "neurons", "nodes"),
    **_each(("factor",), "scalefactor", "scales", "scale"), **_each(("mode",), "interpolation", "method", "resample"),
    **_each(("block",), "blocksize", "upscalefactor", "downscalefactor"), "order": ("axes",),
    **_each(("axes",), "perm", "permutation"), **_each(("parts",), "splitsize", "splitsizes", "sections"),
    **_each(("end",), "stop", "ends"), "starts": ("start",), "targetsize": ("size",), "height": ("size",),
    **_each(("amount",), "cropping", "crop", "padding", "width"), **_each(("by",), "op", "operation", "reducer"),
    **_each(("value",), "constantvalues", "constantvalue", "constant", "factor"), "dropprob": ("rate",),
    **_each(("ratio",), "r", "squeezefactor", "squeezeratio", "reductionfactor"),
    **_each(("reduced",), "squeezechannels", "reducedchannels"),
    "mergemode": ("merge",),
    "outchannels": ("filters", "units"), "outputchannels": ("filters", "units"), "channels": ("filters", "units"),
    "numfilters": ("filters",), "outplanes": ("filters",), "planes": ("filters",), "outfeatures": ("units", "filters"),
    "features": ("filters", "units"), "units": ("filters", "units"), "filters": ("units",), "outputdim": ("units",),
    "numunits": ("units",), "hiddensize": ("units",), "hiddenunits": ("units",), "nout": ("filters", "units"),
    "kernelsize": ("kernel",), "kernelshape": ("kernel",), "filtersize": ("kernel",), "ksize": ("kernel",),
    "poolsize": ("kernel",), "size": ("kernel", "factor", "units"), "windowsize": ("kernel",),
    "strides": ("stride", "step"), "stride": ("step",), "pad": ("padding", "amount"), "pads": ("padding", "amount"),
    "paddings": ("padding", "amount"), "autopad": ("padding",), "border": ("padding",),
    "dilationrate": ("dilation",), "dilations": ("dilation",), "atrousrate": ("dilation",),
    "group": ("groups",), "numgroups": ("groups",), "featuregroupcount": ("groups",),
    "depthmultiplier": ("multiplier",), "channelmultiplier": ("multiplier",),
    "usebias": ("bias",), "hasbias": ("bias",), "withbias": ("bias",),
    "eps": ("epsilon",), "gamma": ("scale",), "beta": ("center",),
    "p": ("rate",), "prob": ("rate",), "droprate": ("rate",), "dropoutrate": ("rate",), "dropout": ("rate",),
    "alpha": ("slope",), "negativeslope": ("slope",), "inputs": ("from",), "input": ("from",), "source": ("from",),
    "act": ("activation",), "activationfn": ("activation",), "nonlinearity": ("activation",),
    "normalization": ("norm",), "normalizer": ("norm",), "normtype": ("norm",),
    "dim": ("axis",), "axes": ("axis",), "dims": ("axis", "axes"), "keepdims": ("keep_axes",),
    "keepdim": ("keep_axes",), "step": ("stride",), "steps": ("step",),
    **_each(("when",), "if", "condition", "enabled", "onlyif", "enable", "cond"),
    **_each(("shared",), "share", "sharewith", "sharedwith", "shareweights", "reuse", "sameas", "weightsof", "tied"),
    "begin": ("start",), "outputsize": ("size", "output"), "targetshape": ("shape",), "n": ("times",),
    **_each(("heads",), "numheads", "nheads", "nhead"), **_each(("key_size",), "keydim", "headdim", "kdim"),
    **_each(("value_size",), "valuedim", "vdim"), **_each(("kv_heads",), "numkeyvalueheads", "numkvheads"),
    **_each(("size",), "numembeddings", "vocabsize", "vocabularysize"), "embeddingdim": ("units",),
    "outputshape": ("output",), **_each(("mask",), "attentionmask", "attnmask", "keypaddingmask", "usemask"),
    "ceilmode": ("ceil",), "count": ("times",), "numsplits": ("parts",), "splits": ("parts",), "chunks": ("parts",),
    "reductionratio": ("ratio",), "reduction": ("ratio",), "seratio": ("ratio",),
}  # fmt: skip
"""The fields of layers by the words of others; the first that a layer has is meant."""

COUNTED: Mapping[str, str] = dict.fromkeys(
    ("dim", "dims", "axes", "perm", "permutation"), ", counted without the batch and with the channels last"
)
"""What is to say of a field whose values are not those of others."""

_READ = "leave it out: a layer reads the channels of its input"
_LAST = "leave it out: shapes are without the batch, channels last"
_SAME_COUNT = "leave it out: it changes no count"
_NORM = "the norm after a layer is its field norm"

OF_ANY: Mapping[str, Answer] = {
    **_each(Answer(_READ), "inchannels", "infeatures", "inputsize", "inputdim", "inputchannels", "numfeatures",
            "inplanes", "normalizedshape", "numchannels", "nin", "cin", "inputshape", "batchinputshape"),
    **_each(Answer(_LAST), "dataformat", "channelslast", "channelsfirst", "layout"),
    **_each(Answer(_SAME_COUNT), "kernelinitializer", "biasinitializer", "depthwiseinitializer", "kernelregularizer",
            "biasregularizer", "activityregularizer", "kernelconstraint", "biasconstraint", "momentum", "inplace",
            "trackrunningstats", "trainable", "dtype", "seed", "device", "training", "requiresgrad", "weightnorm",
            "recurrentinitializer", "betainitializer", "gammainitializer", "weightinitializer", "alphainitializer",
            "recurrentdropout", "stateful", "unroll", "decay", "weightdecay", "batchfirst", "antialias"),
    **_each(Answer(_NORM, "conv: {filters: 16, kernel: 3, norm: batch}"),
            "batchnorm", "bn", "usebn", "usebatchnorm", "batchnormalization"),
    "paddingmode": Answer("pad before the layer", "[{pad: 1}, {conv: {filters: 16, kernel: 3, padding: valid}}]"),
    "affine": Answer("a norm without gamma and beta is", "batch_norm: {scale: false, center: false}"),
    "elementwiseaffine": Answer("a norm without gamma and beta is", "layer_norm: {scale: false, center: false}"),
}  # fmt: skip
"""The fields of others that ours need not have, or have elsewhere."""

OF_KIND: Mapping[tuple[str, str], Answer] = {
    **{(word, "numlayers"): Answer("write one behind the other",
                                   f"[{{{word}: {{units: 64, return_sequences: true}}}}, {{{word}: 64}}]", (50, 40))
       for word in ("lstm", "gru", "simple_rnn")},
    ("dropout", "keepprob"): Answer("the rate is what is dropped, 1 - keep_prob, such as", "dropout: {rate: 0.2}"),
    ("conv", "causal"): Answer("it is a padding", "conv: {filters: 16, kernel: 3, padding: causal}", (50, 40)),
    ("embedding", "inputdim"): Answer("its size is how many tokens there are", "embedding: {size: 1000, units: 16}",
                                      (32,)),
    ("group_norm", "axis"): Answer("leave it out: the channels are the last axis"),
    ("separable", "multiplier"): Answer("write its two layers", _PARTS),
    ("separable", "depthmultiplier"): Answer("write its two layers", _PARTS),
    **{(f"global_{word}_pool", name): Answer("over axes of your choice it is", f"reduce: {{by: {by}, axis: 1}}")
       for word, by in (("avg", "mean"), ("max", "max")) for name in ("axis", "axes", "dim", "dims")},
    ("layer_norm", "axis"): Answer("leave it out: the norm is over the channels, the last axis"),
    ("batch_norm", "axis"): Answer("leave it out: the norm is for each channel, the last axis"),
}  # fmt: skip
"""The same for one kind of layer."""

NOTHING = frozenset({"linear", "identity", "none", "null", "false", "no"})
"""What activations and norms that do nothing are called."""

VALUES: Mapping[str, str] = {"sameupper": "same", "edge": "replicate", "zeros": "constant"}
"""The words that fields take, by the words of others."""

VALUE_ANSWERS: Mapping[str, Answer] = {
    "full": Answer("write the cells on both sides", "conv: {filters: 16, kernel: 3, padding: 2}"),
}  # fmt: skip
"""What to write instead of a value that a field does not take."""

OTHERS = frozenset({
    "atan", "atanh", "crelu", "globalminpool", "glu", "logsigmoid", "maxunpool", "relun", "rrelu", "rsqrt", "softmin",
    "sparseplus", "sparsesigmoid", "tan",
})  # fmt: skip
"""Words of the field that are near to one of ours by their letters alone."""
