"""What counters of ONNX files get wrong is right here, or refused at its node."""

import re
from pathlib import Path

import pytest
from onnx import TensorProto, helper

from costlens.errors import UsageError
from costlens.readers.onnx import read
from tests.cases.found_onnx import FOUND
from tests.cases.hard_onnx import REFUSED, RIGHT
from tests.cases.onnx_cases import integers, node, save, weight

OPSETS = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]


@pytest.mark.parametrize("title", RIGHT | FOUND)
def test_what_is_often_wrong_is_right(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, params, macs, note = (RIGHT | FOUND)[title]
    counted = read(save(tmp_path / "m.onnx", nodes, inputs, constants, opset_imports=OPSETS))
    assert (counted.totals.deployed_params, counted.uncounted) == (params, ())
    if isinstance(macs, str):
        assert (counted.formulas["macs"], counted.status["macs"]) == (macs, "unavailable")
    else:
        assert (counted.totals.macs, counted.status["macs"]) == (macs, "complete")
    assert any(note in each for each in counted.notes) or not note, counted.notes
    assert counted.batch == 1


@pytest.mark.parametrize("title", REFUSED)
def test_what_cannot_run_is_refused_at_its_node(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, message = REFUSED[title]
    with pytest.raises(UsageError, match=rf"m\.onnx: .*{re.escape(message)}"):
        read(save(tmp_path / "m.onnx", nodes, inputs, constants))


def test_shapes_that_a_file_notes_are_not_believed(tmp_path: Path) -> None:
    stale = [helper.make_tensor_value_info("h", TensorProto.FLOAT, [16, 8, 16, 16])]
    graph = helper.make_graph(
        [node("Conv", ["x", "w"], ["h"], pads=[1] * 4, strides=[2, 2]), node("Conv", ["h", "v"], ["y"], pads=[1] * 4)],
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 320, 320])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [16, 8, 16, 16])],
        [weight("w", 8, 3, 3, 3), weight("v", 8, 8, 3, 3)],
        value_info=stale,
    )
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    assert read(path).totals.macs == (216 + 576) * 160 * 160


@pytest.mark.parametrize("op", ["Add", "Cast", "Concat", "Gather", "Mul", "Unsqueeze"])
def test_a_long_axis_takes_no_memory(op: str, tmp_path: Path) -> None:
    more = {"Cast": {"to": 1}, "Concat": {"axis": 0}}.get(op, {})
    second = {"Cast": [], "Unsqueeze": ["a"], "Gather": ["a"]}.get(op, ["x"])
    path = save(tmp_path / "m.onnx", [node(op, ["x", *second], ["y"], **more)], {"x": [2**33]}, [integers("a", 0)])
    assert read(path).totals.macs == 0


def test_functions_that_double_end(tmp_path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("my", 1)]
    inner, functions = "Relu", []
    for depth in range(40):
        domain = "my" if depth else ""
        body = [node(inner, ["a"], ["b"], domain=domain), node(inner, ["b"], ["c"], domain=domain)]
        inner = f"F{depth}"
        functions.append(helper.make_function("my", inner, ["a"], ["c"], body, opsets))
    path = save(tmp_path / "m.onnx", [node(inner, ["x"], ["y"], domain="my")], {"x": [1]},
                functions=functions, opset_imports=opsets)
    with pytest.raises(UsageError, match=r"m\.onnx: the graph runs more than 250,000 nodes"):
        read(path)


def test_a_function_of_itself_is_refused(tmp_path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("my", 1)]
    function = helper.make_function("my", "F", ["a"], ["b"], [node("F", ["a"], ["b"], domain="my")], opsets)
    path = save(tmp_path / "m.onnx", [node("F", ["x"], ["y"], domain="my")], {"x": [1]}, functions=[function],
                opset_imports=opsets)
    with pytest.raises(UsageError, match=r"m\.onnx: .*graphs are nested more than 64 deep"):
        read(path)


def test_two_inputs_of_one_name_are_refused(tmp_path: Path) -> None:
    value = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8])
    graph = helper.make_graph([node("Relu", ["x"], ["y"])], "net", [value, value], [])
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(UsageError, match="two inputs are called x"):
        read(path)


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("Relu", ["x"], ["y"], name="name")], {"x": [1]})
    path.write_bytes(path.read_bytes().replace(b"name", b"n\xff\xfee"))
    with pytest.raises(UsageError, match="cannot be read as an ONNX file"):
        read(path)


def test_an_output_that_no_rule_makes_is_not_known(tmp_path: Path) -> None:
    nodes = [node("Relu", ["x"], ["h", "more"]), node("MatMul", ["more", "w"], ["y"], name="m")]
    counted = read(save(tmp_path / "m.onnx", nodes, {"x": [1, 8]}, [weight("w", 8, 8)]))
    assert counted.uncounted == ("m: the shape of more is not known",)


def test_a_state_of_a_scan_keeps_its_shape(tmp_path: Path) -> None:
    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "se"]
    body = helper.make_graph([node("Add", ["s", "e"], ["u"])], "b", values, [helper.make_empty_tensor_value_info("u")])
    scan = node("Scan", ["h", "x"], ["y"], name="s", body=body, num_scan_inputs=1)
    path = save(tmp_path / "m.onnx", [scan], {"h": [1, 8], "x": [7, 2, 8]})
    with pytest.raises(UsageError, match=r"s: state h is \(1, 8\) before a turn and \(2, 8\) after it"):
        read(path)
