"""Random fields for each layer kind that fit a given shape."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from random import Random
from typing import Any

from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.variants import convolution_kind, kind_names

Fields = dict[str, Any]
FieldsOf = Callable[[Random, Shape, bool], Fields]

CONVOLUTIONS = ("conv", *(name for name in kind_names() if name != "standard"))
ACTIVATIONS: list[Any] = [
    "relu", "none", "silu", {"leaky_relu": 0.1}, ["sigmoid", "tanh"], [{"maximum": -0.4}, {"elu": 1.5}]
]  # fmt: skip
NORMS: list[Any] = [
    "batch", "layer", "none", {"batch": {"scale": False, "epsilon": 1e-4}}, {"layer": {"center": False}}
]  # fmt: skip
_LARGE = 12


def sometimes(random: Random, fields: Fields) -> Fields:
    """Return the fields one time in three."""
    return fields if random.randrange(3) == 0 else {}


def options(random: Random, kind: str) -> Fields:
    """Draw the fields of a statement that are not its layer's: norm, activation, fixed."""
    if kind not in {*CONVOLUTIONS, "depthwise", "conv_transpose", "dense"}:
        return {}
    chosen = sometimes(random, {"norm": random.choice(NORMS)}) | sometimes(
        random, {"activation": random.choice(ACTIVATIONS)}
    )
    return chosen | (sometimes(random, {"fixed": True}) if kind in CONVOLUTIONS else {})


def convolution_fields(random: Random, kind: str, shape: Shape, *, keep: bool) -> Fields:
    """Draw a convolution that its kind can realise."""
    fields = window(random, shape, keep=keep)
    fields["filters"] = shape[-1] if keep else random.choice(filters(kind, shape))
    if refused(kind, shape, **fields):
        fields = {"kernel": 3, "stride": fields.get("stride", 1), "padding": "same", "filters": fields["filters"]}
    if kind == "conv" and random.randrange(3) == 0:
        groups = random.choice(divisors(shape[-1]))
        fields |= {"groups": groups, "filters": shape[-1] if keep else groups * random.randint(1, 2)}
    return fields | sometimes(random, {"bias": False})


def filters(kind: str, shape: Shape) -> list[int]:
    """Return the numbers of filters with which a kind realises a convolution of this input."""
    return [n for n in range(1, 9) if not refused(kind, shape, filters=n, kernel=3)]


def refused(kind: str, shape: Shape, **fields: Any) -> bool:
    """Say whether a kind has no form for a convolution."""
    return kind != "conv" and convolution_kind(kind).refusal(Conv(**fields), shape) is not None


def divisors(channels: int) -> list[int]:
    """Return what divides the channels."""
    return [n for n in range(1, channels + 1) if channels % n == 0]


