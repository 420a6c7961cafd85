"""Graphs as an exporter writes them and as onnxruntime rewrites them, by hand, for the tests of attribution."""

from costlens.runtimes._profile import GraphNode, Kernel


def node(op: str, name: str, inputs: str, outputs: str) -> GraphNode:
    """Make a node; tensors are divided by spaces."""
    return GraphNode(name, op, tuple(inputs.split()), tuple(outputs.split()))


def kernels(nodes: tuple[GraphNode, ...]) -> tuple[Kernel, ...]:
    """Return the kernels that a profile names after nodes, unnamed ones by operator and number."""
    return tuple(Kernel(one.name or f"{one.op}_{40 + place}", one.op) for place, one in enumerate(nodes))


SOURCE = (
    node("Transpose", "stem/Transpose", "input", "stem/Transpose:0"),
    node("Conv", "stem", "stem/Transpose:0 stem.weight stem.bias", "stem:0"),
    node("Relu", "stem/relu/Relu", "stem:0", "stem/relu/Relu:0"),
    node("Conv", "block.conv", "stem/relu/Relu:0 block.conv.weight", "block.conv:0"),
    node("Add", "block.add/Add", "block.conv:0 stem/relu/Relu:0", "block.add/Add:0"),
    node("Relu", "block.add/relu/Relu", "block.add/Add:0", "block.add/relu/Relu:0"),
    node("Conv", "last", "block.add/relu/Relu:0 last.weight", "last:0"),
    node("Reshape", "flatten/Reshape", "last:0 flatten/Reshape.constant1", "flatten/Reshape:0"),
    node("Gemm", "dense", "flatten/Reshape:0 dense.weight dense.bias", "dense:0"),
    node("Sigmoid", "dense/sigmoid/Sigmoid", "dense:0", "dense.sigmoid"),
)
ROWS = ("stem", "block.conv", "block.add", "last", "flatten", "dense")

FIXED_BATCH = (
    node("Transpose", "stem/Transpose", "input", "stem/Transpose:0"),
    node("Conv", "stem/relu/Relu:0_nchwc", "stem/Transpose:0 reorder stem.bias", "stem/relu/Relu:0_nchwc"),
    node("Conv", "block.conv:0_nchwc", "stem/relu/Relu:0_nchwc w1 b1 stem/relu/Relu:0_nchwc", "reorder_token_4"),
    node("Conv", "last:0_nchwc", "reorder_token_4 w2", "last:0_nchwc"),
    node("ReorderOutput", "ReorderOutput", "last:0_nchwc", "last:0"),
    node("Reshape", "flatten/Reshape", "last:0 flatten/Reshape.constant1", "flatten/Reshape:0"),
    node("FusedGemm", "fused dense", "flatten/Reshape:0 dense.weight dense.bias", "dense.sigmoid"),
)
FREE_BATCH = (
    node("Transpose", "stem/Transpose", "input", "stem/Transpose:0"),
    node("Conv", "stem/relu/Relu:0_nchwc", "stem/Transpose:0 reorder stem.bias", "reorder_token_0"),
    node("Conv", "block.conv:0_nchwc", "reorder_token_0 reorder_token_1 b1 reorder_token_0", "reorder_token_2"),
    node("Conv", "last:0_nchwc", "reorder_token_2 reorder_token_3", "reorder_token_5"),
    node("ReorderOutput", "ReorderOutput_token_9", "reorder_token_5", "last:0"),
    node("Reshape", "flatten/Reshape", "last:0 flatten/Reshape.constant1", "flatten/Reshape:0"),
    node("FusedGemm", "fused dense", "flatten/Reshape:0 dense.weight dense.bias", "dense.sigmoid"),
)
"""onnxruntime 1.31 numbers what it puts in; with a free batch, what a convolution makes has no other name."""
