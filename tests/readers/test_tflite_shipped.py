"""TensorFlow Lite files of packages count as LiteRT runs them, and as their sisters in ONNX."""

from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from costlens.readers import onnx
from costlens.readers.tflite import read
from tests.cases.shipped_tflite import SHIPPED, Shipped
from tests.fetched import fetched

pytestmark = pytest.mark.many

UNKNOWN = {
    "face_landmark_with_attention": {"Landmarks2TransformMatrix", "TransformLandmarks", "TransformTensorBilinear"},
    "selfie_segmentation": {"Convolution2DTransposeBias"},
    "selfie_segmentation_landscape": {"Convolution2DTransposeBias"},
}
"""Custom operators, by the file that has them; LiteRT lacks some of them, too."""
OPEN = {"melspectrogram": {"serving_default_input:0": (1, 16_000)}}
"""Shapes of inputs that the file leaves open."""


def stem(one: Shipped) -> str:
    return Path(one.member).stem


def by_name(name: str) -> Shipped:
    return next(one for one in SHIPPED if stem(one) == name)


def sizes(one: Shipped) -> dict[str, int]:
    open_ = OPEN.get(stem(one), {}).items()
    return {f"{name}:{axis}": size for name, shape in open_ for axis, size in enumerate(shape)}


def executed(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Run a file once, and count by the shapes of its tensors: for each output, what is multiplied for it."""
    interpreter = Interpreter(model_path=str(path), experimental_preserve_all_tensors=True)
    for value in interpreter.get_input_details():
        if value["name"] in shapes:
            interpreter.resize_tensor_input(value["index"], shapes[value["name"]])
    interpreter.allocate_tensors()
    for value in interpreter.get_input_details():
        interpreter.set_tensor(value["index"], np.zeros(value["shape"], value["dtype"]))
    interpreter.invoke()
    shape = {value["index"]: tuple(map(int, value["shape"])) for value in interpreter.get_tensor_details()}
    return sum(_multiplied(each, shape) for each in interpreter._get_ops_details())


def _multiplied(each: Mapping[str, Any], shape: Mapping[int, tuple[int, ...]]) -> int:
    read_, (made, *_) = [shape.get(int(place), ()) for place in each["inputs"]], (*each["outputs"], -1)
    out = shape.get(int(made), ())
    op = each["op_name"]
    if op == "CONV_2D":
        return prod(out) * prod(read_[1][1:])
    if op == "DEPTHWISE_CONV_2D":
        return prod(out) * prod(read_[1][1:3])
    if op == "FULLY_CONNECTED":
        return prod(out) * read_[1][-1]
    if op == "BATCH_MATMUL":
        return prod(out) * prod(read_[0]) // prod(out[:-1])
    if op == "TRANSPOSE_CONV":
        return prod(read_[1]) * prod(read_[2][:-1])
    return prod(out) * 2 * read_[0][-1] if op == "RFFT2D" else 0  # of one row each


@pytest.mark.parametrize("one", SHIPPED, ids=stem)
def test_it_counts_as_it_runs(one: Shipped) -> None:
    path = fetched(one.package, one.member, one.sha256)
    counted = read(path, sizes(one))
    assert (counted.totals.macs, counted.totals.deployed_params) == (one.macs, one.params)
    unknown = UNKNOWN.get(stem(one), set())
    assert {said.split()[-4] for said in counted.uncounted} == unknown
    assert counted.status["macs"] == ("partial" if unknown else "complete")
    if stem(one) != "face_landmark_with_attention":  # LiteRT does not have its custom operators
        inner = sum(row.macs or 0 for row in counted.rows if "/then/" in row.name)  # it does not tell of sub-graphs
        assert executed(path, OPEN.get(stem(one), {})) == one.macs - inner


@pytest.mark.parametrize("one", [one for one in SHIPPED if one.sister], ids=stem)
def test_it_counts_as_its_sister_in_onnx(one: Shipped) -> None:
    path = fetched(one.package, one.member.replace(".tflite", ".onnx"), one.sister)
    sister = onnx.read(path, {"samples": 16_000} if stem(one) in OPEN else {})
    assert sister.totals.macs == one.macs