def window(random: Random, shape: Shape, *, keep: bool) -> Fields:
    """Draw kernel, stride, dilation and padding; a dilated kernel reaches no farther than the input."""
    sizes = shape[:-1]
    if keep:
        return {"kernel": _one(random, [random.randint(1, 3) for _ in sizes]), "padding": "same"}
    kernel = [random.randint(1, min(4, size)) for size in sizes]
    fields = {"kernel": _one(random, kernel), "padding": _padding(random, len(sizes), 2)}
    if random.randrange(3) == 0:
        farthest = [min(3, (size - 1) // max(k - 1, 1) or 1) for size, k in zip(sizes, kernel, strict=True)]
        return fields | {"dilation": _one(random, [random.randint(1, far) for far in farthest])}
    return fields | {"stride": _one(random, [random.randint(1, 3) for _ in sizes])}


def _one(random: Random, values: list[Any]) -> Any:
    """Write one value for all axes where they are equal, sometimes."""
    return values[0] if len(set(values)) == 1 and random.random() < 0.5 else values


def _padding(random: Random, rank: int, most: int) -> Any:
    if random.random() < 0.5:
        return random.choice(["same", "valid", random.randint(0, most)])
    return [_axis_padding(random, most, ["same", "valid"]) for _ in range(rank)]


def _axis_padding(random: Random, most: int, words: list[Any]) -> Any:
    return random.choice([*words, random.randint(0, most), [random.randint(0, most), random.randint(0, most)]])


def _depthwise(random: Random, shape: Shape, keep: bool) -> Fields:
    more = {} if keep or shape[-1] > _LARGE else sometimes(random, {"multiplier": 2})
    return window(random, shape, keep=keep) | more | sometimes(random, {"bias": False})


def _conv_transpose(random: Random, shape: Shape, keep: bool) -> Fields:
    sizes = shape[:-1]
    most = 1 if max(sizes) > _LARGE else 3
    return {
        "filters": random.randint(1, 5),
        "kernel": _one(random, [random.randint(1, 4) for _ in sizes]),
        "stride": _one(random, [random.randint(1, most) for _ in sizes]),
        "padding": random.choice(["same", "valid"]),
        "bias": random.choice([True, False]),
    }


def _dense(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"units": random.randint(1, 8)} | sometimes(random, {"bias": False})


def _pool(random: Random, shape: Shape, keep: bool) -> Fields:
    kernel = [random.randint(1, min(4, size)) for size in shape[:-1]]
    stride = _one(random, [random.randint(1, 3) for _ in kernel])
    padding = _padding(random, len(kernel), min(kernel) - 1)
    optional = random.choice([{}, {"stride": stride}, {"padding": padding}, {"stride": stride, "padding": padding}])
    return {"kernel": _one(random, kernel)} | optional


def _reshape(random: Random, shape: Shape, keep: bool) -> Fields:
    values, channels = prod(shape), shape[-1]
    targets = [[values], [-1, channels], [values // channels, 1, channels], [-1, 1, 1], [1, values], list(shape)]
    return {"shape": random.choice(targets)}


def _pad(random: Random, shape: Shape, keep: bool) -> Fields:
    each = [_axis_padding(random, 2, []) for _ in shape[:-1]]
    return {"amount": random.choice([random.randint(0, 2), each])}


def _squeeze_excite(random: Random, shape: Shape, keep: bool) -> Fields:
    width = random.choice([{"ratio": random.choice(divisors(shape[-1]))}, {"reduced": random.randint(1, 5)}])
    return {**width, "gate": random.choice(["sigmoid", "hard_sigmoid"]), "inner": random.choice(["relu", "silu"])}


def _channel_shuffle(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"groups": random.choice(divisors(shape[-1]))}


def _slice(random: Random, shape: Shape, keep: bool) -> Fields:
    axis = random.randint(-len(shape), len(shape) - 1)
    start = random.randrange(shape[axis])
    fields = {"start": start} if start or random.random() < 0.5 else {}
    return fields | {"size": random.randint(1, shape[axis] - start), "axis": axis}


def _sub_spectral_norm(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"bands": random.choice(divisors(shape[1]))} | sometimes(random, {"scale": False})


def _stft(random: Random, shape: Shape, keep: bool) -> Fields:
    window = random.randint(1, min(9, shape[0]))
    return {"window": window, "hop": random.randint(1, 4), "fft": window + random.randint(0, 4)}


def _mel(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"bands": random.randint(1, 6), "sample_rate": 8000, "low": random.choice([0, 300.5]), "high": 4000}


def _frame(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"length": random.randint(1, shape[0]), "hop": random.randint(1, 3)}


def _any_of(**fields: Any) -> FieldsOf:
    """Draw fields that do not depend on the shape; those called with ``optional_`` in front may be left out."""

    def draw(random: Random, shape: Shape, keep: bool) -> Fields:
        drawn = {name.removeprefix("optional_"): random.choice(values) for name, values in fields.items()}
        left_out = {name.removeprefix("optional_") for name in fields
                    if name.startswith("optional_") and random.random() < 0.5}  # fmt: skip
        return {name: value for name, value in drawn.items() if name not in left_out}

    return draw


_FLAG = (True, False)

FIELDS: dict[str, FieldsOf] = {
    "depthwise": _depthwise,
    "conv_transpose": _conv_transpose,
    "dense": _dense,
    "max_pool": _pool,
    "avg_pool": _pool,
    "global_avg_pool": _any_of(optional_keep_axes=_FLAG),
    "global_max_pool": _any_of(optional_keep_axes=_FLAG),
    "batch_norm": _any_of(optional_scale=_FLAG, optional_center=_FLAG, optional_epsilon=[1e-4]),
    "layer_norm": _any_of(optional_scale=_FLAG, optional_center=_FLAG, optional_epsilon=[1e-2]),
    "local_response_norm": _any_of(optional_size=[3], optional_beta=[0.5]),
    "leaky_relu": _any_of(optional_slope=[0.01, 0.3]),
    "elu": _any_of(optional_alpha=[0.5]),
    "maximum": _any_of(value=[-0.4, 0, 0.25]),
    "minimum": _any_of(value=[1, 0.5, 6]),
    "dropout": _any_of(optional_rate=[0.2]),
    "reshape": _reshape,
    "pad": _pad,
    "stft": _stft,
    "mel": _mel,
    "frame": _frame,
    "log": _any_of(offset=[0.1, 1]),
    "squeeze_excite": _squeeze_excite,
    "channel_shuffle": _channel_shuffle,
    "slice": _slice,
    "pad_channels": _any_of(optional_before=[0, 1, 3], after=[0, 1, 2]),
    "sub_spectral_norm": _sub_spectral_norm,
    **dict.fromkeys(
        ("relu", "relu6", "gelu", "silu", "hard_sigmoid", "hard_swish", "sigmoid", "tanh", "softmax", "flatten"),
        _any_of(),
    ),
}
