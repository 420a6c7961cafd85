"""One layer written for LiteRT: what its file stores and multiplies, and where that is not what ONNX's does."""

from pathlib import Path

import pytest

from costlens.export.conversions import Source
from costlens.export.conversions._keras import write_tflite
from costlens.network.count import count
from costlens.readers.tflite import read
from costlens.spec.loading import loads

pytestmark = pytest.mark.tensorflow

STUFFED = 17 * 17 * 9 * 2 * 4
"""MACs of a convolution in two groups over all (8 - 1)·2 + 3 cells that the kernel writes, most of them zeros."""
CASES = [
    # input, layers, numbers stored less those of ONNX, MACs more than the spec's
    ("input: [49, 64]", '[{einsum_dense: {equation: "abc,cde->abde", output: [null, 4, 16], bias_axes: de}}]', 0, 0),
    ("input: [5, 6]", '[{einsum_dense: {equation: "abc,bcd->adb", output: [4, null]}}]', 0, 0),
    ("inputs: {x: [9, 8], seen: [9, 9]}", "[{attention: {heads: 2, from: [x, seen], mask: true}}]", 0, 0),
    ("input: [6, 5, 3]", "[affine]", 0, 0),
    # of biases ONNX stores those of the input and of the state, LiteRT their sum
    ("input: [6, 5]", "[{lstm: 4}]", -16, 0),
    # one slope is an attribute of the operator
    ("input: [6, 5, 3]", "[{prelu: {shared_axes: all}}]", -1, 0),
    # the converter folds factors of channels into the convolution before them
    ("input: [6, 5, 3]", "[{conv: {filters: 4, kernel: 1}}, scale]", -4, 0),
    # in groups it is a convolution of the input with zeros between its cells; four biases of zeros are added to it
    ("input: [8, 8, 4]", "[{conv_transpose: {filters: 4, kernel: 3, stride: 2, groups: 2}}]", 4, STUFFED - 4608),
]


@pytest.mark.parametrize(("head", "layers", "stored", "multiplied"), CASES)
def test_a_layer_and_its_file(head: str, layers: str, stored: int, multiplied: int, tmp_path: Path) -> None:
    graph = loads(f"name: t\n{head}\nlayers: {layers}\n").graph
    path = tmp_path / "t.tflite"
    write_tflite(Source(path, "", graph, 0), path, 1, lambda tf, converter: None)
    ours, theirs = count(graph).totals, read(path).totals
    assert theirs.deployed_params == (ours.deployed_params or 0) + stored
    assert theirs.macs == (ours.macs or 0) + multiplied
