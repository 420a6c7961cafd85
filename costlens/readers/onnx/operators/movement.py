"""Operators that move, copy or generate values: no multiply-accumulates; a table that is gathered from is a weight."""

from __future__ import annotations

from costlens.readers.onnx.operators._operator import Operator

_NAMES = (
    "Bernoulli",
    "CenterCropPad",
    "Col2Im",
    "Compress",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "DepthToSpace",
    "Expand",
    "EyeLike",
    "Flatten",
    "GatherND",
    "GridSample",
    "OneHot",
    "Pad",
    "RandomNormal",
    "RandomNormalLike",
    "RandomUniform",
    "RandomUniformLike",
    "Range",
    "Reshape",
    "Resize",
    "ReverseSequence",
    "ScatterElements",
    "ScatterND",
    "Shape",
    "Size",
    "Slice",
    "SpaceToDepth",
    "Split",
    "Squeeze",
    "Tile",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Upsample",
)

OPERATORS = {
    **dict.fromkeys(_NAMES, Operator()),
    "Gather": Operator(weights=(0,)),
    "GatherElements": Operator(weights=(0,)),
}
