"""Activations, norms, joins and what else works value by value or reduces axes: rows of ``network/test_layers.py``."""

from typing import Any

from costlens.arithmetic.shapes import Shape

LAYERS: list[tuple[str, dict[str, Any], list[Shape], Shape, int, int, int, int]] = [
    # kind, fields, inputs, output, trainable, non-trainable, MACs, FLOPs
    ("stats_pool", {}, [(9, 3)], (6,), 0, 0, 0, 4*27),
    ("stats_pool", {}, [(6, 5, 3)], (5, 6), 0, 0, 0, 4*90),
    ("reduce", {"by": "mean", "axis": 1}, [(6, 5, 3)], (6, 3), 0, 0, 0, 4*18),
    ("reduce", {"by": "max", "axis": [0, -1]}, [(6, 5, 3)], (5,), 0, 0, 0, 17*5),
    ("reduce", {"by": "min", "axis": -1, "keep_axes": True}, [(9, 3)], (9, 1), 0, 0, 0, 2*9),
    ("reduce", {"by": "sum", "axis": [0], "keep_axes": True}, [(4,)], (1,), 0, 0, 0, 3),
    ("reduce", {"by": "l2", "axis": 1}, [(6, 5, 3)], (6, 3), 0, 0, 0, 10*18),
    ("reduce", {"by": "variance", "axis": 1}, [(6, 5, 3)], (6, 3), 0, 0, 0, 18*18),
    ("reduce", {"by": "std", "axis": [0, 1]}, [(6, 5, 3)], (3,), 0, 0, 0, 119*3),
    ("group_norm", {"groups": 4}, [(6, 5, 8)], (6, 5, 8), 16, 0, 0, 2*240),
    ("group_norm", {"center": False}, [(9, 64)], (9, 64), 64, 0, 0, 2*9*64),
    ("instance_norm", {}, [(6, 5, 3)], (6, 5, 3), 6, 0, 0, 2*90),
    ("instance_norm", {"scale": False, "center": False}, [(9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("global_norm", {}, [(6, 5, 3)], (6, 5, 3), 6, 0, 0, 2*90),
    ("global_norm", {"scale": False}, [(9, 3)], (9, 3), 3, 0, 0, 2*27),
    ("rms_norm", {}, [(6, 5, 3)], (6, 5, 3), 3, 0, 0, 2*90),
    ("rms_norm", {}, [(4,)], (4,), 4, 0, 0, 8),
    ("unit_norm", {}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 2*90),
    ("unit_norm", {}, [(64,)], (64,), 0, 0, 0, 128),
    # a mean and a variance of each channel: constants, or found in data with their number
    ("normalization", {"mean": [1, 2, 3], "variance": [1, 4, 9]}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 2*90),
    ("normalization", {}, [(9, 3)], (9, 3), 0, 2*3 + 1, 0, 2*27),
    # learned factors and shifts, one a channel
    ("scale", {}, [(6, 5, 3)], (6, 5, 3), 3, 0, 0, 90),
    ("scale", {"initial": 1e-6}, [(4,)], (4,), 4, 0, 0, 4),
    ("affine", {}, [(6, 5, 3)], (6, 5, 3), 6, 0, 0, 2*90),
    ("affine", {"initial": 0.5}, [(4,)], (4,), 8, 0, 0, 8),
    ("mish", {}, [(9, 3)], (9, 3), 0, 0, 0, 9*27),
    ("softplus", {}, [(9, 3)], (9, 3), 0, 0, 0, 3*27),
    ("softsign", {}, [(9, 3)], (9, 3), 0, 0, 0, 3*27),
    ("selu", {}, [(9, 3)], (9, 3), 0, 0, 0, 4*27),
    ("celu", {"alpha": 0.7}, [(9, 3)], (9, 3), 0, 0, 0, 4*27),
    ("hard_tanh", {}, [(9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("exp", {}, [(9, 3)], (9, 3), 0, 0, 0, 1*27),
    ("square", {}, [(9, 3)], (9, 3), 0, 0, 0, 1*27),
    ("abs", {}, [(9, 3)], (9, 3), 0, 0, 0, 1*27),
    ("power", {"exponent": 3}, [(9, 3)], (9, 3), 0, 0, 0, 1*27),
    ("sqrt", {}, [(9, 3)], (9, 3), 0, 0, 0, 1*27),
    # prelu: a slope for each channel, for all values, for each place along the axes that share none
    ("prelu", {}, [(6, 5, 3)], (6, 5, 3), 3, 0, 0, 2*90),
    ("prelu", {"shared_axes": "all"}, [(9, 3)], (9, 3), 1, 0, 0, 2*27),
    ("prelu", {"shared_axes": [0, -1]}, [(6, 5, 3)], (6, 5, 3), 5, 0, 0, 2*90),
    ("prelu", {"shared_axes": [1], "initial": 0}, [(9, 3)], (9, 3), 9, 0, 0, 2*27),
    ("prelu", {}, [(4,)], (4,), 4, 0, 0, 8),
    ("add", {"value": 2}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("add", {"value": -0.5}, [(4,)], (4,), 0, 0, 0, 4),
    ("multiply", {"value": 2}, [(6, 5, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("multiply", {"value": -0.5}, [(4,)], (4,), 0, 0, 0, 4),
    ("maximum", {}, [(6, 5, 3), (6, 1, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("minimum", {}, [(9, 3), (9, 3), (9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("subtract", {}, [(6, 5, 3), (6, 1, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("subtract", {}, [(9, 3), (9, 3), (9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("subtract", {"value": 4}, [(9, 3)], (9, 3), 0, 0, 0, 27),
    ("divide", {}, [(6, 5, 3), (6, 1, 3)], (6, 5, 3), 0, 0, 0, 90),
    ("divide", {}, [(9, 3), (9, 3), (9, 3)], (9, 3), 0, 0, 0, 2*27),
    ("divide", {"value": 4}, [(9, 3)], (9, 3), 0, 0, 0, 27),
    ("average", {}, [(6, 5, 3), (6, 1, 3)], (6, 5, 3), 0, 0, 0, 2*90),
    ("average", {}, [(9, 3), (9, 3), (9, 3)], (9, 3), 0, 0, 0, 3*27),
    # ratio 4: hard swish 5 a unit, ReLU6 2 a channel
    ("squeeze_excite", {"ratio": 4, "inner": "hard_swish", "gate": "relu6"}, [(9, 8)], (9, 8), 42, 0, 32,
     64 + 8*8 + 2 + 5*2 + 8 + 2*8 + 72),
]

REFUSALS: list[tuple[str, dict[str, Any], list[Shape], str]] = [
    # kind, fields, inputs, what the message says
    ("prelu", {"shared_axes": [2]}, [(4, 6)], "prelu: shared_axes: expected axes from -2 to 1 of (4, 6), received 2"),
    ("group_norm", {}, [(4, 4, 16)], "group_norm: channels (=16) must be divisible by groups (=32); "
     "write norm: {group: 4}, or groups: 4 in the layer"),
    ("group_norm", {"groups": 2}, [(4, 4, 5)], "write norm: {group: 1}, or groups: 1 in the layer"),
    ("softmax", {"axis": 2}, [(4, 6)], "softmax: expected an axis from -2 to 1 of (4, 6), received 2"),
    ("normalization", {"mean": [0, 0], "variance": [1, 1]}, [(4, 6)],
     "normalization: (4, 6) has 6 channels, received 2 numbers; give one for each channel"),
    ("maximum", {}, [(4,)], "maximum joins two or more layers, or one and a constant: maximum: 2"),
    ("instance_norm", {}, [(8,)], "instance_norm takes (T, C), (H, W, C) or (D, H, W, C), received (8,)"),
    ("stats_pool", {}, [(8,)], "stats_pool takes (T, C), (H, W, C) or (D, H, W, C), received (8,)"),
    ("reduce", {"by": "mean", "axis": 2}, [(4, 6)], "reduce: expected axes from -2 to 1 of (4, 6), received 2"),
    ("reduce", {"by": "max", "axis": [0, 1]}, [(4, 6)],
     "reduce: no axis of (4, 6) is left; give keep_axes: true, or fewer axes"),
    ("add", {}, [(4,)], "add joins two or more layers, or one and a constant: add: 2"),
    ("average", {}, [(4, 2), (4, 3)], "average: expected inputs of one shape, received (4, 2), (4, 3)"),
]

INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, fields, the field, what the message says
    ("prelu", {"shared_axes": "channels"}, "shared_axes", "all, or a list of 1 to 4 of"),
    ("reduce", {"by": "median", "axis": 1}, "by", "mean, max, min, sum, std, variance or l2"),
    ("reduce", {"by": "mean"}, "axis", "missing"),
    ("normalization", {"mean": [1]}, "variance", "expected one beside mean"),
    ("normalization", {"variance": [1]}, "mean", "expected one beside variance"),
    ("normalization", {"mean": [1], "variance": [0]}, "variance", "expected numbers above 0"),
    ("divide", {"value": 0}, "value", "expected another number than 0"),
]
