"""Layers that move, normalise or gate values, against loops written out in NumPy: what a shape cannot tell."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cases.networks import graph, layer

pytestmark = pytest.mark.tensorflow

Oracle = Callable[..., Any]
SHAPE = (4, 6, 8)


def shuffled(x: Any, weights: dict[str, Any]) -> Any:
    """Channel g·2 + i goes to i·4 + g."""
    y = x.copy()
    for group in range(4):
        for i in range(2):
            y[..., i * 4 + group] = x[..., group * 2 + i]
    return y


def cut(x: Any, weights: dict[str, Any]) -> Any:
    return x[:, :, 1:4, :]


def widened(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    y = np.zeros((*x.shape[:-1], 11))
    y[..., 1:9] = x
    return y


def placed(x: Any, size: int, axis: int, *, corners: bool = False) -> Any:
    """Mix the two neighbours of each new place, one axis at a time; a place outside is the outermost value."""
    import numpy as np

    old = x.shape[axis]
    parts = []
    for i in range(size):
        place = i * (old - 1) / (size - 1) if corners else (i + 0.5) * old / size - 0.5
        place = min(max(place, 0), old - 1)
        low, high = int(place), min(int(place) + 1, old - 1)
        parts.append(x.take(low, axis) * (1 - (place - low)) + x.take(high, axis) * (place - low))
    return np.stack(parts, axis)


def mixed(x: Any, weights: dict[str, Any]) -> Any:
    return placed(placed(x, 7, 1), 5, 2)


def mixed_between_corners(x: Any, weights: dict[str, Any]) -> Any:
    return placed(placed(x, 8, 1, corners=True), 12, 2, corners=True)


def repeated(x: Any, weights: dict[str, Any]) -> Any:
    return x.repeat(2, 1).repeat(3, 2)


def nearest(x: Any, weights: dict[str, Any]) -> Any:
    """Of 4 rows 3 are left: their middles lie at ⅔, 2 and 3⅓. Of 6 columns 5: 0.6, 1.8, 3, 4.2 and 5.4."""
    return x[:, [0, 2, 3]][:, :, [0, 1, 3, 4, 5]]


def spread(x: Any, weights: dict[str, Any]) -> Any:
    """Channel (2·i + j)·2 + c goes to row 2·h + i and column 2·w + j of channel c."""
    import numpy as np

    y = np.empty((len(x), 8, 12, 2))
    for i in range(2):
        for j in range(2):
            for c in range(2):
                y[:, i::2, j::2, c] = x[..., (2 * i + j) * 2 + c]
    return y


def spread_as_torch(x: Any, weights: dict[str, Any]) -> Any:
    """Channel c·4 + 2·i + j goes to row 2·h + i and column 2·w + j of channel c."""
    import numpy as np

    y = np.empty((len(x), 8, 12, 2))
    for i in range(2):
        for j in range(2):
            for c in range(2):
                y[:, i::2, j::2, c] = x[..., c * 4 + 2 * i + j]
    return y


def gathered(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    return np.concatenate([x[:, i::2, j::2] for i in range(2) for j in range(2)], -1)


def gathered_as_torch(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    return np.stack([x[:, i::2, j::2, c] for c in range(8) for i in range(2) for j in range(2)], -1)


def turned(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    y = np.empty((len(x), 8, 4, 6))
    for channel in range(8):
        y[:, channel] = x[..., channel]
    return y


def mirrored(x: Any, weights: dict[str, Any]) -> Any:
    return x[:, [2, 1, 0, 1, 2, 3, 2, 1]][:, :, [0, 1, 2, 3, 4, 5, 4]]


def held(x: Any, weights: dict[str, Any]) -> Any:
    return x[:, [0, 0, 0, 0, 1, 2, 3]][:, :, [0, 0, 1, 2, 3, 4, 5, 5]]


def hard(x: Any, weights: dict[str, Any]) -> Any:
    return (x + 3).clip(0, 6) / 6


def banded(x: Any, weights: dict[str, Any]) -> Any:
    """Frequencies 0 to 1, 2 to 3 and 4 to 5 each have their own statistics, stored channel by channel."""
    import numpy as np

    y = np.empty(x.shape)
    for frequency in range(6):
        for channel in range(8):
            at = channel * 3 + frequency // 2
            mean, variance = weights["moving_mean"][at], weights["moving_variance"][at]
            normal = (x[:, :, frequency, channel] - mean) / np.sqrt(variance + 1e-3)
            y[:, :, frequency, channel] = normal * weights["gamma"][at] + weights["beta"][at]
    return y


def gated(x: Any, weights: dict[str, Any], *, inner: Oracle, gate: Oracle) -> Any:
    import numpy as np

    mean = x.mean((1, 2), keepdims=True)
    narrow = inner(np.einsum("abci,io->abco", mean, weights["kernel"]) + weights["bias"])
    return x * gate(np.einsum("abci,io->abco", narrow, weights["kernel2"]) + weights["bias2"])


def mobilenet_gate(x: Any, weights: dict[str, Any]) -> Any:
    return gated(x, weights, inner=lambda v: v.clip(0), gate=lambda v: hard(v, {}))


def efficientnet_gate(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    def sigmoid(v: Any) -> Any:
        return 1 / (1 + np.exp(-v))

    return gated(x, weights, inner=lambda v: v * sigmoid(v), gate=sigmoid)


def _np() -> Any:
    import numpy as np

    return np


def normed(x: Any, weights: dict[str, Any], *, groups: int, axes: tuple[int, ...] = (1, 2, 4)) -> Any:
    """Give each group of neighbouring channels a mean of 0 and a variance of 1, then gamma and beta."""
    import numpy as np

    grouped = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
    mean, variance = grouped.mean(axes, keepdims=True), grouped.var(axes, keepdims=True)
    y = ((grouped - mean) / np.sqrt(variance + 1e-3)).reshape(x.shape)
    return y * weights["gamma"] + weights["beta"]


def statistics(x: Any, weights: dict[str, Any]) -> Any:
    import numpy as np

    return np.concatenate([x.mean(1), np.sqrt(x.var(1) + 1e-5)], axis=-1)


@pytest.mark.parametrize(("join", "oracle"), [
    ("add", lambda a, b: a + b + b), ("subtract", lambda a, b: a - b - b), ("multiply", lambda a, b: a * b * b),
    ("maximum", lambda a, b: _np().maximum(a, b)), ("minimum", lambda a, b: _np().minimum(a, b)),
    ("divide", lambda a, b: a / b / b), ("average", lambda a, b: (a + 2 * b) / 3),
])  # fmt: skip
def test_values_of_joins_from_left_to_right(join: str, oracle: Callable[[Any, Any], Any]) -> None:
    import numpy as np

    from costlens.export import build

    inputs = {"a": (4, 6, 8), "b": (1, 6, 8)}
    model = build(graph(inputs, ("j", layer(join), "a", "b", "b")))
    random = np.random.default_rng(7)
    a, b = random.standard_normal((3, 4, 6, 8)), random.uniform(0.5, 2, (3, 1, 6, 8))
    made = np.asarray(model([a.astype(np.float32), b.astype(np.float32)]))
    assert np.abs(made - oracle(a, b)).max() < 1e-5


def windows(
    x: Any, kind: str, kernel: Any, stride: Any, pads: Any, made: Any, dilation: Any = (1, 1), counts: bool = False
) -> Any:
    """Pool cell by cell: a tap that lies outside counts as 0 in a mean where ``counts`` and it lies in the padding."""
    import numpy as np

    y = np.empty((len(x), *made, x.shape[-1]))
    for place in np.ndindex(*made):
        taps: list[list[int]] = []
        padded = 1
        for axis, at in enumerate(place):
            lies = [at * stride[axis] - pads[axis][0] + tap * dilation[axis] for tap in range(kernel[axis])]
            taps.append([cell for cell in lies if 0 <= cell < x.shape[axis + 1]])
            padded *= sum(cell < x.shape[axis + 1] + pads[axis][1] for cell in lies)
        cells = x[:, taps[0]][:, :, taps[1]]
        many = padded if counts else len(taps[0]) * len(taps[1])
        y[:, *place] = cells.max((1, 2)) if kind == "max_pool" else cells.sum((1, 2)) / many
    return y


NONE = ((0, 0), (0, 0))
POOLS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # of (4, 6): fields, and the windows that they mean
    (kind, fields, {"counts": False, **given})
    for kind in ("max_pool", "avg_pool")
    for fields, given in (
        ({"kernel": 3, "stride": 2, "ceil": True}, {"kernel": (3, 3), "stride": (2, 2), "pads": NONE, "made": (2, 3)}),
        ({"kernel": [3, 4], "ceil": True}, {"kernel": (3, 4), "stride": (3, 4), "pads": NONE, "made": (2, 2)}),
        ({"kernel": 3, "stride": 2, "padding": [[1, 0], 1], "ceil": True},
         {"kernel": (3, 3), "stride": (2, 2), "pads": ((1, 0), (1, 1)), "made": (2, 4), "counts": True}),
        ({"output": [3, 5]}, {"kernel": (2, 2), "stride": (1, 1), "pads": NONE, "made": (3, 5)}),
        ({"output": [2, 3]}, {"kernel": (2, 2), "stride": (2, 2), "pads": NONE, "made": (2, 3)}),
    )
] + [
    ("max_pool", {"kernel": 2, "stride": 1, "dilation": [2, 3], "padding": "same"},
     {"kernel": (2, 2), "stride": (1, 1), "dilation": (2, 3), "pads": ((1, 1), (1, 2)), "made": (4, 6)}),
    ("max_pool", {"kernel": 2, "stride": 2, "dilation": 2, "ceil": True},
     {"kernel": (2, 2), "stride": (2, 2), "dilation": (2, 2), "pads": NONE, "made": (2, 3)}),
    ("avg_pool", {"kernel": 3, "stride": 1, "padding": 1, "count_include_pad": False},
     {"kernel": (3, 3), "stride": (1, 1), "pads": ((1, 1), (1, 1)), "made": (4, 6)}),
    ("avg_pool", {"kernel": 3, "stride": 1, "padding": "same", "count_include_pad": True},
     {"kernel": (3, 3), "stride": (1, 1), "pads": ((1, 1), (1, 1)), "made": (4, 6), "counts": True}),
    ("avg_pool", {"kernel": 3, "stride": 2, "padding": 1, "count_include_pad": False, "ceil": True},
     {"kernel": (3, 3), "stride": (2, 2), "pads": ((1, 1), (1, 1)), "made": (3, 4)}),
    ("avg_pool", {"kernel": 2, "stride": 1, "padding": 1},
     {"kernel": (2, 2), "stride": (1, 1), "pads": ((1, 1), (1, 1)), "made": (5, 7), "counts": True}),
]  # fmt: skip

CASES: list[tuple[str, dict[str, Any], Oracle]] = [
    ("channel_shuffle", {"groups": 4}, shuffled),
    ("slice", {"start": 1, "size": 3, "axis": 1}, cut),
    ("slice", {"start": -5, "end": 6, "step": 2, "axis": 1}, lambda x, weights: x[:, :, [1, 3, 5]]),
    ("slice", {"step": 3}, lambda x, weights: x[..., [0, 3, 6]]),
    ("pad_channels", {"before": 1, "after": 2}, widened),
    ("hard_sigmoid", {}, hard),
    ("mish", {}, lambda x, weights: x * _np().tanh(_np().log1p(_np().exp(x)))),
    ("softplus", {}, lambda x, weights: _np().log1p(_np().exp(x))),
    ("softsign", {}, lambda x, weights: x / (1 + abs(x))),
    ("selu", {}, lambda x, weights: 1.05070098 * _np().where(x > 0, x, 1.67326324 * (_np().exp(x) - 1))),
    ("celu", {"alpha": 0.7}, lambda x, weights: _np().where(x > 0, x, 0.7 * (_np().exp(x / 0.7) - 1))),
    ("hard_tanh", {}, lambda x, weights: x.clip(-1, 1)),
    ("exp", {}, lambda x, weights: _np().exp(x)),
    ("square", {}, lambda x, weights: x * x),
    ("abs", {}, lambda x, weights: _np().where(x < 0, -x, x)),
    ("power", {"exponent": 3}, lambda x, weights: x * x * x),
    ("prelu", {}, lambda x, weights: _np().where(x > 0, x, weights["alpha"] * x)),
    ("prelu", {"shared_axes": [-1, 0]}, lambda x, weights: _np().where(x > 0, x, weights["alpha"] * x)),
    ("resize", {"size": [7, 5], "mode": "bilinear"}, mixed),
    ("upsample", {"factor": 2, "mode": "bilinear", "align_corners": True}, mixed_between_corners),
    ("upsample", {"factor": [2, 3]}, repeated),
    ("resize", {"size": [3, 5]}, nearest),
    ("pad", {"amount": [2, [0, 1]], "mode": "reflect"}, mirrored),
    ("pad", {"amount": [[3, 0], 1], "mode": "replicate"}, held),
    ("crop", {"amount": [1, [0, 2]]}, lambda x, weights: x[:, 1:3, :4]),
    ("depth_to_space", {"block": 2}, spread),
    ("depth_to_space", {"block": 2, "order": "CRD"}, spread_as_torch),
    ("space_to_depth", {"block": 2}, gathered),
    ("space_to_depth", {"block": 2, "order": "CRD"}, gathered_as_torch),
    ("transpose", {"axes": [2, 0, 1]}, turned),
    ("group_norm", {"groups": 4}, lambda x, weights: normed(x, weights, groups=4)),
    ("instance_norm", {}, lambda x, weights: normed(x, weights, groups=8)),
    ("global_norm", {}, lambda x, weights: normed(x, weights, groups=1)),
    ("rms_norm", {}, lambda x, weights: weights["scale"] * x / _np().sqrt((x * x).mean(-1, keepdims=True) + 1e-6)),
    ("unit_norm", {}, lambda x, weights: x / _np().sqrt((x * x).sum(-1, keepdims=True))),
    ("scale", {"initial": 0.1}, lambda x, weights: x * weights["gamma"]),
    ("affine", {}, lambda x, weights: x * weights["gamma"] + weights["beta"]),
    ("normalization", {"mean": [2] * 8, "variance": [4, 9] * 4}, lambda x, weights: (x - 2) / _np().array([2, 3] * 4)),
    ("normalization", {}, lambda x, weights: (x - weights["mean"]) / weights["variance"] ** 0.5),
    ("stats_pool", {}, statistics),
    ("reduce", {"by": "mean", "axis": [0, -1]}, lambda x, weights: x.mean((1, 3))),
    ("reduce", {"by": "max", "axis": 1}, lambda x, weights: x.max(2)),
    ("reduce", {"by": "min", "axis": -1, "keep_axes": True}, lambda x, weights: x.min(3, keepdims=True)),
    ("reduce", {"by": "sum", "axis": [0, 1, 2], "keep_axes": True}, lambda x, weights: x.sum((1, 2, 3), keepdims=True)),
    ("reduce", {"by": "variance", "axis": 0}, lambda x, weights: x.var(1)),
    ("reduce", {"by": "std", "axis": [1, 2]}, lambda x, weights: x.std((2, 3))),
    ("reduce", {"by": "l2", "axis": 2}, lambda x, weights: _np().sqrt((x**2).sum(3))),
    ("softmax", {"axis": 1}, lambda x, weights: _np().exp(x) / _np().exp(x).sum(2, keepdims=True)),
    ("softmax", {"axis": -1}, lambda x, weights: _np().exp(x) / _np().exp(x).sum(3, keepdims=True)),
    ("maximum", {"value": 0.5}, lambda x, weights: x.clip(0.5)),
    *(
        (kind, fields, lambda x, weights, by=kind, given=given: windows(x, by, **given))
        for kind, fields, given in POOLS
    ),
    ("add", {"value": -0.5}, lambda x, weights: x + -0.5),
    ("multiply", {"value": -0.5}, lambda x, weights: x * -0.5),
    ("subtract", {"value": 4}, lambda x, weights: x - 4),
    ("divide", {"value": 4}, lambda x, weights: x / 4),
    ("sub_spectral_norm", {"bands": 3}, banded),
    ("einsum_dense", {"equation": "...xy,xyz->...z", "output": 5, "bias_axes": "z"},
     lambda x, weights: _np().tensordot(x, weights["kernel"], 2) + weights["added"]),
    ("einsum_dense", {"equation": "...x,xy->...y", "output": 4, "bias_axes": "y"},
     lambda x, weights: x @ weights["kernel"] + weights["added"]),
    ("einsum_dense", {"equation": "abcd,def->abcef", "output": [None, None, 6, 6], "bias_axes": "e"},
     lambda x, weights: _np().tensordot(x, weights["kernel"], 1) + weights["added"].reshape(6, 1)),
    ("einsum_dense", {"equation": "abcd,bed->aecb", "output": [3, None, None]},
     lambda x, weights: _np().stack([x[:, b] @ weights["kernel"][b].T for b in range(4)], -1).transpose(0, 2, 1, 3)),
    ("squeeze_excite", {"reduced": 3, "gate": "hard_sigmoid"}, mobilenet_gate),
    ("squeeze_excite", {"reduced": 3, "inner": "silu"}, efficientnet_gate),
]


@pytest.mark.parametrize(("kind", "fields", "oracle"), CASES)
def test_values(kind: str, fields: dict[str, Any], oracle: Oracle) -> None:
    import numpy as np

    from costlens.export import build

    model = build(graph(SHAPE, ("layer", layer(kind, **fields))), seed=5)
    x = 4 * np.random.default_rng(6).standard_normal((3, *SHAPE))
    weights: dict[str, Any] = {}
    for weight in model.weights:
        weights[f"{weight.name}2" if weight.name in weights else weight.name] = np.asarray(weight, np.float64)
    made = np.asarray(model(x.astype(np.float32), training=False))
    expected = oracle(x, weights)
    assert made.shape == expected.shape
    assert np.abs(made - expected).max() < 1e-5 * np.abs(expected).max()
