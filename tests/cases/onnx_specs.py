"""ONNX files with the statements that say the same, and files that no spec says, with what is said of them.

A file is nodes, the shapes of its inputs, and stored numbers by their shapes, which are drawn. It returns ``y``.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from onnx import numpy_helper

from tests.cases.onnx_cases import node, save

_POSITIVE = "variance"


class Written(NamedTuple):
    """A file: what it is made of."""

    nodes: Sequence[Any]
    inputs: Mapping[str, Sequence[int]]
    drawn: Mapping[str, Sequence[int]] = {}
    stored: Mapping[str, Any] = {}
    outputs: Sequence[str] = ("y",)

    def save(self, path: Path) -> Path:
        """Write the file."""
        random = np.random.default_rng(3)
        arrays = {name: random.standard_normal(shape) for name, shape in self.drawn.items()}
        held = {name: abs(each) + 0.5 if name == _POSITIVE else each for name, each in arrays.items()}
        constants = [numpy_helper.from_array(each.astype(np.float32), name) for name, each in held.items()]
        constants += [numpy_helper.from_array(np.array(each), name) for name, each in self.stored.items()]
        return save(path, self.nodes, dict(self.inputs), constants, outputs=self.outputs)


_NORM = {"gamma": [4], "beta": [4], "mean": [4], _POSITIVE: [4]}
_IMAGE = {"x": [1, 3, 8, 6]}

SAID: dict[str, tuple[Written, tuple[str, ...]]] = {
    "a convolution, its norm and its activation": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "/stem/conv/Conv", strides=[2, 2], pads=[1, 1, 1, 1]),
             node("BatchNormalization", ["c", "gamma", "beta", "mean", _POSITIVE], ["n"], "/stem/norm/BN"),
             node("Clip", ["n", "zero", "six"], ["y"], "/stem/act/Clip")],
            _IMAGE, {"w": [4, 3, 3, 3], **_NORM}, {"zero": np.float32(0), "six": np.float32(6)},
        ),
        ("conv: {name: stem_conv, kernel: 3, stride: 2, padding: 1, filters: 4, bias: false, "
         "norm: {batch: {epsilon: 1.0e-05}}, activation: relu6}",),
    ),
    "groups, depthwise and a line": (
        Written(
            [node("Conv", ["x", "a", "b"], ["p"], "grouped", group=2, pads=[1, 1]),
             node("Conv", ["p", "d"], ["y"], "deep", group=4, dilations=[2])],
            {"x": [1, 6, 12]}, {"a": [4, 3, 3], "b": [4], "d": [8, 1, 3]},
        ),
        ("conv: {name: grouped, kernel: 3, filters: 4, groups: 2}",
         "depthwise: {name: deep, kernel: 3, padding: valid, dilation: 2, multiplier: 2, bias: false}"),
    ),
    "a transposed convolution": (
        Written(
            [node("ConvTranspose", ["x", "w"], ["y"], "up", strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 0])],
            _IMAGE, {"w": [3, 5, 3, 4]},
        ),
        ("conv_transpose: {name: up, filters: 5, kernel: [3, 4], stride: 2, padding: 1, output_padding: [1, 0], "
         "bias: false}",),
    ),
    "a head: the pool, a flat tensor and classes": (
        Written(
            [node("GlobalAveragePool", ["x"], ["p"], "pool"), node("Flatten", ["p"], ["f"], "flat"),
             node("Gemm", ["f", "w", "b"], ["g"], "fc", transB=1), node("Softmax", ["g"], ["y"], "classes", axis=1)],
            _IMAGE, {"w": [5, 3], "b": [5]},
        ),
        ("global_avg_pool: {name: pool, keep_axes: true}", "flatten: {name: flat}",
         "dense: {name: fc, units: 5, activation: softmax}"),
    ),
    "values that are flattened in the order of the file": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "conv"), node("Reshape", ["c", "shape"], ["f"], "flat"),
             node("MatMul", ["f", "m"], ["d"], "fc"), node("Add", ["d", "b"], ["y"], "bias")],
            _IMAGE, {"w": [2, 3, 3, 3], "m": [48, 4], "b": [4]}, {"shape": np.array([1, -1])},
        ),
        ("conv: {name: conv, kernel: 3, padding: valid, filters: 2, bias: false}",
         "transpose: {name: flat_transpose, axes: [2, 0, 1]}", "flatten: {name: flat}", "dense: {name: fc, units: 4}"),
    ),
    "channels last in the file, too": (
        Written(
            [node("Transpose", ["x"], ["t"], "first", perm=[0, 3, 1, 2]), node("Conv", ["t", "w"], ["c"], "conv"),
             node("Transpose", ["c"], ["l"], "last", perm=[0, 2, 3, 1]), node("Relu", ["l"], ["y"], "act")],
            {"x": [1, 8, 6, 3]}, {"w": [4, 3, 1, 1]},
        ),
        ("conv: {name: conv, kernel: 1, filters: 4, bias: false, activation: relu}",),
    ),
    "shuffled channels": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "conv"), node("Reshape", ["c", "split"], ["r"], "split"),
             node("Transpose", ["r"], ["t"], "swap", perm=[0, 2, 1, 3, 4]),
             node("Reshape", ["t", "join"], ["y"], "join")],
            _IMAGE, {"w": [4, 3, 1, 1]}, {"split": np.array([1, 2, 2, 8, 6]), "join": np.array([1, 4, 8, 6])},
        ),
        ("conv: {name: conv, kernel: 1, filters: 4, bias: false}",
         "channel_shuffle: {name: join, groups: 2}"),
    ),
    "a part of a module that is a node itself": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "layer1.0.conv1/Conv"), node("Relu", ["c"], ["r"], "layer1.0.relu/Relu"),
             node("Add", ["r", "x"], ["y"], "layer1.0/Add")],
            _IMAGE, {"w": [3, 3, 1, 1]},
        ),
        ("conv: {name: layer1_0_conv1, kernel: 1, filters: 3, bias: false, activation: relu}",
         "add: {name: layer1_0, from: [layer1_0_conv1, input]}"),
    ),
    "channels in groups that stay where they are": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "conv"), node("Reshape", ["c", "split"], ["r"], "split"),
             node("Transpose", ["r"], ["t"], "swap", perm=[0, 1, 2, 4, 3]),
             node("Reshape", ["t", "join"], ["y"], "join")],
            _IMAGE, {"w": [4, 3, 1, 1]}, {"split": np.array([1, 2, 2, 8, 6]), "join": np.array([1, 4, 6, 8])},
        ),
        ("conv: {name: conv, kernel: 1, filters: 4, bias: false}",
         "reshape: {name: split, shape: [8, 6, 2, 2]}", "reshape: {name: join, shape: [8, 6, 4]}"),
    ),
    "a gate": (
        Written(
            [node("Conv", ["x", "w"], ["c"], "conv"), node("ReduceMean", ["c", "axes"], ["p"], "pool"),
             node("HardSigmoid", ["p"], ["g"], "gate", alpha=1 / 6), node("Mul", ["c", "g"], ["m"], "scaled"),
             node("Add", ["m", "half"], ["y"], "shifted")],
            _IMAGE, {"w": [4, 3, 1, 1]}, {"half": np.float32(0.5), "axes": np.array([2, 3])},
        ),
        ("conv: {name: conv, kernel: 1, filters: 4, bias: false}",
         "global_avg_pool: {name: pool, keep_axes: true}", "hard_sigmoid: {name: gate}",
         "multiply: {name: scaled, from: [conv, gate]}", "add: {name: shifted, value: 0.5}"),
    ),
    "pools, and branches side by side": (
        Written(
            [node("MaxPool", ["x"], ["a"], "most", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
             node("AveragePool", ["x"], ["b"], "mean", kernel_shape=[2, 2], strides=[2, 2]),
             node("Concat", ["a", "b"], ["y"], "both", axis=1)],
            _IMAGE,
        ),
        ("max_pool: {name: most, kernel: 3, stride: 2, padding: same}",
         "avg_pool: {name: mean, from: input, kernel: 2}", "concat: {name: both, from: [most, mean]}"),
    ),
    "parts, padding and another size": (
        Written(
            [node("Split", ["x"], ["a", "b"], "parts", axis=1, num_outputs=2),
             node("Sub", ["a", "b"], ["s"], "apart"), node("Pad", ["s", "cells"], ["p"], "pad"),
             node("Resize", ["p", "", "scales"], ["y"], "up", mode="nearest", nearest_mode="floor",
                  coordinate_transformation_mode="asymmetric")],
            {"x": [1, 4, 5, 6]}, {}, {"cells": np.array([0, 0, 1, 0, 0, 0, 1, 2]),
                                      "scales": np.array([1, 1, 2, 2], np.float32)},
        ),
        ("split: {name: parts, parts: 2}", "subtract: {name: apart, from: [parts, parts.part2]}",
         "pad: {name: pad, amount: [1, [0, 2]]}", "upsample: {name: up, factor: 2}"),
    ),
    "a sequence": (
        Written(
            [node("MatMul", ["x", "w"], ["d"], "project"), node("Add", ["d", "b"], ["p"], "bias"),
             node("LayerNormalization", ["p", "gamma", "beta"], ["n"], "norm"),
             node("Transpose", ["n"], ["t"], "turn", perm=[0, 2, 1]), node("MatMul", ["n", "t"], ["y"], "scores")],
            {"x": [1, 7, 3]}, {"w": [3, 4], "b": [4], "gamma": [4], "beta": [4]},
        ),
        ("dense: {name: project, units: 4, norm: {layer: {epsilon: 1.0e-05}}}",
         "transpose: {name: scores_transpose, axes: [1, 0]}",
         "matmul: {name: scores, from: [project, scores_transpose]}"),
    ),
    "a factor and a shift along another axis than the channels": (
        Written(
            [node("MatMul", ["x", "m"], ["d"], "fc"), node("Mul", ["d", "gamma"], ["s"], "norm/Mul"),
             node("Add", ["s", "beta"], ["y"], "norm/Add")],
            {"x": [1, 5, 3]}, {"m": [3, 4], "gamma": [5, 1], "beta": [5, 1]},
        ),
        ("dense: {name: fc, units: 4, bias: false}", "transpose: {name: norm_transpose, axes: [1, 0]}",
         "affine: {name: norm}"),
    ),
    "a recurrent layer in both directions, as PyTorch writes it": (
        Written(
            [node("Transpose", ["x"], ["t"], "first", perm=[1, 0, 2]),
             node("LSTM", ["t", "w", "r", "b"], ["s"], "rnn", hidden_size=3, direction="bidirectional"),
             node("Transpose", ["s"], ["d"], "joined", perm=[0, 2, 1, 3]), node("Reshape", ["d", "to"], ["j"], "flat"),
             node("Transpose", ["j"], ["y"], "back", perm=[1, 0, 2])],
            {"x": [1, 5, 4]}, {"w": [2, 12, 4], "r": [2, 12, 3], "b": [2, 24]}, {"to": np.array([0, 0, -1])},
        ),
        ("lstm: {name: rnn, units: 3, return_sequences: true, bidirectional: true}",),
    ),
    "the last state of a recurrent layer": (
        Written(
            [node("Transpose", ["x"], ["t"], "first", perm=[1, 0, 2]),
             node("GRU", ["t", "w", "r", "b"], ["", "h"], "rnn", hidden_size=3, linear_before_reset=1),
             node("Squeeze", ["h", "zero"], ["y"], "last")],
            {"x": [1, 5, 4]}, {"w": [1, 9, 4], "r": [1, 9, 3], "b": [1, 18]}, {"zero": np.array([0])},
        ),
        ("gru: {name: rnn, units: 3}",),
    ),
}  # fmt: skip

_NUMBERS = {
    "one": np.float32(1), "half": np.float32(0.5), "root": np.float32(2**0.5), "inverse": np.float32(0.5**0.5),
    "zero": np.float32(0), "three": np.float32(3), "six": np.float32(6), "sixth": np.float32(1 / 6),
}  # fmt: skip


def _written_out(*nodes: tuple[str, str, str]) -> Written:
    """Return an activation in several nodes: each an operator, what it reads and what it makes."""
    read = {name for _, names, _ in nodes for name in names.split()}
    steps = [node(op, names.split(), [made], f"act/{made}") for op, names, made in nodes]
    return Written(steps, {"x": [1, 40]}, {}, {name: each for name, each in _NUMBERS.items() if name in read})


_ERF = [("Erf", "d", "e"), ("Add", "e one", "s")]
WRITTEN_OUT: dict[str, tuple[Written, str]] = {
    "silu": (_written_out(("Sigmoid", "x", "s"), ("Mul", "x s", "y")), "silu"),
    "mish": (_written_out(("Softplus", "x", "p"), ("Tanh", "p", "t"), ("Mul", "t x", "y")), "mish"),
    "gelu, halved last": (
        _written_out(("Div", "x root", "d"), *_ERF, ("Mul", "x s", "m"), ("Mul", "m half", "y")), "gelu"
    ),
    "gelu, halved first": (
        _written_out(("Mul", "half x", "h"), ("Mul", "x inverse", "d"), *_ERF, ("Mul", "s h", "y")), "gelu"
    ),
    "gelu, its sum halved": (
        _written_out(("Div", "x root", "d"), *_ERF, ("Mul", "s half", "h"), ("Mul", "h x", "y")), "gelu"
    ),
    "hard swish, divided last": (
        _written_out(("Add", "x three", "s"), ("Clip", "s zero six", "c"), ("Mul", "x c", "m"), ("Div", "m six", "y")),
        "hard_swish",
    ),
    "hard swish, divided first": (
        _written_out(
            ("Add", "three x", "s"), ("Clip", "s zero six", "c"), ("Mul", "c sixth", "h"), ("Mul", "h x", "y")
        ),
        "hard_swish",
    ),
    "hard sigmoid": (
        _written_out(("Add", "x three", "s"), ("Clip", "s zero six", "c"), ("Div", "c six", "y")), "hard_sigmoid"
    ),
}
"""Layers in several nodes, and the kind that each is."""

IN_PARTS: dict[str, tuple[Written, tuple[str, ...]]] = {
    "a sigmoid that is read twice": (
        _written_out(("Sigmoid", "x", "s"), ("Mul", "x s", "m"), ("Add", "m s", "y")), ("sigmoid", "multiply", "add")
    ),
    "another tensor": (
        _written_out(("Relu", "x", "r"), ("Sigmoid", "x", "s"), ("Mul", "r s", "y")), ("relu", "sigmoid", "multiply")
    ),
    "other bounds": (
        _written_out(
            ("Add", "x three", "s"), ("Clip", "s zero three", "c"), ("Mul", "c sixth", "h"), ("Mul", "h x", "y")
        ),
        ("add", "relu", "minimum", "multiply", "multiply"),
    ),
}  # fmt: skip
"""Nodes that look like one of those and are not."""

UNSAID: dict[str, tuple[Written, tuple[str, ...]]] = {
    "an operator without a kind, and one behind it": (
        Written(
            [node("Det", ["x"], ["d"], "det"), node("Relu", ["d"], ["r"], "act"), node("Erf", ["r"], ["y"], "erf")],
            {"x": [1, 4, 3, 3]},
        ),
        ("2 nodes have no kind", "det (Det): no kind does what this operator does", "erf (Erf)"),
    ),
    "one of another axis": (
        Written([node("Softmax", ["x"], ["y"], "s", axis=0)], {"x": [1, 4]}),
        ("s (Softmax): works along the batch",),
    ),
    "a batch that is mixed": (
        Written([node("Reshape", ["x", "to"], ["y"], "r")], {"x": [1, 4, 3]}, {}, {"to": np.array([4, 3])}),
        ("r (Reshape): makes [4, 3] of [1, 4, 3]: the batch is not an axis by itself",),
    ),
}
