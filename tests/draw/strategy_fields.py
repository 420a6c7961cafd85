"""Random fields for each layer kind that fit a given shape."""

from collections.abc import Callable
from math import prod
from random import Random
from typing import Any

from costlens.arithmetic.shapes import Shape
from costlens.errors import ShapeError
from costlens.network.fields import FieldError, Scalar, Type, Words
from costlens.network.layers import layer_kind, layer_names
from costlens.network.layers._elementwise import Activation
from costlens.network.layers.conv import Conv
from costlens.network.variants import convolution_kind, kind_names
from tests.draw.parts import Fields, divisors, sometimes
from tests.draw.sequence_fields import attention, einsum_dense, recurrent

FieldsOf = Callable[[Random, Shape, bool], Fields]

CONVOLUTIONS = ("conv", *(name for name in kind_names() if name != "standard"))
ACTIVATIONS: list[Any] = [
    *(name for name in layer_names() if issubclass(layer_kind(name), Activation)), "none", "prelu", {"prelu": "all"},
    {"leaky_relu": 0.1}, ["sigmoid", "tanh"],
    [{"maximum": -0.4}, {"elu": 1.5}],
]  # fmt: skip
NORMS: list[Any] = [
    "batch", "layer", {"group": 1}, "global", "rms", {"unit": {"epsilon": 0.5}}, "none",
    {"batch": {"scale": False, "epsilon": 1e-4}}, {"layer": {"center": False}}
]  # fmt: skip
_LARGE = 12
LONGEST_LIST = 16


