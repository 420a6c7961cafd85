"""Small graphs that meet every way a layer is exported in: kinds, strides, paddings, folds, joins, names."""

from typing import Any

from costlens.network.graph import Graph
from tests.cases import small_exports
from tests.cases.export_windows import WINDOWS
from tests.cases.networks import graph, layer, mixed, norm_relu, site
from tests.cases.sequence_cases import SEQUENCES

_BN = ("c.norm", layer("batch_norm"))
_RELU = ("c.relu", layer("relu"))


def _conv(**fields: Any) -> tuple[str, Any]:
    return "c", layer("conv", **{"filters": 6, "kernel": 3, **fields})


def _activation(kind: str, **fields: Any) -> Graph:
    return graph((6, 5, 4), _conv(bias=False), ("c.act", layer(kind, **fields)))


def _norm(kind: str, *between: Any, scale: bool, center: bool) -> Graph:
    return graph((7, 6, 3), _conv(), *between, ("c.last", layer(kind, scale=scale, center=center)))


_FOUR = (_conv(filters=4, bias=False), _BN)

ACTIVATIONS: dict[str, Graph] = {
    **{
        kind: _activation(kind)
        for kind in (
            "relu", "relu6", "leaky_relu", "elu", "gelu", "silu", "hard_sigmoid", "hard_swish", "sigmoid", "tanh",
            "softmax",
        )
    },
    **{
        f"hard sigmoid of {shape} after {filters} with {'a norm' if after else 'a bias'}": graph(
            shape, ("c", layer(kind, bias=not after, **fields)), *after, ("c.act", layer("hard_sigmoid"))
        )
        for filters in (1, 6)
        for shape, kind, fields in (
            ((6, 5, 4), "conv", {"filters": filters, "kernel": 3}),
            ((9, 4), "conv", {"filters": filters, "kernel": 3}),
            ((4,), "dense", {"units": filters}),
        )
        for after in ((), (_BN,))
    },
    "elu alpha": _activation("elu", alpha=0.5),
    "leaky without slope": _activation("leaky_relu", slope=0.0),
    "maximum": _activation("maximum", value=-0.4),
    "minimum": _activation("minimum", value=0.4),
    "no weights at all": graph((8, 8, 4), ("r", layer("relu"))),
    "dropout alone": graph((8, 8, 4), ("r", layer("dropout"))),
    "dropout at the end": graph((8, 8, 4), _conv(), ("r", layer("dropout"))),
}

CONVOLUTIONS: dict[str, Graph] = {
    "1D, stride": graph(
        (40, 3), _conv(kernel=5, stride=2, bias=False), _BN, _RELU, ("d", layer("conv", filters=4, kernel=3))
    ),
    "1D depthwise": graph((40, 3), ("c", layer("depthwise", kernel=5, stride=2, multiplier=2)), _BN),
    "depthwise, multiplier": graph(
        (9, 8, 3), ("c", layer("depthwise", kernel=3, stride=2, multiplier=3, bias=False)), _BN, _RELU
    ),
    "depthwise, unequal strides": graph(
        (9, 8, 3), ("c", layer("depthwise", kernel=[3, 5], stride=[2, 1], multiplier=2, bias=False)), _BN
    ),
    "depthwise, dilated": graph((9, 8, 3), ("c", layer("depthwise", kernel=3, dilation=2)), _BN),
    "depthwise, one axis dilated": graph((9, 8, 3), ("c", layer("depthwise", kernel=3, dilation=[2, 1])), _BN),
    "grouped": graph((9, 8, 6), _conv(filters=9, groups=3), _BN, _RELU),
    "grouped, stride": graph((9, 8, 6), _conv(filters=4, kernel=[3, 2], groups=2, stride=[2, 1], bias=False), _BN),
    "grouped, dilated": graph((9, 8, 6), _conv(filters=4, groups=2, dilation=2, padding="valid")),
    "grouped, 1D": graph((19, 6), _conv(filters=4, groups=2, stride=2), _BN, _RELU),
    "dilated": graph((19, 16, 2), _conv(dilation=[3, 2]), _BN, _RELU),
    "one channel, strides (1, 2)": graph((12, 10, 1), _conv(kernel=[1, 3], stride=[1, 2], bias=False), _BN),
    "one column": graph(
        (16, 1, 1), _conv(kernel=[3, 1]), _BN, ("d", layer("depthwise", kernel=[3, 1], stride=[2, 1]))
    ),
    "one position": graph((1, 1, 8), _conv(), _BN, ("d", layer("depthwise", kernel=3)), ("d.n", layer("batch_norm"))),
    "paddings": graph(
        (19, 16, 2),
        _conv(padding=["valid", "same"]),
        ("d", layer("conv", filters=4, kernel=3, padding=[[1, 2], 0], stride=2)),
        ("e", layer("conv", filters=4, kernel=3, padding=2)),
        ("f", layer("depthwise", kernel=3, padding=[1, "same"])),
    ),
}

