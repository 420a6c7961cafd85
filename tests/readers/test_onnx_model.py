"""The reader of ONNX files: figures of any file, from its own shapes, and nothing silently zero."""

import sys
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from costlens.errors import RuntimeUnavailable, UsageError
from costlens.readers.onnx import read, size
from costlens.readers.onnx.file import slim
from costlens.readers.onnx.schema import messages
from costlens.results.counts import ModelCount
from tests.cases.onnx_cases import COUNTED, UNCOUNTED, integers, node, save, weight


def count(tmp_path: Path, *args: Any, sizes: dict[str, int] | None = None, **kwargs: Any) -> ModelCount:
    return read(save(tmp_path / "m.onnx", *args, **kwargs), sizes)


def stored_and_macs(counted: ModelCount) -> tuple[int | None, int | None]:
    return counted.totals.deployed_params, counted.totals.macs


@pytest.mark.parametrize(("mode", "scales", "flops"), [
    ("nearest", (2, 2), 0), ("linear", (2, 2), 7 * 480), ("linear", (2, 1), 3 * 240), ("cubic", (1, 3), 7 * 360),
    ("cubic", (3, 2), 31 * 720), ("linear", (1, 1), 0),
])  # fmt: skip
def test_values_that_are_resampled_take_flops_where_they_are_mixed(
    mode: str, scales: tuple[int, int], flops: int, tmp_path: Path
) -> None:
    made = count(tmp_path, [node("Resize", ["x", "", "s"], ["y"], mode=mode)], {"x": [1, 3, 5, 8]},
                 [numpy_helper.from_array(np.array([1, 1, *scales], np.float32), "s")])  # fmt: skip
    assert (made.totals.flops, made.totals.macs) == (flops, 0)


def test_a_resize_makes_as_many_values_as_where_it_is_run(tmp_path: Path) -> None:
    import onnxruntime

    steps = [(old, np.float32(new / old)) for old in (3, 7, 21) for new in (2, 5, 31, 62, 100)]
    for old, scale in steps:
        path = save(tmp_path / "net.onnx", [node("Resize", ["x", "", "s"], ["y"], mode="linear")], {"x": [1, 1, old]},
                    [numpy_helper.from_array(np.array([1, 1, scale], np.float32), "s")])  # fmt: skip
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # its own inference of shapes rounds otherwise, and it says so
        session = onnxruntime.InferenceSession(str(path), options)
        (made,) = session.run(None, {"x": np.zeros((1, 1, old), np.float32)})
        assert read(path).rows[0].output == made.shape, (old, scale)


