"""Operators that move, copy or generate values: no multiply-accumulates; a table that is gathered from is a weight."""

from costlens.readers.onnx.operators._operator import Operator

_VIEWS = ("Flatten", "Identity", "Reshape", "Squeeze", "Unsqueeze")
_LAYOUT = ("Cast", "MemcpyFromHost", "MemcpyToHost", "ReorderInput", "ReorderOutput", "Transpose")
"""Some are onnxruntime's own: they are nodes of the graph that it runs."""
_CARRIERS = ("Expand", "Pad", "Slice", "Split", "Tile")
_OTHERS = (
    "Bernoulli", "CenterCropPad", "Col2Im", "Compress", "Concat", "Constant", "ConstantOfShape", "DepthToSpace",
    "EyeLike", "GatherND", "GridSample", "OneHot", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike", "Range", "Resize", "ReverseSequence", "ScatterElements", "ScatterND", "Shape", "Size",
    "SpaceToDepth", "Trilu", "Upsample",
)  # fmt: skip

OPERATORS = {
    **dict.fromkeys(_VIEWS, Operator(role="layout", in_place=True)),
    **dict.fromkeys(_LAYOUT, Operator(role="layout")),
    **dict.fromkeys(_CARRIERS, Operator(role="carrier")),
    **dict.fromkeys(_OTHERS, Operator()),
    "Gather": Operator(weights=(0,), structure=True, role="carrier"),
    "GatherElements": Operator(weights=(0,), structure=True),
}