NORMS: dict[str, Graph] = {
    **{
        f"{kind}, gamma {scale}, beta {center}, {'after a relu' if between else 'after a conv'}": _norm(
            kind, *between, scale=scale, center=center
        )
        for kind in ("batch_norm", "layer_norm")
        for scale in (True, False)
        for center in (True, False)
        for between in ((), (_RELU,))
    },
    "first": graph((7, 6, 3), ("n", layer("batch_norm")), _conv()),
    "two after one conv": graph(
        (7, 6, 3), _conv(bias=False), _BN, ("c.d", layer("dropout")), ("c.n2", layer("batch_norm"))
    ),
    "two after a relu": graph((7, 6, 3), _conv(), _RELU, ("m", layer("batch_norm")), ("n", layer("batch_norm"))),
    "after a reshape": graph((8, 6, 3), _conv(), ("r", layer("reshape", shape=(48, 6))), ("n", layer("batch_norm"))),
    "after a reshape that changes nothing": graph(
        (8, 6, 3), _conv(bias=False), ("r", layer("reshape", shape=(8, 6, 6))), ("n", layer("batch_norm"))
    ),
    "after a pool of one cell": graph(
        (8, 6, 3), _conv(), ("p", layer("max_pool", kernel=1)), ("n", layer("batch_norm"))
    ),
    "one channel": graph((8, 6, 3), _conv(filters=1, bias=False), _BN, _RELU, ("c.n2", layer("batch_norm"))),
    "conv read twice": graph((8, 6, 3), _conv(bias=False), ("n", layer("batch_norm")), ("a", layer("add"), "c", "n")),
    "conv is an output": graph((8, 6, 3), _conv(bias=False), ("n", layer("batch_norm")), outputs=("c", "n")),
    "dense": graph((8,), ("c", layer("dense", units=7, bias=False)), _BN, _RELU, ("e", layer("dense", units=5))),
    "dense, its own row": graph((8,), ("d", layer("dense", units=7, bias=False)), ("n", layer("batch_norm"))),
    "dense at each step": graph((6, 8), ("c", layer("dense", units=7, bias=False)), _BN, _RELU),
    "dense with bias at each step": graph((6, 8), ("c", layer("dense", units=7)), _BN, _RELU),
    "dense at each position": graph((4, 6, 8), ("c", layer("dense", units=7, bias=False)), _BN, _RELU),
    "dense of one unit": graph((6, 1), ("c", layer("dense", units=1, bias=False)), _BN, ("e", layer("dense", units=1))),
    "dense of one unit, no beta": graph(
        (9,), ("c", layer("dense", units=1, bias=False)), ("n", layer("batch_norm", center=False)), ("e", layer("elu"))
    ),
    "dense read twice": graph((8,), ("c", layer("dense", units=7, bias=False)), ("c.act", layer("hard_swish"))),
    **{
        f"sub-spectral, {bands} bands of {filters}": graph(
            (6, 8, 3), _conv(bias=False, filters=filters), ("c.norm", layer("sub_spectral_norm", bands=bands)), _RELU
        )
        for bands, filters in ((4, 6), (8, 1), (1, 1))
    },
    "sub-spectral of the input, then of a depthwise convolution": graph(
        (6, 8, 3),
        ("n", layer("sub_spectral_norm", bands=2, scale=False)),
        ("c", layer("depthwise", kernel=[1, 3], bias=False)),
        ("c.norm", layer("sub_spectral_norm", bands=4, center=False)),
        ("d", layer("conv", filters=4, kernel=1)),
    ),
    "lrn": graph((7, 6, 9), _conv(), ("n", layer("local_response_norm")), ("d", layer("conv", filters=8, kernel=3))),
    "lrn, 3D": graph((2, 3, 4, 9), _conv(), ("n", layer("local_response_norm", size=3))),
    "lrn, 1D": graph((7, 9), _conv(), ("n", layer("local_response_norm", size=3))),
}

