"""A bank of kernels of common sizes: timed once, they tell of networks whose own kernels were never timed.

Small networks in the language of specs are drawn, always the same ones, and their kernels are those of their graphs. So
a kernel of the bank is written by the same rules as that of any spec. Sizes are spread evenly over their logarithms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import exp, log, log2
from random import Random
from string import Template
from typing import NamedTuple

from costlens.errors import CostlensError
from costlens.prediction.classes import class_of
from costlens.prediction.kernels import kernels
from costlens.runtimes._operation import Operation
from costlens.spec.family import family

_MOST_MACS, _MOST_BYTES = 4e8, 24e6
"""Of one kernel: of larger ones, which take long, a few are enough."""
_LARGE_MACS, _LARGE_BYTES = 6e9, 96e6
"""Of the few."""
_TRIES = 40
_POWERS, _EVEN, _SQUARE = 0.4, 0.45, 0.6
"""Shares of the channels that are powers of two or three times such, or multiples of eight, and of square images."""
_FUNCTIONS = (
    "relu", "sigmoid", "silu", "hard_swish", "gelu", "tanh", "relu6", "leaky_relu", "hard_sigmoid",
)  # fmt: skip
_RARE_FUNCTIONS = ("elu", "exp", "log", "sqrt", "softplus", "selu", "maximum: -0.4", "minimum: 0.5")


class _Form(NamedTuple):
    """So many networks of inputs and layers; ``$`` marks what is drawn."""

    number: int
    given: str
    layers: tuple[str, ...]


def _form(number: int, given: str, *layers: str) -> _Form:
    return _Form(number, given, layers)


_IMAGE, _LINE, _VOLUME = "input: [$h, $w, $c]", "input: [$t, $c]", "input: [$d, $h2, $w2, $c3]"
_STEP, _STEPS = "inputs: {x: [1, $c], h: [$f]}", "inputs: {x: [1, $c], h: [$f], m: [$f]}"
_WIDE, _X = "conv: {filters: $f, kernel: 1}", "conv: {name: x, filters: $f, kernel: 1}"
_BACK = "conv: {filters: $c, kernel: 1}"
_FORMS = (
    _form(360, _IMAGE, "conv: {filters: $f, kernel: 1, stride: $s, activation: $act}"),
    _form(
        60, _IMAGE, _X,
        "conv: {name: y, filters: $f, kernel: $k1, activation: none}", "add: {from: [x, y]}", "relu",
    ),
    _form(280, _IMAGE, "conv: {filters: $f, kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(60, _IMAGE, "conv: {filters: $f, kernel: [$k, $k1], stride: $s, padding: same, activation: $act}"),
    _form(170, _IMAGE, "depthwise: {kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(
        90, "input: [$h, $w, $cg]",
        "conv: {filters: $fg, kernel: $k, stride: $s, groups: $g, padding: same, activation: $act}",
    ),
    _form(40, "input: [$H, $W, $c0]", "conv: {filters: $f, kernel: $kl, stride: $s2, padding: same, activation: $act}"),
    _form(30, "input: [$H, $W, 3]", "conv: {filters: $fs, kernel: $k, stride: 2, padding: same, activation: $act}"),
    _form(100, "input: [$c]", "dense: {units: $f, activation: $act}"),
    _form(80, _LINE, "conv: {filters: $f, kernel: 1, activation: $act}"),
    _form(70, _LINE, "dense: {units: $f, activation: $act}"),
    _form(120, _LINE, "conv: {filters: $f, kernel: $kl, stride: $s, padding: same, activation: $act}"),
    _form(60, _LINE, "depthwise: {kernel: $kl, stride: $s, padding: same, activation: $act}"),
    _form(30, "input: [$t, $cg]", "conv: {filters: $fg, kernel: $kl, groups: $g, padding: same, activation: $act}"),
    _form(20, _IMAGE, "max_pool: {kernel: $kp, stride: $s2}"),
    _form(20, _IMAGE, "avg_pool: {kernel: $kp, stride: $s2}"),
    _form(30, _IMAGE, _WIDE, "global_avg_pool", "dense: {units: $f2, activation: softmax}"),
    _form(30, _IMAGE, "global_avg_pool"),
    _form(30, "input: [$T, $c0]", "conv: {filters: $f, kernel: $kw, stride: $sw, padding: same, activation: $act}"),
    _form(
        50, _IMAGE, _X,
        "conv: {name: y, from: x, filters: $f, kernel: 1, activation: $act2}", "$join: {from: [x, y]}", "$act2",
    ),
    _form(40, _IMAGE, _X, "$act2", "squeeze_excite: {reduced: $r}", _BACK),
    _form(30, _LINE, "$act2", "layer_norm", "dense: {units: $f}"),
    _form(16, "input: [$t, $ca]", "attention: {heads: $g4}"),
    _form(24, "input: [$t1, $c]", "lstm: {units: $f, return_sequences: true}"),
    _form(20, "input: [$t1, $c]", "lstm: {units: $f, bidirectional: true, return_sequences: true}"),
    _form(24, _STEPS, "lstm: {from: [x, h, m], units: $f, return_sequences: true}"),
    _form(24, "input: [$t1, $c]", "gru: {units: $f, return_sequences: true}"),
    _form(20, "input: [$t1, $c]", "gru: {units: $f, bidirectional: true, return_sequences: true}"),
    _form(24, _STEP, "gru: {from: [x, h], units: $f, return_sequences: true}"),
    _form(40, _IMAGE, "conv_transpose: {filters: $f, kernel: $kt, stride: $st, padding: same}"),
    _form(50, _LINE, "conv_transpose: {filters: $f, kernel: $kt, stride: $st, padding: same}"),
    _form(60, _VOLUME, "conv: {filters: $f3, kernel: 3, stride: $s, padding: same, activation: $act}"),
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
    _form(16, "input: [$h, $w, $cg]", "conv: {filters: $fg, kernel: 1, groups: $g}", "channel_shuffle: $g", _BACK),
    _form(
        60, "input: [$h, $w, $cb]",
        "conv: {filters: $fb, kernel: $k, stride: $s, groups: $gb, padding: same, activation: $act}",
    ),
    _form(
        24, _IMAGE, "conv: {filters: $f, kernel: 1, activation: relu}", "pad: 1",
        "conv: {filters: $c, kernel: 3, padding: valid}",
    ),
    _form(60, _LINE, "conv: {filters: $f, kernel: $kc, padding: causal, dilation: $k, activation: $act}"),
    _form(
        16, _IMAGE, "conv: {filters: $f4, kernel: 1}", "split: {name: p, parts: 2}", "add: {from: [p, p.part2]}"
    ),
    _form(
        24, _IMAGE, "conv: {name: x, filters: $f, kernel: 1, activation: relu}",
        "max_pool: {name: y, kernel: $kp, stride: 1, padding: same}", "concat: {from: [x, y]}",
    ),
    _form(24, _IMAGE, "conv: {filters: $f4, kernel: 1}", "depth_to_space: {block: 2, order: $order}", _BACK),
    _form(12, _IMAGE, _WIDE, "flatten", "dense: {units: 10}"),
    _form(20, _LINE, "conv: {filters: $f, kernel: 3, padding: same}", "softmax", "transpose: [1, 0]"),
    _form(30, _IMAGE, _WIDE, "slice: {start: $r2, size: $r2}", _BACK),
    _form(20, _IMAGE, _WIDE, "global_max_pool"),
    _form(
        40, _LINE, "conv: {name: x, filters: $f, kernel: 1}",
        "conv: {name: y, from: x, filters: $f, kernel: 3, padding: same}", "$join: {from: [x, y]}", "$act2",
    ),
    _form(24, _IMAGE, _WIDE, "max_pool: 2", "pad_channels: {after: $r}"),
    _form(160, _IMAGE, _WIDE, "$rare", _BACK),
)  # fmt: skip
_LARGE = (
    _form(4, _IMAGE, "conv: {filters: $f, kernel: 1, activation: $act}"),
    _form(14, _IMAGE, "conv: {filters: $f, kernel: $k, padding: same, activation: $act}"),
    _form(6, _IMAGE, "conv: {filters: $f, kernel: 3, dilation: $k, padding: same, activation: $act}"),
    _form(6, _LINE, "conv: {filters: $f, kernel: $kl, padding: same, activation: $act}"),
    _form(6, _LINE, "conv_transpose: {filters: $f, kernel: $kt, stride: $st, padding: same}"),
    _form(10, _VOLUME, "conv: {filters: $f3, kernel: 3, padding: same, activation: $act}"),
    _form(6, _VOLUME, "conv: {filters: $f3, kernel: [1, 3, 3], padding: same, activation: $act}"),
    _form(6, "input: [$t1, $c]", "gru: {units: $f, bidirectional: true, return_sequences: true}"),
    _form(6, "input: [$t1, $c]", "lstm: {units: $f, bidirectional: true, return_sequences: true}"),
)
"""Networks whose largest kernel has between ``_MOST_MACS`` and ``_LARGE_MACS`` multiplications."""
_ODD = (
    _form(30, "input: [$h, $w, $odd]", "depthwise: {kernel: $k, stride: $s, padding: same, activation: $act}"),
    _form(20, "input: [$h, $w, $odd]", "conv: {filters: $odd, kernel: 1, activation: $act}"),
    _form(
        20, "input: [$t, $odd]", "conv: {filters: $odd, kernel: $kl, padding: causal, dilation: $k, activation: $act}"
    ),
)
"""Channels that fill no block: their products alone are kept."""
_BESIDE = frozenset({"nchwc.ReorderInput", "nchwc.ReorderOutput", "Reshape", "Transpose swap"})
"""Of these classes the other forms make enough."""
_KEPT_FORMS = (
    _form(30, _VOLUME, "conv: {filters: $f3, kernel: [1, 3, 3], padding: same, activation: $act}"),
    _form(30, _VOLUME, "conv: {filters: $f3, kernel: [3, 1, 1], padding: same, activation: $act}"),
    _form(30, _IMAGE, "conv: {filters: $f, kernel: 3, dilation: $k, padding: same, activation: $act}"),
    _form(20, "input: [$t, $odd]", "conv: {filters: $odd, kernel: $kc, padding: causal, dilation: $k}", "$act2"),
    _form(
        30, _IMAGE, "conv: {name: x, filters: $f2, kernel: 1}", "avg_pool: {name: y, kernel: [1, $w]}",
        "add: {from: [x, y]}",
    ),
    _form(30, _IMAGE, "conv: {filters: $r2, kernel: 1}", "transpose: [1, 0, 2]"),
    _form(
        40, _IMAGE, _X, "conv: {name: y, from: x, filters: $f2, kernel: 1}",
        "concat: {from: [x, y]}", "batch_norm", "relu", _BACK,
    ),
    _form(20, _IMAGE, _WIDE, "avg_pool: {kernel: 3, stride: 1, padding: same}", _BACK),
    _form(30, _LINE, _WIDE, "depthwise: {kernel: $kc, padding: causal, dilation: $k}", _BACK),
    _form(40, _IMAGE, "relu", "global_avg_pool"),
    _form(20, _LINE, "relu", "global_avg_pool"),
)  # fmt: skip
"""Of these every kernel is kept, but those of which the other forms make enough."""
_ENOUGH = 50
_MORE = {
    "nchwc.Conv 1x1": 560, "nchwc.Conv": 480, "nchwc.Conv depthwise": 220, "nchwc.Conv grouped": 80, "MatMul": 180,
    "Gemm": 130, "Conv grouped": 130, "Conv 1x1": 80, "nchwc.Conv first": 120, "Conv": 80, "Conv depthwise": 80,
    "Conv 3-D": 70, "ConvTranspose": 90, "Add": 80, "Mul": 60, "Transpose swap": 140, "nchwc.ReorderOutput": 80,
    "nchwc.ReorderInput": 80, "Reshape": 12, "Neg": 12, "Reciprocal": 12, "Erf": 16,
}  # fmt: skip
"""Kernels of a class that are kept, where that is not ``_ENOUGH``: the most where networks spend their time."""


def bank(block: int) -> list[Operation]:
    """Return the kernels of the bank; ``block`` is how many channels the runtime keeps together.

    They are in the order of their sizes, so that each is timed beside others of its size, as it would be in a network.
    """
    every = sorted(_made(_FORMS, block).values(), key=lambda one: _random(one.text).random())
    seen = Counter[str]()
    kept: dict[str, Operation] = {}
    for one in every:
        kind = class_of(one)
        seen[kind] += 1
        if seen[kind] <= _MORE.get(kind, _ENOUGH):
            kept[one.text] = one
    rest = _made(_ODD, block) | _made(_LARGE, block, large=True)
    kept |= {text: one for text, one in rest.items() if one.macs}
    kept |= {text: one for text, one in _made(_KEPT_FORMS, block).items() if class_of(one) not in _BESIDE}
    return sorted(kept.values(), key=lambda one: one.weight_bytes + one.activation_bytes)


def _random(seed: str) -> Random:
    """Return a stream of numbers of its own: what is drawn for one form does not change with the others."""
    return Random(seed)  # noqa: S311  # no secret


def _made(forms: Sequence[_Form], block: int, *, large: bool = False) -> dict[str, Operation]:
    """Return the kernels of so many networks of each form, by their texts."""
    found: dict[str, Operation] = {}
    for form in forms:
        random, made = _random(" ".join((form.given, *form.layers))), 0
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
    text = f"name: bank\n{Template(form.given).substitute(sizes)}\nlayers:\n{layers}"
    try:
        graph = family(text, "bank.yaml", _includes_nothing).at({}).graph
    except CostlensError:
        return []
    found = [one.operation for one in kernels(graph, block=block)]
    macs = max(one.macs for one in found)
    size = max(one.weight_bytes + one.activation_bytes for one in found)
    if large:
        return found if _MOST_MACS < macs < _LARGE_MACS and size < _LARGE_BYTES else []
    return found if macs <= _MOST_MACS and size <= _MOST_BYTES else []


def _includes_nothing(file: str) -> bytes:
    raise FileNotFoundError(file)


def _drawn(random: Random) -> dict[str, int | str]:
    """Draw all that forms name.

    h, w: of an image, H, W: of a larger one; t: steps, t1: few, T: many; d, h2, w2: of a volume; c, c0, c3: channels;
    f: filters, fs: of a first layer; k, kl, kw, kp, kt, kc: kernels, from small to large, of pools, of what enlarges,
    and causal; s, s2, sw: strides, st: of what enlarges; g: groups, cg and fg their channels and filters, gb, cb and fb
    those that fill blocks; r: what is squeezed; r2: few channels; odd: fills no block.
    """

    def size(least: int, most: int) -> int:
        return round(exp(random.uniform(log(least), log(most))))

    def channels(least: int, most: int) -> int:
        number, drawn = size(least, most), random.random()
        if drawn < _POWERS:
            halves = round(2 * log2(number))
            return max(8, round(2 ** (halves / 2)) if halves % 2 == 0 else 3 * round(2 ** (halves // 2 - 1)))
        return max(8, 8 * round(number / 8)) if drawn < _POWERS + _EVEN else number

    choice = random.choice
    height, groups, steps = size(1, 120), choice((2, 4, 8, 16, 32)), size(4, 2000)
    sizes: dict[str, int | str] = {
        "h": height,
        "w": height if random.random() < _SQUARE else size(max(1, height // 4), 2 * height),
        "c": channels(4, 2048), "f": channels(4, 2048), "f2": channels(4, 1024),
        "s": choice((1, 1, 1, 2)), "s2": choice((1, 2, 2, 4)),
        "k": choice((3, 3, 3, 5, 7)), "k1": choice((1, 3)), "kl": choice((3, 5, 7, 9, 11, 13, 25, 64)),
        "kp": choice((2, 2, 3)),
        "g": groups, "cg": groups * choice((2, 4, 8, 16, 32)), "fg": groups * choice((2, 4, 8, 16, 32)),
        "c0": choice((1, 3, 3)), "H": size(16, 240), "W": size(16, 240), "t": steps, "t1": size(1, 120),
        "act": choice(("relu", "none", "relu6")), "act2": choice(_FUNCTIONS), "rare": choice(_RARE_FUNCTIONS),
        "order": choice(("DCR", "CRD")), "join": choice(("add", "multiply", "add", "maximum")),
        "kc": choice((2, 3, 3, 7)), "r": channels(4, 128), "fs": channels(8, 96), "r2": size(2, 16),
        "ca": 64 * choice((1, 2, 3, 4, 6)), "g4": choice((2, 4, 8)),
        "d": size(2, 16), "h2": size(3, 56), "w2": size(3, 56),
        "c3": channels(4, 512), "f3": channels(4, 512), "f4": 4 * channels(4, 128),
    }  # fmt: skip
    blocked, larger = choice((2, 4, 8)), choice((2, 2, 2, 4, 8))
    sizes |= {"T": size(200, 40_000), "kw": choice((8, 16, 40, 80, 160, 400)), "sw": choice((1, 4, 8, 16, 160))}
    sizes |= {"gb": blocked, "cb": 16 * blocked * choice((1, 1, 2, 3, 4)), "fb": 16 * blocked * choice((1, 1, 2, 3, 4))}
    sizes |= {"st": larger, "kt": larger * choice((1, 2, 2))}
    return {**sizes, "odd": int(sizes["c"]) // 6 | 1}
