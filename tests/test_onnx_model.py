"""The reader of ONNX files: MACs and parameters of any file, from its own shapes, and nothing silently zero."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from costlens.errors import UsageError
from costlens.onnx_model import OnnxCount, read
from costlens.onnx_model.skim import skim

Sizes = Sequence[int | str | None]


def weight(name: str, *shape: int, dtype: Any = np.float32) -> Any:
    return numpy_helper.from_array(np.ones(shape, dtype), name)


def integers(name: str, *values: int) -> Any:
    return numpy_helper.from_array(np.array(values, np.int64), name)


def save(
    path: Path,
    nodes: Sequence[Any],
    inputs: dict[str, Sizes],
    constants: Sequence[Any] = (),
    *,
    outputs: Sequence[str] = ("y",),
    **model: Any,
) -> Path:
    made = helper.make_graph(
        list(nodes),
        "net",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()],
        [helper.make_empty_tensor_value_info(name) for name in outputs],
        list(constants),
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("my.own", 1)]
    onnx.save(helper.make_model(made, **{"opset_imports": opsets, "ir_version": 8, **model}), path)
    return path


def count(tmp_path: Path, *args: Any, sizes: dict[str, int] | None = None, **kwargs: Any) -> OnnxCount:
    return read(save(tmp_path / "m.onnx", *args, **kwargs), sizes)


node = helper.make_node

# title: (nodes, inputs, constants, parameters, MACs)
COUNTED: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], int, int]] = {
    "Conv": (
        [node("Conv", ["x", "w", "b"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1])],
        {"x": ["N", 3, 9, 7]},
        [weight("w", 4, 3, 3, 3), weight("b", 4)],
        4 * 27 + 4,
        4 * 27 * 5 * 4,
    ),
    "Conv in groups, dilated, 1D": (
        [node("Conv", ["x", "w"], ["y"], group=3, dilations=[2])],
        {"x": [1, 6, 20]},
        [weight("w", 9, 2, 3)],
        54,
        54 * 16,
    ),
    "Conv of a fixed batch": (
        [node("Conv", ["x", "w"], ["y"])],
        {"x": [4, 3, 5, 5]},
        [weight("w", 2, 3, 1, 1)],
        6,
        6 * 25 * 4,
    ),
    "Conv with auto_pad": (
        [node("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2])],
        {"x": [1, 1, 7, 7]},
        [weight("w", 1, 1, 3, 3)],
        9,
        9 * 16,
    ),
    "ConvTranspose": (
        [node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])],
        {"x": [1, 3, 5, 4]},
        [weight("w", 3, 6, 2, 2)],
        72,
        72 * 20,
    ),
    "ConvTranspose in groups": (
        [node("ConvTranspose", ["x", "w"], ["y"], group=3)],
        {"x": [1, 3, 5, 4]},
        [weight("w", 3, 2, 2, 2)],
        24,
        24 * 20,
    ),
    "MatMul at each step": (
        [node("MatMul", ["x", "w"], ["y"])],
        {"x": ["batch", 6, 8]},
        [weight("w", 8, 5)],
        40,
        40 * 6,
    ),
    "MatMul of two activations": (
        [node("MatMul", ["a", "b"], ["y"])],
        {"a": [1, 4, 6, 8], "b": [1, 4, 8, 5]},
        [],
        0,
        4 * 6 * 8 * 5,
    ),
    "MatMul of vectors": ([node("MatMul", ["a", "b"], ["y"])], {"a": [1, 6], "b": [6]}, [], 0, 6),
    "Gemm, both transposed": (
        [node("Gemm", ["x", "w", "b"], ["y"], transA=1, transB=1)],
        {"x": [8, 3]},
        [weight("w", 5, 8), weight("b", 5)],
        45,
        3 * 8 * 5,
    ),
    "Einsum": (
        [node("Einsum", ["x", "w"], ["y"], equation="bti,io->bto")],
        {"x": ["b", 6, 8]},
        [weight("w", 8, 5)],
        40,
        6 * 8 * 5,
    ),
    "LSTM": (
        [node("LSTM", ["x", "w", "r", "b"], ["y"], hidden_size=4)],
        {"x": [10, 1, 3]},
        [weight("w", 1, 16, 3), weight("r", 1, 16, 4), weight("b", 1, 32)],
        48 + 64 + 32,
        (48 + 64) * 10,
    ),
    "GRU, both directions": (
        [node("GRU", ["x", "w", "r"], ["y"], hidden_size=4, direction="bidirectional")],
        {"x": [10, 1, 3]},
        [weight("w", 2, 12, 3), weight("r", 2, 12, 4)],
        72 + 96,
        (72 + 96) * 10,
    ),
    "BatchNormalization": (
        [node("BatchNormalization", ["x", "g", "b", "m", "v"], ["y"])],
        {"x": [1, 3, 5, 5]},
        [weight(name, 3) for name in "gbmv"],
        12,
        0,
    ),
    "a weight shared by two is stored once": (
        [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [1, 8]},
        [weight("w", 8, 8)],
        64,
        128,
    ),
    "structure is no weight": (
        [
            node("Clip", ["x", "low", "high"], ["c"]),
            node("Mul", ["c", "half"], ["h"]),
            node("Reshape", ["h", "shape"], ["r"]),
            node("Pad", ["r", "pads"], ["p"]),
            node("ReduceMean", ["p", "axes"], ["y"]),
        ],
        {"x": [1, 8]},
        [weight("low"), weight("high"), weight("half"), integers("shape", 1, 2, 4), integers("pads", 0, 0, 0, 0, 1, 1),
         integers("axes", 1)],
        0,
        0,
    ),
    "a scale and a shift are weights": (
        [node("Mul", ["x", "s"], ["h"]), node("Add", ["t", "h"], ["y"])],
        {"x": [1, 8, 2]},
        [weight("s", 8, 1), weight("t", 1, 8, 1)],
        16,
        0,
    ),
    "a table is a weight, an index is none": (
        [node("Cast", ["x"], ["i"], to=TensorProto.INT64), node("Gather", ["table", "i"], ["y"])],
        {"x": [1, 6]},
        [weight("table", 100, 4)],
        400,
        0,
    ),
    "weights in Constant nodes": (
        [node("Constant", [], ["w"], value=weight("", 8, 5)), node("MatMul", ["x", "w"], ["y"])],
        {"x": [1, 8]},
        [],
        40,
        40,
    ),
    "weights that are generated": (
        [node("ConstantOfShape", ["shape"], ["w"]), node("MatMul", ["x", "w"], ["y"])],
        {"x": [1, 8]},
        [integers("shape", 8, 5)],
        40,
        40,
    ),
    "weights behind a Transpose": (
        [node("Transpose", ["w"], ["t"], perm=[1, 0]), node("MatMul", ["x", "t"], ["y"])],
        {"x": [1, 8]},
        [weight("w", 5, 8)],
        40,
        40,
    ),
    "quantised weights": (
        [
            node("QuantizeLinear", ["x", "s", "z"], ["q"]),
            node("DequantizeLinear", ["q", "s", "z"], ["d"]),
            node("DequantizeLinear", ["w", "ws", "wz"], ["v"], axis=0),
            node("Conv", ["d", "v"], ["y"]),
        ],
        {"x": [1, 3, 5, 5]},
        [weight("s"), weight("z", dtype=np.int8), weight("w", 4, 3, 1, 1, dtype=np.int8), weight("ws", 4),
         weight("wz", 4, dtype=np.int8)],
        12,
        12 * 25,
    ),
    "QLinearConv": (
        [node("QLinearConv", ["x8", "s", "z", "w", "s", "z", "s", "z", "b"], ["y"]),
         node("QuantizeLinear", ["x", "s", "z"], ["x8"])][::-1],
        {"x": [1, 3, 5, 5]},
        [weight("s"), weight("z", dtype=np.int8), weight("w", 4, 3, 1, 1, dtype=np.int8),
         weight("b", 4, dtype=np.int32)],
        16,
        12 * 25,
    ),
}


@pytest.mark.parametrize("title", COUNTED)
def test_counts(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, params, macs = COUNTED[title]
    counted = count(tmp_path, nodes, inputs, constants)
    assert (counted.status, counted.uncounted) == ("complete", ())
    assert (counted.params, counted.macs) == (params, macs)
    assert (sum(row.params for row in counted.rows), sum(row.macs or 0 for row in counted.rows)) == (params, macs)


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
    assert counted.macs == multiplied


def test_rows_are_nodes_in_their_order_with_shapes(tmp_path: Path) -> None:
    nodes = [
        node("Conv", ["x", "w"], ["h"], name="stem", kernel_shape=[3, 3]),
        node("Relu", ["h"], ["r"]),
        node("MaxPool", ["r"], ["y"], name="pool", kernel_shape=[2, 2], strides=[2, 2]),
    ]
    rows = count(tmp_path, nodes, {"x": ["N", 3, 8, 6]}, [weight("w", 4, 3, 3, 3)]).rows
    assert [(row.name, row.op, row.kernel, row.input, row.output) for row in rows] == [
        ("stem", "Conv", (3, 3), (1, 3, 8, 6), (1, 4, 6, 4)),
        ("Relu_1", "Relu", None, (1, 4, 6, 4), (1, 4, 6, 4)),
        ("pool", "MaxPool", (2, 2), (1, 4, 6, 4), (1, 4, 3, 2)),
    ]


def _holding_a_graph() -> Any:
    branch = helper.make_graph([node("Relu", ["x"], ["z"])], "b", [], [helper.make_empty_tensor_value_info("z")])
    return node("If", ["c"], ["y"], name="choice", then_branch=branch, else_branch=branch)


UNCOUNTED: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], str]] = {
    "an operator nobody knows": (
        [node("Frobnicate", ["x"], ["y"], name="f", domain="my.own")],
        {"x": [1, 8]},
        [],
        "f: operator my.own.Frobnicate is not known",
    ),
    "a Conv of somebody else's": (
        [node("Conv", ["x", "w"], ["y"], name="f", domain="my.own")],
        {"x": [1, 8]},
        [weight("w", 2, 3)],
        "f: operator my.own.Conv is not known",
    ),
    "a graph within": (
        [_holding_a_graph()],
        {"x": [1, 8]},
        [weight("c", dtype=np.bool_)],
        "choice: If holds a graph of its own, which is not counted",
    ),
    "an Einsum of three": (
        [node("Einsum", ["x", "w", "v"], ["y"], name="e", equation="bi,ij,jk->bk")],
        {"x": [1, 8]},
        [weight("w", 8, 5), weight("v", 5, 2)],
        "e: Einsum bi,ij,jk->bk has 3 operands: its cost depends on their order",
    ),
    "a free size": (
        [node("MatMul", ["x", "w"], ["y"], name="m")],
        {"x": ["N", "T", 8]},
        [weight("w", 8, 5)],
        "m: the shape of x is not known; free dimensions: T",
    ),
}


@pytest.mark.parametrize("title", UNCOUNTED)
def test_what_is_not_counted_is_named(title: str, tmp_path: Path) -> None:
    nodes, inputs, constants, message = UNCOUNTED[title]
    counted = count(tmp_path, nodes, inputs, constants)
    assert (counted.status, counted.uncounted) == ("partial", (message,))
    assert counted.rows[0].macs is None


def test_weights_of_an_unknown_operator_are_counted(tmp_path: Path) -> None:
    unknown = node("Frobnicate", ["x", "w"], ["y"], domain="my.own")
    assert count(tmp_path, [unknown], {"x": [1, 8]}, [weight("w", 2, 3)]).params == 6


def test_free_sizes_can_be_told(tmp_path: Path) -> None:
    nodes, inputs, constants, _ = UNCOUNTED["a free size"]
    counted = count(tmp_path, nodes, inputs, constants, sizes={"T": 7})
    assert (counted.status, counted.macs, counted.batch) == ("complete", 7 * 40, 1)
    assert count(tmp_path, nodes, inputs, constants, sizes={"T": 7, "N": 3}).macs == 3 * 7 * 40


def test_the_batch_is_that_of_the_file(tmp_path: Path) -> None:
    nodes, inputs, constants, *_ = COUNTED["Conv of a fixed batch"]
    assert count(tmp_path, nodes, inputs, constants).batch == 4


def test_initialisers_listed_as_inputs_are_no_inputs(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    counted = count(tmp_path, nodes, {"x": [None, 8], "w": [8, 5]}, [weight("w", 8, 5)], ir_version=3)
    assert (counted.params, counted.macs, counted.status) == (40, 40, "complete")


def test_functions_of_the_file_are_looked_into(tmp_path: Path) -> None:
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("my.own", 1)]
    body = helper.make_function("my.own", "Twice", ["a", "w"], ["c"],
                                [node("MatMul", ["a", "w"], ["b"]), node("MatMul", ["b", "w"], ["c"])], opsets)
    call = node("Twice", ["x", "w"], ["y"], domain="my.own")
    counted = count(tmp_path, [call], {"x": [1, 8]}, [weight("w", 8, 8)], functions=[body])
    assert (counted.params, counted.macs, counted.status) == (64, 128, "complete")


def test_large_weights_are_stepped_over_and_small_shapes_kept(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["h"]), node("Reshape", ["h", "shape"], ["y"])]
    constants = [weight("w", 500, 600), integers("shape", -1, 20, 30)]
    path = save(tmp_path / "m.onnx", nodes, {"x": ["N", 500]}, constants)
    assert (path.stat().st_size > 1_200_000, len(skim(path)) < 1000) == (True, True)
    counted = read(path)
    assert (counted.params, counted.macs, counted.rows[1].output) == (300_000, 300_000, (1, 20, 30))


def test_float_data_is_stepped_over_too(tmp_path: Path) -> None:
    listed = helper.make_tensor("w", TensorProto.FLOAT, [50, 60], np.ones(3000).tolist())
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": ["N", 50]}, [listed])
    assert (path.stat().st_size > 12_000, len(skim(path)) < 1000, read(path).params) == (True, True, 3000)


def test_weights_in_other_files_are_counted_without_them(tmp_path: Path) -> None:
    nodes = [node("MatMul", ["x", "w"], ["y"])]
    path = save(tmp_path / "m.onnx", nodes, {"x": [1, 80]}, [weight("w", 80, 50)])
    onnx.save(onnx.load(path), path, save_as_external_data=True, location="weights.bin", size_threshold=0)
    (tmp_path / "weights.bin").unlink()
    assert read(path).params == 4000


@pytest.mark.parametrize(
    "content",
    [b"", b"hello, world, this is no model", b"\x3a\xff\xff\xff\x7f", b"\x00" * 64, b"\x80" * 64, b"PK\x03\x04"],
)
def test_what_is_no_onnx_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=r"bad\.onnx: (cannot be read as an ONNX file|holds no ONNX graph)"):
        read(path)


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "m.onnx", [node("MatMul", ["x", "w"], ["y"])], {"x": [1, 80]}, [weight("w", 80, 50)])
    path.write_bytes(path.read_bytes()[:-4000])
    with pytest.raises(UsageError, match="cut off"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.onnx: cannot be read as an ONNX file: No such file"):
        read(tmp_path / "none.onnx")


def test_contradicting_shapes_are_not_counted_and_said(tmp_path: Path) -> None:
    counted = count(tmp_path, [node("MatMul", ["x", "w"], ["y"], name="m")], {"x": [1, 7]}, [weight("w", 8, 5)])
    assert counted.status == "partial"
    assert counted.uncounted[0].startswith("m: the shape of y is not known; ONNX says: ")
    assert "MatMul" in counted.uncounted[0]


@pytest.mark.parametrize("broken", range(0, 400, 7))
def test_a_changed_byte_ends_in_a_count_or_a_clear_error(broken: int, tmp_path: Path) -> None:
    nodes, inputs, constants, *_ = COUNTED["Conv"]
    path = save(tmp_path / "m.onnx", nodes, inputs, constants)
    data = bytearray(path.read_bytes())
    data[broken % len(data)] ^= 0x5B
    path.write_bytes(data)
    with suppress(UsageError):
        assert read(path).status in ("complete", "partial")
