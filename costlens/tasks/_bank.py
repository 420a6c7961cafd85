"""A bank of kernels of common sizes: timed once, they tell of networks whose own kernels were never timed.

Small networks in the language of specs are drawn, always the same ones, and their kernels are those of their graphs. So
a kernel of the bank is written by the same rules as that of any spec. Sizes are spread evenly over their logarithms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, log
from random import Random
from string import Template
from typing import NamedTuple

from costlens.errors import CostlensError
from costlens.prediction.kernels import kernels
from costlens.prediction.model import class_of
from costlens.runtimes._operation import Operation
from costlens.spec.family import family

_SEED = 0
_MOST_MACS, _MOST_BYTES = 4e8, 24e6
"""Of one kernel: of larger ones, which take long, a few are enough."""
_LARGE_MACS, _LARGE_BYTES = 1.5e9, 64e6
"""Of the few."""
_TRIES = 40
_EVEN, _SQUARE = 0.85, 0.6
"""Shares of the channels that are multiples of eight, and of the images that are square."""
_FUNCTIONS = (
    "relu", "sigmoid", "silu", "hard_swish", "gelu", "tanh", "relu6", "leaky_relu", "hard_sigmoid",
)  # fmt: skip


class _Form(NamedTuple):
    """So many networks of an input and layers; ``$`` marks what is drawn."""

    number: int
    input: str
    layers: tuple[str, ...]


def _form(number: int, given: str, *layers: str) -> _Form:
    return _Form(number, given, layers)


_IMAGE, _LINE, _VOLUME = "$h, $w, $c", "$t, $c", "$d, $h2, $w2, $c3"
_WIDE, _X = "conv: {filters: $f, kernel: 1}", "conv: {name: x, filters: $f, kernel: 1}"
_BACK = "conv: {filters: $c, kernel: 1}"
_FORMS = (
    _form(260, _IMAGE, "conv: {filters: $f, kernel: 1, stride: $s, activation: $act}"),
    _form(
        60, _IMAGE, _X,
        "conv: {name: y, filters: $f, kernel: $k1, activation: none}", "add: {from: [x, y]}", "relu",
    ),
    _form(200, _IMAGE, "conv: {filters: $f, kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(60, _IMAGE, "conv: {filters: $f, kernel: [$k, $k1], stride: $s, padding: same, activation: $act}"),
    _form(120, _IMAGE, "depthwise: {kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(
        90, "$h, $w, $cg",
        "conv: {filters: $fg, kernel: $k, stride: $s, groups: $g, padding: same, activation: $act}",
    ),
    _form(40, "$H, $W, $c0", "conv: {filters: $f, kernel: $kl, stride: $s2, padding: same, activation: $act}"),
    _form(80, "$c", "dense: {units: $f, activation: $act}"),
    _form(60, _LINE, "dense: {units: $f, activation: $act}"),
    _form(90, _LINE, "conv: {filters: $f, kernel: $kl, stride: $s, padding: same, activation: $act}"),
    _form(40, _LINE, "depthwise: {kernel: $kl, stride: $s, padding: same, activation: $act}"),
    _form(20, "$t, $cg", "conv: {filters: $fg, kernel: $kl, groups: $g, padding: same, activation: $act}"),
    _form(20, _IMAGE, "max_pool: {kernel: $kp, stride: $s2}"),
    _form(20, _IMAGE, "avg_pool: {kernel: $kp, stride: $s2}"),
    _form(30, _IMAGE, _WIDE, "global_avg_pool", "dense: {units: $f2, activation: softmax}"),
    _form(30, _IMAGE, "global_avg_pool"),
    _form(30, "$T, $c0", "conv: {filters: $f, kernel: $kw, stride: $sw, padding: same, activation: $act}"),
    _form(
        50, _IMAGE, _X,
        "conv: {name: y, from: x, filters: $f, kernel: 1, activation: $act2}", "$join: {from: [x, y]}", "$act2",
    ),
    _form(40, _IMAGE, _X, "$act2", "squeeze_excite: {reduced: $r}", _BACK),
    _form(30, _LINE, "$act2", "layer_norm", "dense: {units: $f}"),
    _form(16, "$t, $ca", "attention: {heads: $g4}"),
    _form(24, "$t1, $c", "lstm: {units: $f, return_sequences: true}"),
    _form(24, "$t1, $c", "gru: {units: $f, return_sequences: true}"),
    _form(24, _IMAGE, "conv_transpose: {filters: $f, kernel: $kt, stride: 2, padding: same}"),
    _form(16, _LINE, "conv_transpose: {filters: $f, kernel: $kt, stride: 2, padding: same}"),
    _form(50, _VOLUME, "conv: {filters: $f3, kernel: 3, stride: $s, padding: same, activation: $act}"),
    _form(16, _VOLUME, "depthwise: {kernel: 3, padding: same, activation: $act}"),
    _form(16, _VOLUME, "conv: {filters: $f3, kernel: 1, activation: $act}"),
    _form(16, _IMAGE, _WIDE, "upsample: {factor: 2}", _BACK),
    _form(16, _IMAGE, _WIDE, "resize: {size: $H, mode: bilinear}", _BACK),
    _form(
        24, _LINE, "conv: {filters: $f, kernel: 3, padding: same}", "prelu: {shared_axes: all}", "global_norm", _BACK
    ),
    _form(20, _IMAGE, "conv: {filters: $f, kernel: 3, padding: same}", "prelu", _BACK),
    _form(
        24, _IMAGE, _X, "conv: {name: y, from: x, filters: $f2, kernel: 1}",
        "concat: {from: [x, y]}", _BACK,
    ),
    _form(16, "$h, $w, $cg", "conv: {filters: $fg, kernel: 1, groups: $g}", "channel_shuffle: $g", _BACK),
    _form(
        60, "$h, $w, $cb",
        "conv: {filters: $fb, kernel: $k, stride: $s, groups: $gb, padding: same, activation: $act}",
    ),
    _form(
        24, _IMAGE, "conv: {filters: $f, kernel: 1, activation: relu}", "pad: 1",
        "conv: {filters: $c, kernel: 3, padding: valid}",
    ),
    _form(24, _LINE, "conv: {filters: $f, kernel: 3, padding: causal, dilation: $k, activation: $act}"),
    _form(
        16, _IMAGE, "conv: {filters: $f4, kernel: 1}", "split: {name: p, parts: 2}", "add: {from: [p, p.part2]}"
    ),
    _form(
        24, _IMAGE, "conv: {name: x, filters: $f, kernel: 1, activation: relu}",
        "max_pool: {name: y, kernel: $kp, stride: 1, padding: same}", "concat: {from: [x, y]}",
    ),
    _form(12, _IMAGE, "conv: {filters: $f4, kernel: 1}", "depth_to_space: {block: 2}", _BACK),
    _form(12, _IMAGE, _WIDE, "flatten", "dense: {units: 10}"),
    _form(12, _LINE, "conv: {filters: $f, kernel: 3, padding: same}", "softmax", "transpose: [1, 0]"),
)  # fmt: skip
_LARGE = (
    _form(4, _IMAGE, "conv: {filters: $f, kernel: 1, activation: $act}"),
    _form(8, _IMAGE, "conv: {filters: $f, kernel: $k, padding: same, activation: $act}"),
    _form(10, _VOLUME, "conv: {filters: $f3, kernel: 3, padding: same, activation: $act}"),
)
"""Networks whose largest kernel has between ``_MOST_MACS`` and ``_LARGE_MACS`` multiplications."""
_ODD = (
    _form(30, "$h, $w, $odd", "depthwise: {kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(20, "$h, $w, $odd", "conv: {filters: $odd, kernel: 1, activation: $act}"),
)
"""Channels that fill no block."""
_ENOUGH = 40
_MORE = {
    "nchwc.Conv 1x1": 350, "nchwc.Conv": 320, "nchwc.Conv depthwise": 150, "nchwc.Conv grouped": 70, "MatMul": 140,
    "Gemm": 100, "Conv grouped": 110, "Conv 1x1": 60, "nchwc.Conv first": 67, "Conv": 80, "Conv 3-D": 60, "Add": 80,
    "Mul": 70, "Transpose": 100, "nchwc.ReorderOutput": 70, "nchwc.ReorderInput": 70, "Reshape": 12, "Relu": 50,
    "Neg": 12, "Sqrt": 12, "Reciprocal": 12, "Erf": 12,
}  # fmt: skip
"""Kernels of a class that are kept, where that is not ``_ENOUGH``: the most where networks spend their time."""


def bank(block: int) -> list[Operation]:
    """Return the kernels of the bank; ``block`` is how many channels the runtime keeps together.

    They are in the order of their sizes, so that each is timed beside others of its size, as it would be in a network.
    """
    random, further = Random(_SEED), Random(_SEED + 1)  # noqa: S311  # no secret
    every = [*_made(_FORMS, random, block).values()]
    random.shuffle(every)
    seen = Counter[str]()
    kept: dict[str, Operation] = {}
    for one in every:
        kind = class_of(one)
        seen[kind] += 1
        if seen[kind] <= _MORE.get(kind, _ENOUGH):
            kept[one.text] = one
    kept |= _made(_ODD, further, block) | _made(_LARGE, further, block, large=True)
    return sorted(kept.values(), key=lambda one: one.weight_bytes + one.activation_bytes)


def _made(forms: Sequence[_Form], random: Random, block: int, *, large: bool = False) -> dict[str, Operation]:
    """Return the kernels of so many networks of each form, by their texts."""
    found: dict[str, Operation] = {}
    for form in forms:
        made = 0
        for _ in range(_TRIES * form.number):
            drawn = _kernels(form, random, block, large=large)
            found |= {one.text: one for one in drawn}
            made += bool(drawn)
            if made == form.number:
                break
    return found


def _kernels(form: _Form, random: Random, block: int, *, large: bool = False) -> list[Operation]:
    """Return the kernels of a network of a form; none where its sizes do not go together, or one is too large."""
    sizes = _drawn(random)
    layers = "".join(f"  - {Template(layer).substitute(sizes)}\n" for layer in form.layers)
    text = f"name: bank\ninput: [{Template(form.input).substitute(sizes)}]\nlayers:\n{layers}"
    try:
        graph = family(text, "bank.yaml", _includes_nothing).at({}).graph
    except CostlensError:
        return []
    found = [one.operation for one in kernels(graph, block=block)]
    macs = max(one.macs for one in found)
    size = max(one.weight_bytes + one.activation_bytes for one in found)
    if large:
        return [one for one in found if one.macs] if _MOST_MACS < macs < _LARGE_MACS and size < _LARGE_BYTES else []
    return found if macs <= _MOST_MACS and size <= _MOST_BYTES else []


def _includes_nothing(file: str) -> bytes:
    raise FileNotFoundError(file)


def _drawn(random: Random) -> dict[str, int | str]:
    """Draw all that forms name.

    h, w: of an image, H, W: of a larger one; t: steps, t1: few, T: many; d, h2, w2: of a volume; c, c0, c3: channels;
    f: filters; k, kl, kw, kp, kt: kernels, from small to large, of pools and of what enlarges; s: strides; g: groups,
    cg and fg their channels and filters, gb, cb and fb those that fill blocks; r: what is squeezed; odd: fills none.
    """

    def size(least: int, most: int) -> int:
        return round(exp(random.uniform(log(least), log(most))))

    def channels(least: int, most: int) -> int:
        number = size(least, most)
        return max(8, 8 * round(number / 8)) if random.random() < _EVEN else number

    choice = random.choice
    height, groups, steps = size(1, 120), choice((2, 4, 8, 16, 32)), size(4, 2000)
    sizes: dict[str, int | str] = {
        "h": height,
        "w": height if random.random() < _SQUARE else size(max(1, height // 4), 2 * height),
        "c": channels(4, 2048), "f": channels(4, 2048), "f2": channels(4, 1024),
        "s": choice((1, 1, 1, 2)), "s2": choice((1, 2, 2, 4)),
        "k": choice((3, 3, 3, 5, 7)), "k1": choice((1, 3)), "kl": choice((3, 5, 7, 9, 11, 13, 25)),
        "kp": choice((2, 2, 3)), "kt": choice((2, 4, 8, 16)),
        "g": groups, "cg": groups * choice((2, 4, 8, 16, 32)), "fg": groups * choice((2, 4, 8, 16, 32)),
        "c0": choice((1, 3, 3)), "H": size(16, 240), "W": size(16, 240), "t": steps, "t1": size(1, 120),
        "act": choice(("relu", "none", "relu")), "act2": choice(_FUNCTIONS), "join": choice(("add", "multiply", "add")),
        "r": channels(4, 128), "ca": 64 * choice((1, 2, 3, 4, 6)), "g4": choice((2, 4, 8)),
        "d": size(2, 16), "h2": size(3, 56), "w2": size(3, 56),
        "c3": channels(4, 512), "f3": channels(4, 512), "f4": 4 * channels(4, 128),
    }  # fmt: skip
    blocked = choice((2, 4, 8))
    sizes |= {"T": size(200, 40_000), "kw": choice((8, 16, 40, 80, 160, 400)), "sw": choice((1, 4, 8, 16, 160))}
    sizes |= {"gb": blocked, "cb": 16 * blocked * choice((1, 1, 2, 3, 4)), "fb": 16 * blocked * choice((1, 1, 2, 3, 4))}
    return {**sizes, "odd": int(sizes["c"]) // 6 | 1}