@pytest.mark.parametrize("title", COUNTED)
def test_counts(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, params, macs = COUNTED[title]
    counted = count(tmp_path, nodes, inputs, constants)
    assert (counted.status["macs"], counted.uncounted) == ("complete", ())
    assert stored_and_macs(counted) == (params, macs)
    assert sum(row.deployed_params or 0 for row in counted.rows) == params
    assert sum(row.macs or 0 for row in counted.rows) == macs


@pytest.mark.parametrize(("kernel", "stride", "pad", "groups"), product((1, 2, 3), (1, 2), (0, 1), (1, 2)))
def test_a_convolution_multiplies_as_often_as_a_loop(
    kernel: int, stride: int, pad: int, groups: int, tmp_path: Path
) -> None:
    height, width, channels, filters = 6, 5, 4, 6
    conv = node("Conv", ["x", "w"], ["y"], strides=[stride] * 2, pads=[pad] * 4, group=groups)
    weights = weight("w", filters, channels // groups, kernel, kernel)
    counted = count(tmp_path, [conv], {"x": [1, channels, height, width]}, [weights])
    multiplied = 0
    for top in range(-pad, height + pad - kernel + 1, stride):
        for left in range(-pad, width + pad - kernel + 1, stride):
            for _ in product(range(top, top + kernel), range(left, left + kernel)):
                multiplied += filters * (channels // groups)
    assert counted.totals.macs == multiplied


def test_rows_are_nodes_in_their_order_with_shapes(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], ["h"], name="stem", kernel_shape=[3, 3]),
        node("Relu", ["h"], ["r"]),
        node("MaxPool", ["r"], ["y"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
    ]
    rows = count(tmp_path, nodes, {"x": ["N", 3, 8, 6]}, [weight("w", 4, 3, 3, 3)]).rows
    assert [(row.name, row.kind, row.kernel, row.input, row.output) for row in rows] == [
        ("stem", "Conv", (3, 3), (1, 3, 8, 6), (1, 4, 6, 4)),
        ("Relu_1", "Relu", None, (1, 4, 6, 4), (1, 4, 6, 4)),
        ("pool", "MaxPool", (2, 2), (1, 4, 6, 4), (1, 4, 3, 2)),
    ]


def test_a_row_has_what_a_file_tells(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w", "b"], ["h"], name="conv", strides=[2, 1], group=2),
        node("Relu", ["h"], ["r"], name="act"),
        node("Add", ["r", "h"], ["y"], name="act"),
    ]
    counted = count(tmp_path, nodes, {"x": [3, 4, 9, 7]}, [weight("w", 6, 2, 3, 3), weight("b", 6)])
    conv, relu, add = counted.rows
    x, h = 3 * 4 * 9 * 7, 3 * 6 * 4 * 5
    assert (conv.kind, conv.kernel, conv.stride, conv.groups) == ("Conv", (3, 3), (2, 1), 2)
    assert (conv.macs, conv.formula) == (6 * 2 * 9 * h // 6, "3·3·2·6 = 108, × 3·4·5")
    assert (conv.weight_bytes, conv.traffic_bytes, conv.live_bytes) == (4 * 114, 4 * (114 + x + h), 4 * (x + h))
    assert (relu.traffic_bytes, relu.live_bytes) == (4 * 2 * h, 4 * 2 * h)  # h is read again: not in place
    assert (add.name, add.inputs, add.traffic_bytes, add.live_bytes) == ("act #2", (add.output,) * 2, 12 * h, 12 * h)
    assert [row.macs_share for row in counted.rows] == [1.0, 0.0, 0.0]
    totals = counted.totals
    assert (totals.weight_bytes, totals.traffic_bytes) == (4 * 114, 4 * (114 + x + h + 5 * h))
    assert totals.peak_activation_bytes == 4 * max(x + h, 3 * h)
    assert (conv.flops, relu.flops, totals.flops) == (2 * conv.macs + h, h, 2 * conv.macs + 3 * h)
    assert (conv.convolution, conv.intensity) == ("grouped", conv.flops / conv.traffic_bytes)
    assert {name for name, word in counted.status.items() if word == "unavailable"} == {
        "params", "trainable", "non_trainable", "kernels", "peak_activation_bytes_int8", "arena_bytes",
        "arena_bytes_int8", "flash_bytes",
    }  # fmt: skip
    assert (counted.batch, counted.name, counted.variant) == (3, "net", "")


@pytest.mark.parametrize(
    ("nodes", "outputs", "live"),
    [
        ([("Relu", "x", "a"), ("Relu", "a", "y")], ["y"], [8, 8]),
        ([("Relu", "x", "a"), ("Relu", "a", "y")], ["y", "a"], [8, 16]),  # an output lives to the end
        ([("Flatten", "x", "a"), ("Transpose", "a", "y")], ["y"], [8, 16]),
        ([("Relu", "x", "a"), ("Add", "a b", "y")], ["y"], [8, 8]),  # a stored number is not an activation
        ([("Add", "x c", "y")], ["y"], [8 + 16]),  # larger than its input
        ([("Relu", "x", "a"), ("Tanh", "x", "d"), ("Mul", "a d", "y")], ["y"], [16, 16, 24]),
        ([("Dropout", "x", "a d"), ("Relu", "a", "y")], ["y"], [10, 8]),  # the mask, of bytes, dies unread
    ],
)  # fmt: skip
def test_what_is_alive(nodes: list[tuple[str, str, str]], outputs: list[str], live: list[int], tmp_path: Path) -> None:
    made = [node(op, read.split(), written.split(), name=written) for op, read, written in nodes]
    constants = [weight("b", 1, 8), weight("c", 2, 8)]
    counted = count(tmp_path, made, {"x": [1, 8]}, constants, outputs=outputs)
    assert [row.live_bytes for row in counted.rows] == [4 * values for values in live]
    assert counted.totals.peak_activation_bytes == 4 * max(live)


def test_a_branch_reads_what_stands_outside_of_it(tmp_path: Path) -> None:
    branch = helper.make_graph([node("Relu", ["x"], ["z"])], "b", [], [helper.make_empty_tensor_value_info("z")])
    choice = node("If", ["c"], ["y"], name="choice", then_branch=branch, else_branch=branch)
    nodes = [node("Relu", ["z"], ["x"]), node("Sigmoid", ["x"], ["s"]), choice]
    counted = count(tmp_path, nodes, {"z": [1, 8]}, [weight("c", dtype=np.bool_)])
    assert [row.live_bytes for row in counted.rows][:2] == [32, 64]  # the branch reads x later
    assert [row.name for row in counted.rows] == ["Relu_0", "Sigmoid_1", "choice/Relu_0"]


def test_what_a_branch_returns_lives_until_it_is_read(tmp_path: Path) -> None:
    branch = helper.make_graph([node("Relu", ["x"], ["z"])], "b", [], [helper.make_empty_tensor_value_info("z")])
    choice = node("If", ["c"], ["y"], name="choice", then_branch=branch, else_branch=branch)
    asked = node("Cast", ["f"], ["c"], "asked", to=TensorProto.BOOL)
    nodes = [asked, choice, node("Sigmoid", ["x"], ["s"], "s"), node("Add", ["y", "s"], ["t"], "t")]
    counted = count(tmp_path, nodes, {"x": [1, 8], "f": [1]}, outputs=["t"])
    x = 4 * 8
    assert {row.name: row.live_bytes for row in counted.rows} == {
        "asked": x + 4 + 1, "choice/then/Relu_0": x + 1 + x, "choice": x + 1 + x, "s": x + x, "t": 3 * x,
    }  # fmt: skip
    assert counted.totals.peak_activation_bytes == 3 * x


def test_what_a_loop_gathers_lives_until_it_is_read(tmp_path: Path) -> None:
    kinds = {"i": (TensorProto.INT64, []), "c": (TensorProto.BOOL, []), "v": (TensorProto.FLOAT, [1, 8])}
    body = helper.make_graph(
        [node("Identity", ["c"], ["d"]), node("Relu", ["v"], ["w"], "w"), node("Tanh", ["w"], ["each"], "each")], "b",
        [helper.make_tensor_value_info(name, *kind) for name, kind in kinds.items()],
        [helper.make_empty_tensor_value_info(name) for name in ("d", "w", "each")],
    )  # fmt: skip
    loop = node("Loop", ["m", "", "x"], ["after", "all"], name="loop", body=body)
    nodes = [loop, node("Exp", ["after"], ["e"], "e"), node("Abs", ["all"], ["a"], "a")]
    counted = count(tmp_path, nodes, {"x": [1, 8]}, [integers("m", 5)], outputs=["e", "a"])
    live = {row.name: row.live_bytes for row in counted.rows}
    one, all_ = 4 * 8, 5 * 4 * 8
    assert live["loop/each"] == 3 * one + all_  # x, the state for the next turn, a part, and all parts
    assert (live["e"], live["a"]) == (one + all_, one + all_)  # both are written in place
    assert counted.totals.peak_activation_bytes == 3 * one + all_


def test_bytes_are_of_the_types_that_a_file_has(tmp_path: Path) -> None:
    nodes, inputs, constants, *_ = COUNTED["quantised weights"]
    counted = count(tmp_path, nodes, inputs, constants)
    fp32, int8 = 4 * 75, 75
    assert (counted.totals.weight_bytes, [row.traffic_bytes for row in counted.rows][:2]) == (12, [fp32 + int8] * 2)
    assert counted.rows[0].live_bytes == fp32 + int8


FREE = ([node("MatMul", ["x", "w"], ["y"], name="m")], {"x": ["N", "T", 8]}, [weight("w", 8, 5)])


def test_a_free_axis_makes_totals_formulas(tmp_path: Path) -> None:
    counted = count(tmp_path, *FREE)
    (row,) = counted.rows
    assert (row.weight_bytes, row.traffic_bytes, row.live_bytes, row.macs) == (4 * 40, None, None, None)
    assert (counted.totals.macs, counted.status["macs"], counted.batch) == (None, "unavailable", 1)
    assert (counted.totals.deployed_params, counted.uncounted) == (40, ())
    assert (counted.inputs, counted.notes) == ({"x": (1, "T", 8)}, ("batch = N, by its name",))
    assert counted.formulas == {"macs": "40·T", "flops": "80·T", "traffic_bytes": "52·T + 160"}


@pytest.mark.parametrize("title", UNCOUNTED)
def test_what_is_not_counted_is_named(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, message = UNCOUNTED[title]
    counted = count(tmp_path, nodes, inputs, constants)
    assert (counted.status["macs"], counted.uncounted) == ("partial", (message,))
    assert next(row for row in counted.rows if row.uncounted).macs is None


def test_weights_of_an_unknown_operator_are_counted(tmp_path: Path) -> None:
    unknown = node("Frobnicate", ["x", "w"], ["y"], domain="my.own")
    assert count(tmp_path, [unknown], {"x": [1, 8]}, [weight("w", 2, 3)]).totals.deployed_params == 6


def test_free_sizes_can_be_told(tmp_path: Path) -> None:
    counted = count(tmp_path, *FREE, sizes={"T": 7})
    assert (counted.status["macs"], counted.totals.macs, counted.batch) == ("complete", 7 * 40, 1)
    assert count(tmp_path, *FREE, sizes={"T": 7, "N": 3}).totals.macs == 3 * 7 * 40
    assert count(tmp_path, *FREE, sizes={"x:1": 7}).totals.macs == 7 * 40
    with pytest.raises(UsageError, match=r"m\.onnx: the model has no axis U; it has N, T"):
        count(tmp_path, *FREE, sizes={"U": 7})
    with pytest.raises(UsageError, match=r"axis x:2 is 8 in the file, received 9"):
        count(tmp_path, *FREE, sizes={"x:2": 9})


def test_the_batch_is_that_of_the_file(tmp_path: Path) -> None:
    nodes, inputs, constants, *_ = COUNTED["Conv of a fixed batch"]
    assert count(tmp_path, nodes, inputs, constants).batch == 4
    assert count(tmp_path, [node("Relu", ["x"], ["y"])], {"x": [0, 8]}).batch == 1  # it is divided by


def test_initialisers_listed_as_inputs_are_no_inputs(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    counted = count(tmp_path, nodes, {"x": [None, 8], "w": [8, 5]}, [weight("w", 8, 5)], ir_version=3)
    assert (*stored_and_macs(counted), counted.status["macs"]) == (40, 40, "complete")


def test_functions_of_the_file_are_looked_into(tmp_path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("my.own", 1)]
    body = helper.make_function("my.own", "Twice", ["a", "w"], ["c"],
                                [node("MatMul", ["a", "w"], ["b"]), node("MatMul", ["b", "w"], ["c"])], opsets)
    call = node("Twice", ["x", "w"], ["y"], domain="my.own")
    counted = count(tmp_path, [call], {"x": [1, 8]}, [weight("w", 8, 8)], functions=[body])
    assert (*stored_and_macs(counted), counted.status["macs"]) == (64, 128, "complete")


def test_large_weights_are_stepped_over_and_small_shapes_kept(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["h"]), node("Reshape", ["h", "shape"], ["y"])]
    constants = [weight("w", 500, 600), integers("shape", -1, 20, 30)]
    path = save(tmp_path / "m.onnx", nodes, {"x": ["N", 500]}, constants)
    assert (path.stat().st_size > 1_200_000, len(slim(path)) < 1000) == (True, True)
    counted = read(path)
    assert (*stored_and_macs(counted), counted.rows[1].output) == (300_000, 300_000, (1, 20, 30))


def test_float_data_is_stepped_over_too(tmp_path: Path) -> None:
    listed = helper.make_tensor("w", TensorProto.FLOAT, [50, 60], np.ones(3000).tolist())
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": ["N", 50]}, [listed])
    assert (path.stat().st_size > 12_000, len(slim(path)) < 1000, stored_and_macs(read(path))[0]) == (True, True, 3000)


def test_weights_in_other_files_are_counted_without_them(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    path = save(tmp_path / "m.onnx", nodes, {"x": [1, 80]}, [weight("w", 80, 50)])
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "weights.bin").unlink()
    assert stored_and_macs(read(path))[0] == 4000


def test_the_size_is_that_of_all_files_in_the_folder(tmp_path: Path) -> None:
    place = tmp_path / "net"
    place.mkdir()
    path = save(place / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [1, 80]}, [weight("w", 80, 50)])
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert size(path) == path.stat().st_size + 4 * 80 * 50
    stored = place / "weights.bin"
    stored.rename(place / "inside.bin")
    stored.symlink_to("inside.bin")
    assert size(path) == path.stat().st_size + 4 * 80 * 50
    (place / "inside.bin").rename(tmp_path / "outside.bin")
    assert size(path) is None
    stored.unlink()
    stored.symlink_to("../outside.bin")
    assert size(path) is None


def test_counting_needs_protobuf_and_not_onnx(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "m.onnx", *FREE)
    monkeypatch.setitem(sys.modules, "onnx", None)
    assert read(path).formulas["macs"] == "40·T"
    messages.cache_clear()
    monkeypatch.setitem(sys.modules, "google.protobuf", None)
    with pytest.raises(RuntimeUnavailable, match=r"reading a model file needs protobuf.*pip install costlens-nn"):
        read(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, world, this is no model", b"\x3a\xff\xff\xff\x7f", b"\x00" * 64, b"\x80" * 64, b"PK\x03\x04"],
)
def test_what_is_no_onnx_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"bad\.onnx: (cannot be read as an ONNX file|holds no ONNX graph)") as refused:
        read(path)
    assert str(refused.value).count("bad.onnx") == 1


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [1, 80]}, [weight("w", 80, 50)])
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(UsageError, match="cut off"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.onnx: cannot be read as an ONNX file: No such file"):
        read(tmp_path / "none.onnx")


def test_contradicting_shapes_are_an_error_at_their_node(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"m\.onnx: m: MatMul sums over 7 values on one side and 8 on the other"):
        count(tmp_path, [node("MatMul", ["x", "w"], ["y"], name="m")], {"x": [1, 7]}, [weight("w", 8, 5)])


@pytest.mark.parametrize("broken", range(0, 400, 7))
def test_a_changed_byte_ends_in_a_count_or_a_clear_error(broken: int, tmp_path: Path) -> None:
    nodes, inputs, constants, *_ = COUNTED["Conv"]
    path = save(tmp_path / "m.onnx", nodes, inputs, constants)
    data = bytearray(path.read_bytes())
    data[broken % len(data)] ^= 0x5B
    path.write_bytes(data)
    with suppress(UsageError):
        assert read(path).status["macs"] in ("complete", "partial")


def test_what_follows_a_listed_operator_is_counted(tmp_path: Path) -> None:
    nodes, inputs, constants, _ = UNCOUNTED["a scaler before a product"]
    counted = count(tmp_path, nodes, inputs, constants)
    assert (counted.totals.macs, counted.totals.deployed_params) == (40, 40)
    assert counted.notes[0].startswith("batch = x:0: the first axis")


def test_parameters_of_graphs_that_an_unknown_operator_holds_are_counted(tmp_path: Path) -> None:
    empty = helper.make_empty_tensor_value_info("b")
    decoder = helper.make_graph([node("MatMul", ["a", "w"], ["b"])], "d", [helper.make_empty_tensor_value_info("a")],
                                [empty], [weight("w", 8, 5)])  # fmt: skip
    search = node("BeamSearch", ["x"], ["y"], name="s", domain="com.microsoft", decoder=decoder)
    counted = count(tmp_path, [search], {"x": [1, 8]})
    assert (counted.totals.deployed_params, counted.totals.macs, counted.status["macs"]) == (40, 0, "partial")
    assert counted.uncounted == ("s: operator com.microsoft.BeamSearch is not known",)
