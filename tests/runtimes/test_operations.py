"""What a run of a file says of its kernels: plain values, whatever attributes they have, and weights once each."""

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from costlens.runtimes import Input, Options
from costlens.runtimes._onnxruntime_operations import Run, operations
from costlens.runtimes._operation import from_text
from tests.cases.onnx_cases import node, save


def ran(path: Path, folder: Path, *shape: int) -> Run:
    found = operations(path, Options("cpu", 1, inputs={"x": Input(shape)}), folder)
    for one in found.operations:
        assert from_text(one.text) == one
    return found


def test_weights_that_several_kernels_read_are_counted_once(tmp_path: Path) -> None:
    weights = numpy_helper.from_array(np.ones((8, 8), np.float32), "w")
    nodes = [
        node("MatMul", ["x", "w"], ["a"], "first"), node("Relu", ["a"], ["b"], "relu"),
        node("MatMul", ["b", "w"], ["y"], "second"),
    ]  # fmt: skip
    found = ran(save(tmp_path / "tied.onnx", nodes, {"x": [1, 8]}, [weights]), tmp_path, 1, 8)
    assert [one.op for one in found.operations].count("MatMul") == 2
    assert found.weight_bytes == 8 * 8 * 4 < sum(one.weight_bytes for one in found.operations)


def test_an_attribute_that_is_a_tensor_is_left_out(tmp_path: Path) -> None:
    value = helper.make_tensor("value", TensorProto.FLOAT, [1], [2.0])
    nodes = [
        node("Shape", ["x"], ["s"], "shape"), node("ConstantOfShape", ["s"], ["c"], "constant", value=value),
        node("Add", ["x", "c"], ["y"], "add"),
    ]  # fmt: skip
    found = ran(save(tmp_path / "constant.onnx", nodes, {"x": ["N", 4]}), tmp_path, 3, 4)
    assert {one.op: dict(one.attributes) for one in found.operations}["ConstantOfShape"] == {}


def test_a_kernel_that_runs_graphs_of_its_own_is_known_by_none(tmp_path: Path) -> None:
    branches = {
        f"{name}_branch": helper.make_graph(
            [node(op, ["x"], [f"{name}_y"])], name, [], [helper.make_empty_tensor_value_info(f"{name}_y")]
        )
        for name, op in (("then", "Relu"), ("else", "Neg"))
    }
    nodes = [
        node("ReduceSum", ["x"], ["sum"], "sum", keepdims=0),
        node("Cast", ["sum"], ["picked"], "cast", to=TensorProto.BOOL),
        node("If", ["picked"], ["y"], "if", **branches),
    ]  # fmt: skip
    path = save(tmp_path / "branches.onnx", nodes, {"x": [1, 8]})
    found = ran(path, tmp_path, 1, 8)
    assert [one.op for one in found.operations if not one.is_known] == ["?.If"]