SHAPES: dict[str, Graph] = {
    "pools": graph(
        (19, 16, 2),
        ("a", layer("max_pool", kernel=3, stride=2, padding=1)),
        ("b", layer("avg_pool", kernel=2, stride=1, padding=[[1, 0], 0])),
        ("c", layer("max_pool", kernel=2, padding="same")),
        ("d", layer("avg_pool", kernel=2, stride=1, padding="same")),
    ),
    "pools, 3D": graph(
        (5, 9, 8, 2),
        ("a", layer("max_pool", kernel=[1, 3, 3], stride=[1, 2, 2], padding=[0, 1, 1])),
        ("b", layer("avg_pool", kernel=2, stride=1, padding="same")),
        _conv(filters=8),
        ("se", layer("squeeze_excite", ratio=4)),
        ("p", layer("pad", amount=[0, [1, 0], 1])),
        ("g", layer("global_avg_pool")),
        ("d", layer("dense", units=4)),
    ),
    "unequal pools": graph(
        (19, 16, 2),
        _conv(),
        ("a", layer("max_pool", kernel=[3, 2], stride=[1, 2], padding=["same", "valid"])),
        ("b", layer("avg_pool", kernel=3, stride=3)),
        ("g", layer("global_max_pool", keep_axes=True)),
    ),
    "zeros before a max pool": graph(
        (8, 8, 4), _conv(), ("p", layer("pad", amount=1)), ("m", layer("max_pool", kernel=2))
    ),
    "more zeros than an average pool is wide": graph(
        (9, 8, 3), ("p", layer("pad", amount=2)), ("a", layer("avg_pool", kernel=[2, 3], stride=2))
    ),
    **{
        f"{kind} {len(shape) - 1}D, {fields}, before a {after.kind()}": graph(
            shape, *before, ("p", layer(kind, **fields)), ("d", after)
        )
        for kind, fields in (
            ("pad", {"amount": 2, "mode": "reflect"}),
            ("pad", {"amount": 2, "mode": "replicate"}),
            ("pad", {"amount": 1, "value": 1.5}),
            ("crop", {"amount": 1}),
        )
        for shape, before in (((6, 5, 3), (_conv(bias=False), _BN)), ((6, 3), ()))
        for after in (
            layer("conv", filters=4, kernel=3, padding="valid"),
            layer("max_pool", kernel=2),
            layer("avg_pool", kernel=2),
        )
    },
    "zeros before a conv": graph((8, 8, 4), ("p", layer("pad", amount=[[1, 2], 0])), _conv(padding="valid")),
    "zeros, 1D": graph((8, 4), ("p", layer("pad", amount=2)), _conv(padding="valid"), ("g", layer("global_avg_pool"))),
    **{
        f"{kind} {len(shape) - 1}D, {fields}, {'after a norm' if before else 'first'}": graph(
            shape, *before, ("u", layer(kind, **fields)), ("d", layer("conv", filters=4, kernel=3))
        )
        for shape, kind, fields in (
            ((7, 3), "upsample", {"factor": 2}),
            ((7, 3), "resize", {"size": 31, "mode": "bilinear"}),
            ((7, 3), "resize", {"size": 5}),
            ((6, 5, 3), "upsample", {"factor": 2}),
            ((6, 5, 3), "upsample", {"factor": [1, 3], "mode": "bilinear"}),
            ((6, 5, 3), "upsample", {"factor": 2, "mode": "bilinear", "align_corners": True}),
            ((6, 5, 3), "resize", {"size": [13, 3], "mode": "bilinear"}),
            ((6, 5, 3), "resize", {"size": [4, 7], "mode": "bilinear", "align_corners": True}),
            ((6, 5, 3), "resize", {"size": [9, 3]}),
            ((6, 1, 3), "resize", {"factor": 1.5, "mode": "bilinear"}),
            ((1, 1, 3), "resize", {"size": [4, 5], "mode": "bilinear", "align_corners": True}),
            ((6, 5, 3), "resize", {"size": [6, 5]}),
            ((6, 5, 3), "resize", {"size": 1, "mode": "bilinear"}),
        )
        for before in ((), (_conv(bias=False), _BN))
    },
    **{
        f"{kind} {len(shape) - 1}D, {fields}, {'after a norm' if before else 'first'}": graph(
            shape, *before, ("u", layer(kind, **fields)), ("d", layer("conv", filters=4, kernel=3))
        )
        for shape, before in (((6, 6, 8), ()), ((6, 8), ()), ((6, 4, 3), _FOUR), ((6, 4), _FOUR))
        for kind, fields in (
            ("depth_to_space", {"block": 2}),
            ("depth_to_space", {"block": 2, "order": "CRD"}),
            ("space_to_depth", {"block": 2}),
            ("space_to_depth", {"block": 2, "order": "CRD"}),
        )
    },
    **{
        f"transposed to {axes} of {shape}{' after a conv' if before else ''}": graph(
            shape, *before, ("t", layer("transpose", axes=axes)), ("d", layer("dense", units=5))
        )
        for shape, axes, before in (
            ((9, 4), [1, 0], ()),
            ((7, 6, 4), [2, 0, 1], (_conv(bias=False), _BN, _RELU)),
            ((7, 6, 4), [1, 0, 2], (_conv(),)),
            ((7, 1, 4), [1, 2, 0], ()),
            ((1, 1, 4), [2, 1, 0], (_conv(bias=False), _BN)),
            ((3, 1, 2, 4), [3, 1, 0, 2], ()),
        )
    },
    "flatten and reshape": graph(
        (8, 8, 4),
        ("f", layer("flatten")),
        ("d", layer("dense", units=6)),
        ("r", layer("reshape", shape=(2, 3))),
        ("s", layer("reshape", shape=(-1,))),
    ),
    "squeeze-excite": graph(
        (7, 6, 3), _conv(filters=8), ("se", layer("squeeze_excite", ratio=4)), ("d", layer("conv", filters=8, kernel=1))
    ),
    "squeeze-excite, hard": graph((7, 6, 8), ("se", layer("squeeze_excite", ratio=4, gate="hard_sigmoid"))),
    "squeeze-excite, 1D, to one": graph((7, 8), ("se", layer("squeeze_excite", ratio=8))),
    "squeeze-excite, as MobileNetV3 has it": graph(
        (7, 6, 8), ("se", layer("squeeze_excite", reduced=3, gate="hard_sigmoid"))
    ),
    "squeeze-excite, as EfficientNet has it": graph(
        (7, 6, 8), ("se", layer("squeeze_excite", reduced=2, inner="silu"))
    ),
    "squeeze-excite, written out": graph(
        (8, 6, 8),
        _conv(filters=8),
        ("g", layer("global_avg_pool", keep_axes=True)),
        ("d", layer("conv", filters=4, kernel=1)),
        ("d.relu", layer("relu")),
        ("e", layer("conv", filters=8, kernel=1)),
        ("e.gate", layer("hard_sigmoid")),
        ("m", layer("multiply"), "c", "e.gate"),
    ),
    "squeeze-excite of one channel, hard": graph(
        (7, 6, 1), ("se", layer("squeeze_excite", ratio=1, gate="hard_sigmoid"))
    ),
    "residual": graph(
        (8, 8, 6), _conv(bias=False), _BN, ("a", layer("add"), "c.norm", "input"), ("a.relu", layer("relu"))
    ),
    "gate and concat": graph(
        (8, 8, 6),
        _conv(),
        ("d", layer("conv", filters=6, kernel=3), "input"),
        ("g", layer("sigmoid")),
        ("m", layer("multiply"), "c", "g"),
        ("k", layer("concat"), "m", "c"),
        ("l", layer("concat", axis=0), "m", "c"),
        outputs=("l", "k"),
    ),
    "broadcast along each axis": graph(
        (8, 6, 4),
        _conv(filters=4),
        ("p", layer("avg_pool", kernel=[1, 6])),
        ("q", layer("avg_pool", kernel=[8, 1]), "c"),
        ("a", layer("add"), "input", "p", "q"),
        ("m", layer("multiply"), "p", "q"),
        ("k", layer("concat"), "a", "m"),
    ),
    "shuffles": graph(
        (7, 6, 4),
        ("a", layer("channel_shuffle", groups=2)),
        _conv(filters=8, bias=False),
        ("s", layer("channel_shuffle", groups=4)),
        ("n", layer("batch_norm")),
        ("t", layer("channel_shuffle", groups=8)),
    ),
    "shuffle, 1D and flat": graph(
        (9, 4), _conv(), _RELU, ("s", layer("channel_shuffle", groups=3)),
        ("f", layer("flatten")), ("t", layer("channel_shuffle", groups=6)), ("d", layer("dense", units=5)),
    ),
    "grouped and bottleneck": graph(
        (9, 8, 4),
        *(site(f"{kind}{i}", kind=kind, filters=8, kernel=[3, 2], stride=2, bias=False, tail=norm_relu())
          for i in (1, 2) for kind in ("grouped", "bottleneck")),
    ),
    "grouped and bottleneck, 1D": graph(
        (17, 4),
        *(site(kind, kind=kind, filters=8, kernel=3, dilation=2) for kind in ("grouped", "bottleneck")),
    ),
    "slices": graph(
        (7, 6, 4),
        _conv(filters=8),
        ("s", layer("slice", start=2, size=5)),
        ("t", layer("slice", start=1, size=3, axis=0)),
        ("d", layer("conv", filters=4, kernel=3)),
        ("u", layer("slice", size=3, axis=1)),
        ("f", layer("flatten")),
        ("v", layer("slice", start=30, size=6)),
    ),
    "slices in steps": graph(
        (9, 8, 4),
        _conv(filters=8, bias=False),
        _BN,
        ("s", layer("slice", step=3)),
        ("t", layer("slice", start=1, end=-1, step=2, axis=0)),
        ("d", layer("conv", filters=4, kernel=3)),
        ("u", layer("slice", start=-6, size=3, step=2, axis=1)),
    ),
    "slices in steps, 1D": graph(
        (9, 4), ("s", layer("slice", step=2, axis=0)), _conv(), ("t", layer("slice", start=-2))
    ),
    "zero channels": graph(
        (7, 6, 4),
        ("a", layer("pad_channels", after=3)),
        _conv(filters=8),
        ("b", layer("pad_channels", before=2, after=1)),
        ("m", layer("max_pool", kernel=2)),
        ("p", layer("pad_channels", before=2)),
        ("q", layer("avg_pool", kernel=2, padding="same")),
    ),
    "gate per channel": graph(
        (8, 8, 4),
        ("g", layer("global_avg_pool", keep_axes=True)),
        ("d", layer("conv", filters=4, kernel=1)),
        ("m", layer("multiply"), "input", "d"),
    ),
    "two inputs": graph(
        {"b": (4,), "a": (3,)},
        ("d", layer("dense", units=3), "b"),
        ("e", layer("add"), "d", "a"),
        outputs=("e", "d"),
    ),
    "names like TensorFlow's own": graph(
        (8, 8, 4),
        ("conv", layer("conv", filters=4, kernel=3)),
        ("conv_1", layer("conv", filters=4, kernel=3)),
        ("conv_1.relu", layer("relu")),
        ("conv_1_1", layer("conv", filters=4, kernel=3)),
        ("1x1", layer("conv", filters=3, kernel=1)),
        ("layer1", layer("conv", filters=3, kernel=1)),
        ("_u", layer("conv", filters=3, kernel=1)),
    ),
    "everything at once": mixed(),
}

