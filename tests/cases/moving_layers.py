"""The layer kinds that move values or resample them, as rows of the tables of ``network/test_layers.py``."""

from typing import Any

from costlens.arithmetic.shapes import Shape

LAYERS: list[tuple[str, dict[str, Any], list[Shape], Shape, int, int, int, int]] = [
    # kind, fields, inputs, output, trainable, non-trainable, MACs, FLOPs
    # resampling: nothing where values are copied; 2^a products and 2^a - 1 sums where they are mixed along a axes
    ("upsample", {"factor": 2}, [(6, 5, 3)], (12, 10, 3), 0, 0, 0, 0),
    ("upsample", {"factor": [1, 3], "mode": "bilinear"}, [(6, 5, 3)], (6, 15, 3), 0, 0, 0, 3*270),
    ("upsample", {"factor": 2, "mode": "bilinear", "align_corners": True}, [(6, 5, 3)], (12, 10, 3), 0, 0, 0, 7*360),
    ("upsample", {"factor": 4}, [(9, 3)], (36, 3), 0, 0, 0, 0),
]

REFUSALS: list[tuple[str, dict[str, Any], list[Shape], str]] = [
    # kind, fields, inputs, what the message says
    ("upsample", {"factor": 2}, [(8,)], "upsample takes"),
    ("upsample", {"factor": [2, 2]}, [(8, 3)], "factor: expected 1 value(s) for an input with 1 spatial axis"),
]

INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, fields, the field, what the message says
    ("upsample", {"factor": 1.5}, "factor", "a whole number from 1"),
    ("upsample", {"mode": "cubic", "factor": 2}, "mode", "nearest or bilinear"),
    ("upsample", {"align_corners": True, "factor": 2}, "align_corners", "expected mode: bilinear beside it"),
]
