"""ONNX files that counters get wrong, after public reports: what each holds, or why it is not counted.

The right values come from one run by onnxruntime with the shapes of all tensors, or from arithmetic.
"""

from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.cases.onnx_cases import Sizes, integers, node, weight

INT64 = TensorProto.INT64

# title: (nodes, inputs, constants, parameters, MACs or the formula, words of a note)
RIGHT: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], int, int | str, str]] = {
    "an image without a batch": (
        [node("Transpose", ["x"], ["t"], perm=[2, 0, 1]), node("Unsqueeze", ["t", "a"], ["u"]),
         node("Conv", ["u", "w"], ["y"], pads=[1, 1, 1, 1])],
        {"x": [224, 224, 3]}, [weight("w", 8, 3, 3, 3), integers("a", 0)], 216, 216 * 224 * 224, "",
    ),
    "a waveform of one axis": (
        [node("Reshape", ["x", "s"], ["r"]), node("Conv", ["r", "w"], ["y"], strides=[4])],
        {"x": [16_000]}, [integers("s", 1, 1, -1), weight("w", 8, 1, 16)], 128, 128 * 3997, "",
    ),
    "a waveform of free length": (
        [node("Reshape", ["x", "s"], ["r"]), node("Conv", ["r", "w"], ["y"], strides=[160])],
        {"x": ["samples"]}, [integers("s", 1, 1, -1), weight("w", 8, 1, 400)], 3200,
        "3,200·⌊(samples + 80)/160⌋ − 6,400", "holds for samples ≥ 400",
    ),
    "time before batch": (
        [node("LSTM", ["x", "w", "r"], ["y"], hidden_size=16)],
        {"x": [50, 1, 8]}, [weight("w", 1, 64, 8), weight("r", 1, 64, 16)], 1536, 1536 * 50, "",
    ),
    "free time before batch": (
        [node("LSTM", ["x", "w", "r"], ["y"], hidden_size=16)],
        {"x": ["T", 1, 8]}, [weight("w", 1, 64, 8), weight("r", 1, 64, 16)], 1536, "1,536·T", "",
    ),
    "batch before time": (
        [node("LSTM", ["x", "w", "r"], ["y"], hidden_size=16, layout=1)],
        {"x": ["N", 50, 8]}, [weight("w", 1, 64, 8), weight("r", 1, 64, 16)], 1536, 1536 * 50,
        "batch = N, by its name",
    ),
    "layers of a state": (
        [node("LSTM", ["x", "w", "r", "", "", "h", "c"], ["y"], hidden_size=16)],
        {"x": [50, 2, 8], "h": [1, 2, 16], "c": [1, 2, 16]}, [weight("w", 1, 64, 8), weight("r", 1, 64, 16)], 1536,
        1536 * 50 * 2, "",
    ),
    "all free axes have one name that says nothing": (
        [node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        {"x": ["?", 3, "?", "?"]}, [weight("w", 8, 3, 3, 3)], 216, "216·x:2·x:3", "batch = x:0: the first axis",
    ),
    "a free axis that shares the batch's name": (
        [node("MatMul", ["x", "w"], ["y"])], {"x": ["N", "N", 8]}, [weight("w", 8, 5)], 40, "40·N²", "",
    ),
    "a free first axis that may be shorter than the kernel": (
        [node("Unsqueeze", ["x", "a"], ["u"]), node("Conv", ["u", "w"], ["y"])],
        {"x": ["T", 4]}, [integers("a", 0, 1), weight("w", 2, 1, 3, 1)], 6, "24·T − 48", "holds for T ≥ 3",
    ),
    "a batch of -1 and a slice of it": (
        [node("Slice", ["x", "s", "e", "ax"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [-1, 8]}, [integers("s", 0), integers("e", 1), integers("ax", 0), weight("w", 8, 4)], 32, 32, "",
    ),
    "a batch of 0": (
        [node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1, 1])],
        {"x": [0, 3, 32, 32]}, [weight("w", 8, 3, 3, 3)], 216, 216 * 32 * 32, "batch = x:0: the first axis",
    ),
    "a pool that is rounded up": (
        [node("MaxPool", ["x"], ["p"], kernel_shape=[1, 1], strides=[2, 2], ceil_mode=1),
         node("Conv", ["p", "w"], ["y"])],
        {"x": [1, 4, 4, 4]}, [weight("w", 4, 4, 1, 1)], 16, 16 * 4, "",
    ),
    "an average that is rounded up, its last window in the padding": (
        [node("AveragePool", ["x"], ["p"], kernel_shape=[4, 4], strides=[4, 4], pads=[2, 2, 2, 2], ceil_mode=1),
         node("Conv", ["p", "w"], ["y"])],
        {"x": [1, 4, 9, 9]}, [weight("w", 4, 4, 1, 1)], 16, 16 * 9, "",
    ),
    "a pool that is rounded up on one axis": (
        [node("MaxPool", ["x"], ["p"], kernel_shape=[3, 3], strides=[3, 3], pads=[1, 1, 1, 1], ceil_mode=1),
         node("Conv", ["p", "w"], ["y"])],
        {"x": [1, 4, 6, 5]}, [weight("w", 4, 4, 1, 1)], 16, 16 * 6, "",
    ),
    "a learned token": (
        [node("Shape", ["x"], ["s"]), node("Gather", ["s", "z"], ["b"]),
         node("Concat", ["b", "one", "c16"], ["sh"], axis=0), node("Expand", ["cls", "sh"], ["ce"]),
         node("Concat", ["ce", "x"], ["xc"], axis=1), node("Add", ["xc", "pos"], ["xp"]),
         node("MatMul", ["xp", "w"], ["y"])],
        {"x": ["N", 9, 16]},
        [integers("z", 0), integers("one", 1), integers("c16", 16), weight("cls", 1, 1, 16), weight("pos", 1, 10, 16),
         weight("w", 16, 4)],
        240, 640, "",
    ),
    "a learned token that is put before": (
        [node("Concat", ["cls", "x"], ["xc"], axis=1), node("MatMul", ["xc", "w"], ["y"])],
        {"x": [1, 4, 16]}, [weight("cls", 1, 1, 16), weight("w", 16, 4)], 80, 320, "",
    ),
    "a table that is written to": (
        [node("ScatterND", ["table", "i", "u"], ["y"])],
        {"u": [2, 8]}, [weight("table", 100, 8), numpy_helper.from_array(np.zeros((2, 1), np.int64), "i")], 800, 0, "",
    ),
    "positions of a table as long as the sequence": (
        [node("Shape", ["x"], ["s"], start=1, end=2), node("Slice", ["pos", "z", "s", "one"], ["p"]),
         node("Add", ["x", "p"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        {"x": ["N", "seq", 8]}, [integers("z", 0), integers("one", 1), weight("pos", 1, 512, 8), weight("w", 8, 5)],
        512 * 8 + 40, "40·seq", "holds for seq ≤ 512",
    ),
    "nodes out of order": (
        [node("MatMul", ["h", "w2"], ["y"]), node("MatMul", ["x", "w"], ["h"])],
        {"x": [1, 8]}, [weight("w", 8, 4), weight("w2", 4, 2)], 40, 40, "",
    ),
    "a quantised LSTM": (
        [node("DynamicQuantizeLSTM", ["x", "w", "r", "", "", "", "", "", "s", "z", "s", "z"], ["y"], hidden_size=16,
              domain="com.microsoft")],
        {"x": [10, 1, 8]},
        [weight("w", 1, 8, 64, dtype=np.int8), weight("r", 1, 16, 64, dtype=np.int8), weight("s", 1),
         weight("z", 1, dtype=np.int8)],
        1536, 15_360, "",
    ),
    "integers in a constant sub-graph": (
        [node("Cast", ["i"], ["f"], to=TensorProto.FLOAT), node("Mul", ["f", "h"], ["g"]),
         node("Cast", ["g"], ["s"], to=INT64), node("Reshape", ["x", "s"], ["y"])],
        {"x": [1, 16]}, [integers("i", 4, 4), weight("h")], 0, 0, "",
    ),
}  # fmt: skip


def _loop(turns: int) -> list[Any]:
    empty = helper.make_empty_tensor_value_info
    body = helper.make_graph(
        [node("Identity", ["go"], ["on"]), node("MatMul", ["a", "w"], ["b"])], "body",
        [helper.make_tensor_value_info("i", INT64, []), helper.make_tensor_value_info("go", TensorProto.BOOL, []),
         helper.make_tensor_value_info("a", TensorProto.FLOAT, [1, 8])],
        [empty("on"), empty("b")],
    )  # fmt: skip
    return [node("Constant", [], ["m"], value_int=turns), node("Loop", ["m", "", "x"], ["y"], name="l", body=body)]


def _scan() -> list[Any]:
    empty = helper.make_empty_tensor_value_info
    body = helper.make_graph(
        [node("MatMul", ["s", "w"], ["t"]), node("Add", ["t", "e"], ["u"]), node("Identity", ["u"], ["o"])], "body",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in "se"], [empty("u"), empty("o")],
    )  # fmt: skip
    return [node("Scan", ["h", "x"], ["z", "y"], name="s", body=body, num_scan_inputs=1)]


def _if() -> list[Any]:
    empty = helper.make_empty_tensor_value_info("z")
    small = helper.make_graph([node("MatMul", ["x", "w"], ["z"])], "small", [], [empty])
    large = helper.make_graph(
        [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "v"], ["z"])], "large", [], [empty]
    )
    return [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Cast", ["m"], ["c"], to=TensorProto.BOOL),
            node("If", ["c"], ["y"], name="f", then_branch=small, else_branch=large)]  # fmt: skip


RIGHT |= {
    "a loop": (_loop(5), {"x": [1, 8]}, [weight("w", 8, 8)], 64, 64 * 5, ""),
    "a scan": (_scan(), {"h": [1, 8], "x": [7, 1, 8]}, [weight("w", 8, 8)], 64, 64 * 7, ""),
    "a branch that the data picks": (
        _if(), {"x": [1, 8]}, [weight("w", 8, 8), weight("v", 8, 8)], 128, 128,
        "f: the else branch is counted (128 MACs), not the then branch (64 MACs); c decides in a run",
    ),
}  # fmt: skip

# title: (nodes, inputs, constants, words of the error)
REFUSED: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], str]] = {
    "a kernel larger than its input": (
        [node("Conv", ["x", "w"], ["y"], name="c")], {"x": [1, 1, 4, 4]}, [weight("w", 1, 1, 11, 11)],
        "c: a window of 11 does not fit into 4 + 0 of padding",
    ),
    "channels that differ": (
        [node("Conv", ["x", "w"], ["y"], name="c")], {"x": [1, 5, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: Conv reads 3 channels, its input x has 5",
    ),
    "no group": (
        [node("Conv", ["x", "w"], ["y"], name="c", group=0)], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: Conv of 4 filters in 0 groups",
    ),
    "a group that is a text": (
        [node("Conv", ["x", "w"], ["y"], name="c", group="x")], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: an input or an attribute of Conv cannot be read",
    ),
    "a weight of one axis": (
        [node("Conv", ["x", "w"], ["y"], name="c")], {"x": [1, 3, 8, 8]}, [weight("w", 4)],
        "c: an input or an attribute of Conv cannot be read",
    ),
    "a product without axes": (
        [node("MatMul", ["x", "w"], ["y"], name="m")], {"x": []}, [weight("w")], "m: MatMul of a tensor without axes",
    ),
    "a pool without a kernel": (
        [node("MaxPool", ["x"], ["y"], name="p")], {"x": [1, 3, 8, 8]}, [], "p: MaxPool has no kernel_shape",
    ),
    "a reshape that loses values": (
        [node("Reshape", ["x", "s"], ["y"], name="r")], {"x": [1, 8]}, [integers("s", 3, 3)],
        "r: Reshape of (1, 8) to (3, 3)",
    ),
    "a cycle": (
        [node("Relu", ["b"], ["a"], name="p"), node("Relu", ["a"], ["b"], name="q"), node("Add", ["x", "a"], ["y"])],
        {"x": [1]}, [], "the graph is cyclic",
    ),
    "what nothing makes": ([node("Relu", ["z"], ["y"], name="p")], {"x": [1]}, [], "p reads z, which nothing makes"),
}  # fmt: skip