_STFT = ("s", layer("stft", window=50, hop=20, fft=64))
_MEL = ("m", layer("mel", bands=8, sample_rate=16_000, low=125, high=7500))
_LOG = ("l", layer("log"))

FRONT_ENDS: dict[str, Graph] = {
    "log-mel patches": graph((700,), _STFT, _MEL, _LOG, ("f", layer("frame", length=10, hop=7)), _conv()),
    "a waveform of one column, an odd transform": graph((60, 1), ("s", layer("stft", window=9, hop=4, fft=11))),
    "one frame": graph((50,), _STFT, _MEL, _LOG),
    "norms after fixed weights": graph(
        (200,), _STFT, ("n", layer("batch_norm")), ("r", layer("relu")), _MEL, ("n2", layer("batch_norm"))
    ),
    "one band, with a norm": graph(
        (6, 33), ("m", layer("mel", bands=1, sample_rate=8000, low=0, high=4000)), ("n", layer("batch_norm"))
    ),
    "a mel spectrum at each position": graph((4, 6, 33), _MEL, _conv(bias=False), _BN),
    "frames side by side, cut from a convolution": graph(
        (14, 4), _conv(), ("f", layer("frame", length=3, hop=3)), ("g", layer("global_max_pool"))
    ),
}

CASES = {
    **small_exports.CASES, **ACTIVATIONS, **CONVOLUTIONS, **WINDOWS, **NORMS, **SHAPES, **FRONT_ENDS, **SEQUENCES
}  # fmt: skip