def options(random: Random, kind: str) -> Fields:
    """Draw the fields of a statement that are not its layer's: norm, activation, fixed."""
    if kind not in {*CONVOLUTIONS, "depthwise", "conv_transpose", "dense"}:
        return {}
    norms = NORMS if kind == "dense" else [*NORMS, "instance"]
    chosen = sometimes(random, {"norm": random.choice(norms)}) | sometimes(
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


def window(random: Random, shape: Shape, *, keep: bool) -> Fields:
    """Draw kernel, stride, dilation and padding; a dilated kernel reaches no farther than the input."""
    sizes = shape[:-1]
    if keep:
        return {"kernel": _one(random, [random.randint(1, 3) for _ in sizes]), "padding": "same"}
    kernel = [random.randint(1, min(4, size)) for size in sizes]
    fields = {"kernel": _one(random, kernel), "padding": _padding(random, len(sizes), 2)}
    if random.randrange(3) == 0:
        farthest = [min(3, (size - 1) // max(k - 1, 1) or 1) for size, k in zip(sizes, kernel, strict=True)]
        fields |= {"dilation": _one(random, [random.randint(1, far) for far in farthest])}
        return fields | sometimes(random, {"stride": random.randint(2, 3)})
    return fields | {"stride": _one(random, [random.randint(1, 3) for _ in sizes])}


def _one(random: Random, values: list[Any]) -> Any:
    """Write one value for all axes where they are equal, sometimes."""
    return values[0] if len(set(values)) == 1 and random.random() < 0.5 else values


def _padding(random: Random, rank: int, most: int) -> Any:
    if random.random() < 0.5:
        return random.choice(["same", "valid", "causal", "same_lower", random.randint(0, most)])
    return [_axis_padding(random, most, ["same", "valid", "causal"]) for _ in range(rank)]


def _axis_padding(random: Random, most: int, words: list[Any]) -> Any:
    return random.choice([*words, random.randint(0, most), [random.randint(0, most), random.randint(0, most)]])


def _depthwise(random: Random, shape: Shape, keep: bool) -> Fields:
    more = {} if keep or shape[-1] > _LARGE else sometimes(random, {"multiplier": 2})
    return window(random, shape, keep=keep) | more | sometimes(random, {"bias": False})


def _conv_transpose(random: Random, shape: Shape, keep: bool) -> Fields:
    sizes = shape[:-1]
    most = 1 if max(sizes) > _LARGE or len(sizes) > 2 else 3
    groups = random.choice([1, 1, *divisors(shape[-1])])
    stride = [random.randint(1, most) for _ in sizes]
    dilation = [random.choice([1, 1, 2]) for _ in sizes]
    fields = {
        "filters": groups * random.randint(1, 3),
        "groups": groups,
        "kernel": _one(random, [random.randint(1, 4) for _ in sizes]),
        "stride": _one(random, stride),
        "dilation": _one(random, dilation),
        "bias": random.choice([True, False]),
    }
    more = [random.randrange(max(sizes)) for sizes in zip(stride, dilation, strict=True)]
    padding = random.choice(["same", "valid", "causal", "same_lower", 0, 1])
    chosen = {"padding": padding} | ({"output_padding": more} if isinstance(padding, int) else {})
    try:
        layer_kind("conv_transpose")(**fields, **chosen).output_shape(shape)
    except ShapeError:  # it would make the map smaller, or add cells that the kernel does not reach
        return fields
    return fields | chosen


def _dense(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"units": random.randint(1, 8)} | sometimes(random, {"bias": False})


def _pool(random: Random, shape: Shape, keep: bool) -> Fields:
    kernel = [random.randint(1, min(4, size)) for size in shape[:-1]]
    stride = _one(random, [random.randint(1, 3) for _ in kernel])
    padding = _padding(random, len(kernel), min(kernel) - 1)
    optional = random.choice([{}, {"stride": stride}, {"padding": padding}, {"stride": stride, "padding": padding}])
    return {"kernel": _one(random, kernel)} | optional | sometimes(random, {"ceil": True})


def _max_pool(random: Random, shape: Shape, keep: bool) -> Fields:
    fields = _to_a_size(random, shape) or _pool(random, shape, keep)
    if "kernel" not in fields or random.randrange(3):
        return fields
    try:
        layer_kind("max_pool")(**fields, dilation=2).output_shape(shape)
    except ShapeError:  # it reaches farther than the input
        return fields
    return fields | {"dilation": 2}


def _avg_pool(random: Random, shape: Shape, keep: bool) -> Fields:
    counts = sometimes(random, {"count_include_pad": random.choice([True, False])})
    return _to_a_size(random, shape) or _pool(random, shape, keep) | counts


def _to_a_size(random: Random, shape: Shape) -> Fields:
    return sometimes(random, {"output": [random.choice([1, min(2, size), size]) for size in shape[:-1]]})


def _reshape(random: Random, shape: Shape, keep: bool) -> Fields:
    values, channels = prod(shape), shape[-1]
    targets = [[values], [-1, channels], [values // channels, 1, channels], [-1, 1, 1], [1, values], list(shape)]
    return {"shape": random.choice(targets)}


def _pad(random: Random, shape: Shape, keep: bool) -> Fields:
    most = min(2, *(size - 1 for size in shape[:-1]))  # which reflect can add
    each = [_axis_padding(random, most, []) for _ in shape[:-1]]
    how = random.choice([{}, {"value": -0.5}, {"mode": "reflect"}, {"mode": "replicate"}])
    return {"amount": random.choice([random.randint(0, most), each])} | how


def _crop(random: Random, shape: Shape, keep: bool) -> Fields:
    cuts = [sorted(random.sample(range(size + 1), 2)) for size in shape[:-1]]
    each = [[first, size - last] for (first, last), size in zip(cuts, shape[:-1], strict=True)]
    return {"amount": random.choice([0, each])}


def _resampled(random: Random, chosen: Fields) -> Fields:
    corners = sometimes(random, {"align_corners": True})
    return chosen | random.choice([{}, {"mode": "nearest"}, {"mode": "bilinear", **corners}])


def _upsample(random: Random, shape: Shape, keep: bool) -> Fields:
    return _resampled(random, {"factor": _one(random, [random.randint(1, 3) for _ in shape[:-1]])})


def _resize(random: Random, shape: Shape, keep: bool) -> Fields:
    sizes = [random.randint(1, 9) for _ in shape[:-1]]
    factors = [random.choice([1, 1.25, 2]) for _ in shape[:-1]]
    return _resampled(random, random.choice([{"size": _one(random, sizes)}, {"factor": _one(random, factors)}]))


def _of_channels(shape: Shape) -> list[int]:
    return [block for block in (2, 3) if shape[-1] % block ** (len(shape) - 1) == 0]


def _of_places(shape: Shape) -> list[int]:
    return [block for block in (2, 3) if all(size % block == 0 for size in shape[:-1])]


def _depth_to_space(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"block": random.choice(_of_channels(shape))} | sometimes(random, {"order": "CRD"})


def _space_to_depth(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"block": random.choice(_of_places(shape))} | sometimes(random, {"order": "CRD"})


def _transpose(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"axes": random.sample(range(len(shape)), len(shape))}


def _squeeze_excite(random: Random, shape: Shape, keep: bool) -> Fields:
    width = random.choice([{"ratio": random.choice(divisors(shape[-1]))}, {"reduced": random.randint(1, 5)}])
    return {**width, "gate": random.choice(["sigmoid", "hard_sigmoid", "silu"]),
            "inner": random.choice(["relu", "silu", "mish"])}  # fmt: skip


def _channel_shuffle(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"groups": random.choice(divisors(shape[-1]))}


def _slice(random: Random, shape: Shape, keep: bool) -> Fields:
    axis = random.randint(-len(shape), len(shape) - 1)
    start = random.randrange(shape[axis])
    left, step = shape[axis] - start, random.choice([1, 1, 2, 3])
    ends = [start + random.randint(1, left), -random.randrange(left)]
    size = {"size": random.randint(1, -(-left // step))}
    part = random.choice([size, size, {"end": random.choice([end for end in ends if end])}])
    begins = [start, start - shape[axis]]
    fields = {"start": random.choice(begins)} if start or random.random() < 0.5 else {}
    return fields | part | ({"step": step} if step > 1 else {}) | {"axis": axis}


def _split(random: Random, shape: Shape, keep: bool) -> Fields:
    axis = random.choice([axis for axis, size in enumerate(shape) if size > 1])
    size = shape[axis]
    equal = [n for n in range(2, size + 1) if size % n == 0]
    cut = random.randint(1, size - 1)
    return {"parts": random.choice([random.choice(equal), [cut, size - cut]]), "axis": axis}


def _sub_spectral_norm(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"bands": random.choice(divisors(shape[1]))} | sometimes(random, {"scale": False})


def _stft(random: Random, shape: Shape, keep: bool) -> Fields:
    window = random.randint(1, min(9, shape[0]))
    return {"window": window, "hop": random.randint(1, 4), "fft": window + random.randint(0, 4)}


def _mel(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"bands": random.randint(1, 6), "sample_rate": 8000, "low": random.choice([0, 300.5]), "high": 4000}


def _frame(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"length": random.randint(1, shape[0]), "hop": random.randint(1, 3)}


def _power(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"exponent": random.choice([-0.5, 0.5, 2, 3])}


def _prelu(random: Random, shape: Shape, keep: bool) -> Fields:
    axis = random.randint(-len(shape), len(shape) - 1)
    return random.choice([{}, {"shared_axes": "all"}, {"shared_axes": [axis]}, {"initial": 0.5}])


def _group_norm(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"groups": random.choice(divisors(shape[-1]))} | sometimes(random, {"center": False})


def _reduce(random: Random, shape: Shape, keep: bool) -> Fields:
    by = random.choice(["mean", "max", "min", "sum", "l2", *(["std", "variance"] if min(shape) > 1 else [])])
    axes = random.choice([random.randint(-len(shape), len(shape) - 1), [0, -1]])
    return {"by": by, "axis": axes, "keep_axes": axes == [0, -1] or len(shape) == 1 or random.random() < 0.5}


def _softmax(random: Random, shape: Shape, keep: bool) -> Fields:
    return sometimes(random, {"axis": random.randint(-len(shape), len(shape) - 1)})


def _unit_norm(random: Random, shape: Shape, keep: bool) -> Fields:
    return {"epsilon": random.choice([0.01, 0.5])}  # a smaller one makes ±1 of rounding errors


def _normalization(random: Random, shape: Shape, keep: bool) -> Fields:
    numbers = [random.choice([0.25, 1, 2.5]) for _ in range(shape[-1])]
    return sometimes(random, {"mean": numbers, "variance": numbers}) if len(numbers) <= LONGEST_LIST else {}


FITTED: dict[str, FieldsOf] = {
    "depthwise": _depthwise,
    "conv_transpose": _conv_transpose,
    "dense": _dense,
    "max_pool": _max_pool,
    "avg_pool": _avg_pool,
    "reshape": _reshape,
    "pad": _pad,
    "crop": _crop,
    "upsample": _upsample,
    "resize": _resize,
    "depth_to_space": _depth_to_space,
    "space_to_depth": _space_to_depth,
    "transpose": _transpose,
    "stft": _stft,
    "mel": _mel,
    "frame": _frame,
    "power": _power,
    "prelu": _prelu,
    "group_norm": _group_norm,
    "normalization": _normalization,
    "reduce": _reduce,
    "unit_norm": _unit_norm,
    "squeeze_excite": _squeeze_excite,
    "channel_shuffle": _channel_shuffle,
    "lstm": recurrent,
    "gru": lambda *given: recurrent(*given) | sometimes(given[0], {"reset_after": False}),
    "simple_rnn": recurrent,
    "attention": attention,
    "einsum_dense": einsum_dense,
    "slice": _slice,
    "softmax": _softmax,
    "split": _split,
    "sub_spectral_norm": _sub_spectral_norm,
}
"""Kinds whose fields have to fit the shape; those of any other kind are drawn by their types."""
FITS: dict[str, Callable[[Shape], object]] = {
    "depth_to_space": _of_channels,
    "transpose": lambda shape: len(shape) > 1,
}
"""Shapes for which a kind has fields at all, where not all have."""
_NUMBERS = {int: (0, 1, 2, 3, 5), float: (-0.4, 0, 1e-4, 0.25, 0.5, 2.5)}


def fields_for(random: Random, kind: str, shape: Shape, *, keep: bool) -> Fields:
    """Draw the fields of a layer kind that is not a kind of convolution."""
    return FITTED[kind](random, shape, keep) if kind in FITTED else typed_fields(random, kind)


def typed_fields(random: Random, kind: str) -> Fields:
    """Draw values of the types of a kind's fields, some left at their defaults, until they fit each other."""
    cls = layer_kind(kind)
    for _ in range(100):
        drawn = {
            name: _value(random, field.type)
            for name, field in cls.fields().items()
            if field.required or random.random() < 0.5
        }
        try:
            cls(**drawn)
        except FieldError:
            continue
        return drawn
    raise AssertionError(f"{kind}: no fields that fit each other; draw them in FITTED")


def _value(random: Random, wanted: Type) -> Any:
    one = random.choice([each for each in wanted if each is not None])
    if isinstance(one, Words):
        return random.choice(list(one.words))
    if isinstance(one, Scalar):
        return random.choice([True, False] if one.sort is bool else list(filter(one.limits.hold, _NUMBERS[one.sort])))
    if one.limits is None:
        return [_value(random, each) for each in one.types]
    return [_value(random, one.types[0]) for _ in range(random.randint(one.limits.min_length, one.limits.max_length))]
