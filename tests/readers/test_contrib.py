"""Operators of com.microsoft that no CPU runs count as their definition says, or are listed with their reason."""

from pathlib import Path

import pytest
from onnx import helper

from costlens.readers.onnx import file, read
from costlens.readers.onnx.walk import walk
from tests.cases.contrib_nodes import BY_HAND
from tests.cases.onnx_cases import node, save

OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]


@pytest.mark.parametrize("title", BY_HAND)
def test_it_counts_as_its_definition_says(title: str, tmp_path: Path) -> None:
    one = BY_HAND[title]
    operands = ["" if name == "_" else name for name in one.operands.split()]
    made = node(one.op, operands, ["y"], domain="com.microsoft", name="n", **one.attributes)
    path = save(tmp_path / "m.onnx", [made], dict(one.inputs), one.constants, opset_imports=OPSETS)
    counted = read(path)
    assert (counted.totals.deployed_params, counted.totals.macs) == (one.params, one.macs)
    if one.listed:
        assert any(one.listed in each for each in counted.uncounted), counted.uncounted
    else:
        assert (counted.uncounted, counted.status["macs"]) == ((), "complete")
    (step,) = walk(file.model(path), {name: tuple(shape) for name, shape in one.inputs.items()}).steps  # type: ignore[arg-type]
    assert [each and each.shape for each in step.outputs] == [one.shape]


@pytest.mark.parametrize(
    ("op", "operands", "axis"),
    [
        ("RemovePadding", "x n", "tokens kept by RemovePadding"),
        ("Tokenizer", "n", "words of Tokenizer"),
        ("DynamicTimeWarping", "x", "path of DynamicTimeWarping"),
        ("BifurcationDetector", "n n n", "tokens of BifurcationDetector"),
    ],
)
def test_a_size_that_a_run_decides_is_named(op: str, operands: str, axis: str, tmp_path: Path) -> None:
    made = node(op, operands.split(), ["y"], domain="com.microsoft", name="n")
    path = save(tmp_path / "m.onnx", [made], {"x": [2, 3, 4], "n": [2]}, opset_imports=OPSETS)
    (step,) = walk(file.model(path), {"x": (2, 3, 4), "n": (2,)}).steps
    (tensor,) = step.outputs
    assert tensor is not None
    assert axis in [name for size in tensor.shape or () if not isinstance(size, int) for name in size.axes]
