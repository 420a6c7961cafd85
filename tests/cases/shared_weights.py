"""Specs whose layers run again with the same weights: parameters and MACs by arithmetic."""

from typing import NamedTuple

HEAD = "name: shared\ninput: [8, 6, 4]\nlayers:\n"


class Case(NamedTuple):
    """A spec, what it counts, and the rows that use weights of others: row → the row that stores them."""

    text: str
    params: int
    deployed: int
    macs: int
    uses: dict[str, str]


CONV = 3 * 3 * 4 * 4
"""Weights of a 3×3 convolution 4 → 4."""

RETINANET = """\
name: retinanet_heads
knobs: {classes: 3, anchors: 2, depth: 2}
input: [32, 32, 3]
defaults:
  conv: {padding: same}
blocks:
  head:
    params: {values: required}
    layers:
      - repeat: {times: depth, layers: [{conv: {name: tower, filters: 8, kernel: 3, activation: relu}}]}
      - conv: {name: predict, filters: anchors * values, kernel: 3}
      - reshape: [-1, values]
layers:
  - conv: {name: stem, filters: 8, kernel: 3, stride: 2, norm: batch, activation: relu}
  - conv: {name: c3, filters: 8, kernel: 3, stride: 2, norm: batch, activation: relu}
  - conv: {name: c4, filters: 8, kernel: 3, stride: 2, norm: batch, activation: relu}
  - conv: {name: c5, filters: 8, kernel: 3, stride: 2, norm: batch, activation: relu}
  - head: {name: class3, from: c3, values: classes}
  - head: {name: class4, from: c4, shared: class3}
  - head: {name: class5, from: c5, shared: class4}
  - concat: {name: labels, from: [class3, class4, class5], axis: 0}
  - head: {name: box3, from: c3, values: 4}
  - shared: {name: box4, from: c4, of: box3}
  - shared: {name: box5, from: c5, of: box3}
  - concat: {name: boxes, from: [box3, box4, box5], axis: 0}
outputs: [labels, boxes]
"""
_TOWER, _OF_LEVELS = 9 * 8 * 8, 8 * 8 + 4 * 4 + 2 * 2
_STEM = 9 * (3 * 8 + 3 * 8 * 8)
_LEVEL = {f"{head}{level}": f"{head}3" for head in ("class", "box") for level in (4, 5)}

