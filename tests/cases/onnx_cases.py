"""ONNX files written by hand, and what each of them holds: parameters, MACs, or what cannot be counted."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper, parser

Sizes = Sequence[int | str | None]

HEAD = '<ir_version: 8, opset_import: ["": 17]>\n'
"""What a text of a model begins with."""


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


node = helper.make_node

# title: (nodes, inputs, constants, parameters, MACs)
COUNTED: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], int, int]] = {
    "Conv": (
        [node("Conv", ["x", "w", "b"], ["y"], strides=[2, 2], pads=[1, 1, 1, 1])],
        {"x": ["N", 3, 9, 7]}, [weight("w", 4, 3, 3, 3), weight("b", 4)], 4 * 27 + 4, 4 * 27 * 5 * 4,
    ),
    "Conv in groups, dilated, 1D": (
        [node("Conv", ["x", "w"], ["y"], group=3, dilations=[2])],
        {"x": [1, 6, 20]}, [weight("w", 9, 2, 3)], 54, 54 * 16,
    ),
    "Conv of a fixed batch": (
        [node("Conv", ["x", "w"], ["y"])],
        {"x": [4, 3, 5, 5]}, [weight("w", 2, 3, 1, 1)], 6, 6 * 25 * 4,
    ),
    "Conv with auto_pad": (
        [node("Conv", ["x", "w"], ["y"], auto_pad="SAME_UPPER", strides=[2, 2])],
        {"x": [1, 1, 7, 7]}, [weight("w", 1, 1, 3, 3)], 9, 9 * 16,
    ),
    "ConvTranspose": (
        [node("ConvTranspose", ["x", "w"], ["y"], strides=[2, 2])],
        {"x": [1, 3, 5, 4]}, [weight("w", 3, 6, 2, 2)], 72, 72 * 20,
    ),
    "ConvTranspose in groups": (
        [node("ConvTranspose", ["x", "w"], ["y"], group=3)],
        {"x": [1, 3, 5, 4]}, [weight("w", 3, 2, 2, 2)], 24, 24 * 20,
    ),
    "MatMul at each step": (
        [node("MatMul", ["x", "w"], ["y"])],
        {"x": ["batch", 6, 8]}, [weight("w", 8, 5)], 40, 40 * 6,
    ),
    "MatMul of two activations": (
        [node("MatMul", ["a", "b"], ["y"])],
        {"a": [1, 4, 6, 8], "b": [1, 4, 8, 5]}, [], 0, 4 * 6 * 8 * 5,
    ),
    "MatMul of vectors": ([node("MatMul", ["a", "b"], ["y"])], {"a": [1, 6], "b": [6]}, [], 0, 6),
    "QLinearMatMul": (
        [node("QuantizeLinear", ["x", "s", "z"], ["q"]), node("QLinearMatMul", [*"qszwszsz"], ["y"])],
        {"x": [1, 6, 8]}, [weight("s"), weight("z", dtype=np.int8), weight("w", 8, 5, dtype=np.int8)], 40, 40 * 6,
    ),
    "Gemm, both transposed": (
        [node("Gemm", ["x", "w", "b"], ["y"], transA=1, transB=1)],
        {"x": [8, 3]}, [weight("w", 5, 8), weight("b", 5)], 45, 3 * 8 * 5,
    ),
    "Einsum": (
        [node("Einsum", ["x", "w"], ["y"], equation="bti,io->bto")],
        {"x": ["b", 6, 8]}, [weight("w", 8, 5)], 40, 6 * 8 * 5,
    ),
    "LSTM": (
        [node("LSTM", ["x", "w", "r", "b"], ["y"], hidden_size=4)],
        {"x": [10, 1, 3]}, [weight("w", 1, 16, 3), weight("r", 1, 16, 4), weight("b", 1, 32)], 48 + 64 + 32,
        (48 + 64) * 10,
    ),
    "GRU, both directions": (
        [node("GRU", ["x", "w", "r"], ["y"], hidden_size=4, direction="bidirectional")],
        {"x": [10, 1, 3]}, [weight("w", 2, 12, 3), weight("r", 2, 12, 4)], 72 + 96, (72 + 96) * 10,
    ),
    "BatchNormalization": (
        [node("BatchNormalization", ["x", "g", "b", "m", "v"], ["y"])],
        {"x": [1, 3, 5, 5]}, [weight(name, 3) for name in "gbmv"], 12, 0,
    ),
    "a weight shared by two is stored once": (
        [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [1, 8]}, [weight("w", 8, 8)], 64, 128,
    ),
    "structure is not a weight": (
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
        0, 0,
    ),
    "a scale and a shift are weights": (
        [node("Mul", ["x", "s"], ["h"]), node("Add", ["t", "h"], ["y"])],
        {"x": [1, 8, 2]}, [weight("s", 8, 1), weight("t", 1, 8, 1)], 16, 0,
    ),
    "a table is a weight, an index is not": (
        [node("Cast", ["x"], ["i"], to=TensorProto.INT64), node("Gather", ["table", "i"], ["y"])],
        {"x": [1, 6]}, [weight("table", 100, 4)], 400, 0,
    ),
    "a quantised table is a weight": (
        [
            node("Cast", ["x"], ["i"], to=TensorProto.INT64),
            node("Gather", ["table", "i"], ["g"]),
            node("DequantizeLinear", ["g", "s"], ["y"]),
        ],
        {"x": [1, 6]}, [weight("table", 100, 4, dtype=np.int8), weight("s")], 400, 0,
    ),
    "a gathered size is structure": (
        [node("Shape", ["x"], ["sizes"]), node("Gather", ["sizes", "i"], ["y"])],
        {"x": [1, 6]}, [integers("i", 0)], 0, 0,
    ),
    "weights in Constant nodes": (
        [node("Constant", [], ["w"], value=weight("", 8, 5)), node("MatMul", ["x", "w"], ["y"])],
        {"x": [1, 8]}, [], 40, 40,
    ),
    "weights that are generated": (
        [node("ConstantOfShape", ["shape"], ["w"]), node("MatMul", ["x", "w"], ["y"])],
        {"x": [1, 8]}, [integers("shape", 8, 5)], 40, 40,
    ),
    "weights after a Transpose": (
        [node("Transpose", ["w"], ["t"], perm=[1, 0]), node("MatMul", ["x", "t"], ["y"])],
        {"x": [1, 8]}, [weight("w", 5, 8)], 40, 40,
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
        12, 12 * 25,
    ),
    "QLinearConv": (
        [node("QLinearConv", ["x8", "s", "z", "w", "s", "z", "s", "z", "b"], ["y"]),
         node("QuantizeLinear", ["x", "s", "z"], ["x8"])][::-1],
        {"x": [1, 3, 5, 5]},
        [weight("s"), weight("z", dtype=np.int8), weight("w", 4, 3, 1, 1, dtype=np.int8),
         weight("b", 4, dtype=np.int32)],
        16, 12 * 25,
    ),
}


UNCOUNTED: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], str]] = {
    "an unknown operator": (
        [node("Frobnicate", ["x"], ["y"], name="f", domain="my.own")],
        {"x": [1, 8]}, [], "f: operator my.own.Frobnicate is not known",
    ),
    "a Conv of somebody else's": (
        [node("Conv", ["x", "w"], ["y"], name="f", domain="my.own")],
        {"x": [1, 8]}, [weight("w", 2, 3)], "f: operator my.own.Conv is not known",
    ),
    "a scaler before a product": (
        [node("Scaler", ["x"], ["h"], name="s", domain="ai.onnx.ml", scale=[1.0], offset=[0.0]),
         node("MatMul", ["h", "w"], ["y"])],
        {"x": ["?", 8]}, [weight("w", 8, 5)], "s: Scaler of ai.onnx.ml is not counted",
    ),
    "trees": (
        [node("TreeEnsembleClassifier", ["x"], ["l", "y"], name="t", domain="ai.onnx.ml", classlabels_int64s=[0, 1])],
        {"x": ["?", 8]}, [], "t: TreeEnsembleClassifier of ai.onnx.ml is not counted",
    ),
    "an Einsum of three": (
        [node("Einsum", ["x", "w", "v"], ["y"], name="e", equation="bi,ij,jk->bk")],
        {"x": [1, 8]}, [weight("w", 8, 5), weight("v", 5, 2)],
        "e: an Einsum of 3 operands costs what their order says, which is a runtime's",
    ),
    "a number of finds": (
        [node("NonZero", ["x"], ["n"]), node("Cast", ["n"], ["f"], to=1), node("MatMul", ["w", "f"], ["y"], name="m")],
        {"x": [1, 8]}, [weight("w", 5, 2)], "m: only a run decides found by NonZero; it takes 10·found by NonZero MACs",
    ),
}


def written(text: str, path: Path) -> Path:
    """Save the model that a text describes (onnx.parser); an initialiser repeats the numbers that are given of it."""
    model = parser.parse_model(HEAD + text)
    for value in model.graph.initializer:
        held = next(filter(len, (value.float_data, value.int64_data, value.int32_data)))
        kind = helper.tensor_dtype_to_np_dtype(value.data_type)
        value.CopyFrom(numpy_helper.from_array(np.resize(np.array(held, kind), value.dims), value.name))
    onnx.save(model, path)
    return path
