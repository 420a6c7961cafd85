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
    ("resize", {"size": [13, 5], "mode": "bilinear"}, [(6, 5, 3)], (13, 5, 3), 0, 0, 0, 3*195),
    ("resize", {"size": 4, "mode": "bilinear"}, [(6, 5, 3)], (4, 4, 3), 0, 0, 0, 7*48),
    ("resize", {"size": 4}, [(6, 5, 3)], (4, 4, 3), 0, 0, 0, 0),
    ("resize", {"factor": 0.5, "mode": "bilinear"}, [(9, 3)], (4, 3), 0, 0, 0, 3*12),
    ("resize", {"factor": [1.5, 1]}, [(7, 5, 3)], (10, 5, 3), 0, 0, 0, 0),
    ("pad", {"amount": 2, "mode": "reflect"}, [(6, 5, 3)], (10, 9, 3), 0, 0, 0, 0),
    ("pad", {"amount": [[0, 7]], "mode": "replicate"}, [(6, 3)], (13, 3), 0, 0, 0, 0),
    ("pad", {"amount": 1, "value": -1.5}, [(6, 5, 3)], (8, 7, 3), 0, 0, 0, 0),
    ("crop", {"amount": 1}, [(8, 8, 16)], (6, 6, 16), 0, 0, 0, 0),
    ("crop", {"amount": [[2, 1], 0]}, [(6, 5, 3)], (3, 5, 3), 0, 0, 0, 0),
    ("crop", {"amount": [[0, 8]]}, [(9, 3)], (1, 3), 0, 0, 0, 0),
    ("slice", {"axis": 0, "size": 16, "step": 2}, [(32, 8)], (16, 8), 0, 0, 0, 0),
    ("slice", {"axis": 1, "start": 1, "size": 3, "step": 4}, [(6, 10, 3)], (6, 3, 3), 0, 0, 0, 0),
    ("slice", {"start": -2}, [(6, 5, 3)], (6, 5, 2), 0, 0, 0, 0),
    ("slice", {"axis": 0, "start": 1, "end": -1}, [(6, 5, 3)], (4, 5, 3), 0, 0, 0, 0),
    ("slice", {"axis": 0, "step": 4}, [(9, 3)], (3, 3), 0, 0, 0, 0),
    ("slice", {"axis": 0, "start": -8, "end": 7, "step": 2}, [(9, 3)], (3, 3), 0, 0, 0, 0),
    # blocks: b·b channels for each place
    ("depth_to_space", {"block": 2}, [(6, 5, 12)], (12, 10, 3), 0, 0, 0, 0),
    ("depth_to_space", {"block": 3, "order": "CRD"}, [(9, 6)], (27, 2), 0, 0, 0, 0),
    ("space_to_depth", {"block": 2}, [(6, 4, 3)], (3, 2, 12), 0, 0, 0, 0),
    ("space_to_depth", {"block": 3, "order": "CRD"}, [(9, 2)], (3, 6), 0, 0, 0, 0),
    ("transpose", {"axes": [1, 0]}, [(49, 64)], (64, 49), 0, 0, 0, 0),
    ("transpose", {"axes": [2, 0, 1]}, [(6, 5, 3)], (3, 6, 5), 0, 0, 0, 0),
    ("transpose", {"axes": [0, 2, 3, 1]}, [(6, 5, 3, 2)], (6, 3, 2, 5), 0, 0, 0, 0),
]

REFUSALS: list[tuple[str, dict[str, Any], list[Shape], str]] = [
    # kind, fields, inputs, what the message says
    ("upsample", {"factor": 2}, [(8,)], "upsample takes"),
    ("upsample", {"factor": [2, 2]}, [(8, 3)], "factor: expected 1 value(s) for an input with 1 spatial axis"),
    ("resize", {"size": [9, 9]}, [(8, 3)], "size: expected 1 value(s) for an input with 1 spatial axis"),
    ("resize", {"factor": 0.1}, [(8, 12, 3)], "resize: (8, 12, 3) by factor 0.1 leaves an axis without values"),
    ("pad", {"amount": [1, 5], "mode": "reflect"}, [(6, 5, 3)],
     "pad: reflect adds less than an axis has, received amount (1, 5) for (6, 5, 3); add less, or use replicate"),
    ("crop", {"amount": [1, [2, 3]]}, [(6, 5, 3)], "crop: amount (1, (2, 3)) leaves an axis of (6, 5, 3) without"),
    ("crop", {"amount": 1}, [(6,)], "crop takes"),
    ("slice", {"size": 3, "step": 3}, [(4, 6)],
     "slice: start (=0) + size (=3) in steps of 3 is 7, axis -1 of (4, 6) has 6"),
    ("slice", {"start": -7, "size": 2}, [(4, 6)], "slice: start (=-7) + size (=2) is 1, axis -1 of (4, 6) has 6"),
    ("slice", {"start": 3, "end": -3}, [(4, 6)],
     "slice: start (=3) to end (=-3): axis -1 of (4, 6) has 6 values, and at least one must be kept"),
    ("slice", {"start": 6}, [(4, 6)], "slice: start (=6): axis -1 of (4, 6) has 6 values"),
    ("depth_to_space", {"block": 2}, [(6, 5, 6)],
     "depth_to_space: channels (=6) of (6, 5, 6) must be divisible by the 4 places of a block (=2)"),
    ("depth_to_space", {"block": 2}, [(6,)], "depth_to_space takes"),
    ("space_to_depth", {"block": 2}, [(6, 5, 6)],
     "space_to_depth: spatial sizes of (6, 5, 6) must be divisible by the block (=2)"),
    ("transpose", {"axes": [1, 0]}, [(6, 5, 3)], "transpose: (6, 5, 3) has 3 axes, axes orders 2"),
]

INVALID: list[tuple[str, dict[str, Any], str, str]] = [
    # kind, fields, the field, what the message says
    ("upsample", {"factor": 1.5}, "factor", "a whole number from 1"),
    ("upsample", {"mode": "cubic", "factor": 2}, "mode", "nearest or bilinear"),
    ("upsample", {"align_corners": True, "factor": 2}, "align_corners", "expected mode: bilinear beside it"),
    ("resize", {}, "size", "expected size or factor"),
    ("resize", {"size": 4, "factor": 2}, "size", "expected size or factor, not both"),
    ("resize", {"factor": 0}, "factor", "a number above 0"),
    ("pad", {"amount": 1, "mode": "edge"}, "mode", "constant, reflect or replicate"),
    ("pad", {"amount": 1, "mode": "reflect", "value": 1}, "value", "expected no value beside mode: reflect"),
    ("crop", {"amount": -1}, "amount", "a whole number from 0"),
    ("slice", {}, "size", "expected size, end, start or step"),
    ("slice", {"axis": 0}, "size", "expected size, end, start or step"),
    ("slice", {"size": 2, "end": 3}, "size", "expected size or end, not both (end is 3)"),
    ("slice", {"size": 2, "step": 0}, "step", "a whole number from 1"),
    ("depth_to_space", {"block": 1}, "block", "a whole number from 2"),
    ("depth_to_space", {"block": 2, "order": "RCD"}, "order", "DCR or CRD"),
    ("space_to_depth", {}, "block", "missing"),
    ("transpose", {"axes": [1, 2]}, "axes", "expected each of 0 to 1 once; the batch is not counted"),
    ("transpose", {"axes": [0]}, "axes", "a list of 2 to 5 of"),
]