CASES: dict[str, Case] = {
    "a convolution with its norm, three times": Case(
        HEAD + "- conv: {name: a, filters: 4, kernel: 3, norm: batch, activation: relu}\n"
        "- conv: {shared: a}\n- shared: conv1\n",
        CONV + 4 + 4 * 4, CONV + 4, 3 * CONV * 48, {"conv1": "a", "conv2": "a"}),
    "norms of their own behind a shared convolution are not folded": Case(
        HEAD + "- conv: {name: a, filters: 4, kernel: 3, bias: false}\n- batch_norm\n- relu\n"
        "- conv: {shared: a}\n- batch_norm\n",
        CONV + 2 * 16, CONV + 2 * 8, 2 * CONV * 48, {"conv1": "a"}),
    "a shared norm is folded behind convolutions of their own, and kept elsewhere": Case(
        HEAD + "- conv: {filters: 4, kernel: 3, bias: false}\n- batch_norm: {name: n}\n- relu\n"
        "- conv: {filters: 4, kernel: 3, bias: false}\n- batch_norm: {shared: n}\n- relu\n- shared: n\n",
        2 * CONV + 16, 2 * (CONV + 4) + 8, 2 * CONV * 48, {"batch_norm1": "n", "batch_norm2": "n"}),
    "a folded norm in one use only": Case(
        HEAD + "- conv: {name: a, filters: 4, kernel: 3, bias: false}\n- batch_norm: {name: n}\n- relu\n"
        "- conv: {name: b, shared: a}\n- batch_norm: {shared: n}\n- add: {from: [b, batch_norm1]}\n",
        CONV + 16, CONV + 8, 2 * CONV * 48, {"b": "a", "batch_norm1": "n"}),
    "a volume whose channels are filtered by themselves": Case(
        "name: volume\ninput: [5, 5, 3, 2]\nlayers:\n- depthwise: {name: d, kernel: [3, 3, 3], padding: same}\n"
        "- shared: d\n",
        27 * 2 + 2, 27 * 2 + 2, 2 * 27 * 2 * 75, {"depthwise1": "d"}),
    "other kinds with weights": Case(
        HEAD + "- depthwise: {name: d, kernel: 3}\n- depthwise: {shared: d}\n- squeeze_excite: {name: s, reduced: 2}\n"
        "- shared: s\n- dense: {name: u, units: 4}\n- shared: u\n- layer_norm: {name: n}\n- shared: n\n"
        "- conv: {name: g, filters: 4, kernel: 3, groups: 2}\n- shared: g\n"
        "- conv_transpose: {name: t, filters: 4, kernel: 3, stride: 2}\n- shared: t\n",
        (36 + 4) + (8 + 2 + 8 + 4) + (16 + 4) + 8 + (72 + 4) + (CONV + 4),
        (36 + 4) + (8 + 2 + 8 + 4) + (16 + 4) + 8 + (72 + 4) + (CONV + 4),
        2 * 36 * 48 + 2 * 16 + 2 * 16 * 48 + 2 * 72 * 48 + CONV * (48 + 4 * 48),
        {"depthwise1": "d", "squeeze_excite1": "s", "dense1": "u", "layer_norm1": "n", "conv1": "g",
         "conv_transpose1": "t"}),
    "sizes where same padding adds zeros, and where it adds none": Case(
        "name: shared\ninputs: {x: [9, 9, 4], y: [10, 10, 4]}\nlayers:\n"
        "- conv: {name: a, from: x, filters: 4, kernel: 3, stride: 3}\n- conv: {name: b, from: y, shared: a}\n"
        "outputs: [a, b]\n",
        CONV + 4, CONV + 4, CONV * (9 + 16), {"b": "a"}),
    "a repeat whose every time has the weights of the first, as in ALBERT": Case(
        HEAD + "- repeat: {times: 3, shared: true, layers: "
        "[{residual: {body: [{dense: {units: 4, activation: gelu}}]}}, layer_norm]}\n",
        20 + 8, 20 + 8, 3 * 16 * 48,
        {"residual2.dense1": "residual1.dense1", "residual3.dense1": "residual1.dense1",
         "layer_norm2": "layer_norm1", "layer_norm3": "layer_norm1"}),
    "a named repeat, and the same again": Case(
        HEAD + "- repeat: {name: r, times: 2, shared: true, layers: "
        "[{conv: {name: a, filters: 4, kernel: 3}}, {shared: a}]}\n"
        "- shared: {of: r, name: again}\n",
        CONV + 4, CONV + 4, 8 * CONV * 48,
        dict.fromkeys(
            ("r1.conv1", "r2.a", "r2.conv1", "again1.a", "again1.conv1", "again2.a", "again2.conv1"), "r1.a")),
    "a name that a repeat numbers is that of the same time": Case(
        HEAD + "- repeat: {times: 2, layers: [{conv: {name: a, filters: 4, kernel: 3}}, {conv: {shared: a}}]}\n",
        2 * (CONV + 4), 2 * (CONV + 4), 4 * CONV * 48, {"conv1": "a1", "conv2": "a2"}),
    "two towers with one set of weights, as in a Siamese network": Case(
        "name: siamese\ninputs: {left: [8, 6, 4], right: [8, 6, 4]}\n"
        "blocks: {tower: {layers: [{separable: {filters: 4, kernel: 3, norm: batch}}, global_avg_pool, {dense: 5}]}}\n"
        "layers:\n- tower: {name: one, from: left}\n- tower: {name: other, from: right, shared: one}\n"
        "- concat: {from: [one, other]}\n- dense: 1\n",
        (36 + 4 + 16) + (16 + 4 + 16) + (20 + 5) + (10 + 1), (36 + 4) + (16 + 4) + (20 + 5) + (10 + 1),
        2 * ((36 + 16) * 48 + 20) + 10,
        {f"other.{part}": f"one.{part}" for part in ("separable1.depthwise", "separable1.pointwise", "dense1")}),
    "heads over three levels, as in RetinaNet": Case(
        RETINANET,
        _STEM + 4 * (8 + 4 * 8) + 2 * 2 * (_TOWER + 8) + 9 * 8 * 6 + 6 + 9 * 8 * 8 + 8,
        _STEM + 4 * 8 + 2 * 2 * (_TOWER + 8) + 9 * 8 * 6 + 6 + 9 * 8 * 8 + 8,
        9 * 3 * 8 * 256 + _TOWER * (64 + 16 + 4) + (2 * 2 * _TOWER + 9 * 8 * (6 + 8)) * _OF_LEVELS,
        {f"{level}.{part}": f"{of}.{part}"
         for level, of in _LEVEL.items() for part in ("tower1", "tower2", "predict")}),
}  # fmt: skip
