"""Seven ways in which counts of ONNX files go wrong without a word, each in forms of its own, and what is right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.cases.onnx_cases import Sizes, integers, node, weight

FLOAT, INT64, BOOL = TensorProto.FLOAT, TensorProto.INT64, TensorProto.BOOL


@dataclass(frozen=True)
class Form:
    """A file and what is right: parameters and MACs, a number or the formula of free axes, or words of the refusal.

    ``sizes`` of free axes at which the file is also run; ``noted`` shapes that the file has and a run has not.
    ``by_hand``: the reference evaluator cannot run it, so the number stands alone.
    """

    nodes: Sequence[Any]
    inputs: Mapping[str, Sizes]
    constants: Sequence[Any] = ()
    params: int = 0
    macs: int | str = 0
    sizes: Mapping[str, int] = field(default_factory=dict)
    noted: Mapping[str, Sequence[int]] = field(default_factory=dict)
    refused: str = ""
    by_hand: bool = False


def _graph(name: str, nodes: Sequence[Any], inputs: Sequence[Any], outputs: Sequence[str], **more: Any) -> Any:
    return helper.make_graph(nodes, name, inputs, [helper.make_empty_tensor_value_info(one) for one in outputs], **more)


def _scalar(name: str, value: Any) -> Any:
    return numpy_helper.from_array(np.array(value), name)


_TURN = [helper.make_tensor_value_info("i", INT64, []), helper.make_tensor_value_info("go", BOOL, [])]
_GO = node("Identity", ["go"], ["on"])
_SAME = node("Conv", ["x", "w"], ["y"], name="c", pads=[1, 1, 1, 1])
_CONV = node("Conv", ["x", "w"], ["y"], name="c")


def _pooled(op: str, size: Sizes, **attributes: Any) -> tuple[list[Any], dict[str, Sizes], list[Any]]:
    """Return a pool and a convolution of 1 × 1 after it, so that the MACs tell the pool's size: 16 for each place."""
    nodes = [node(op, ["x"], ["p"], **attributes), node("Conv", ["p", "w"], ["y"])]
    return nodes, {"x": [1, 4, *size]}, [weight("w", 4, 4, *[1] * len(size))]


FIRST_AXIS = {
    "a vector times a matrix": Form([node("MatMul", ["x", "w"], ["y"])], {"x": [16]}, [weight("w", 16, 4)], 64, 64),
    "a transposed operand of Gemm": Form(
        [node("Gemm", ["x", "w"], ["y"], transA=1)], {"x": [16, 5]}, [weight("w", 16, 4)], 64, 64 * 5
    ),
    "frames against frames, without a batch": Form(
        [node("MatMul", ["x", "w"], ["h"]), node("Transpose", ["h"], ["t"]), node("MatMul", ["h", "t"], ["y"])],
        {"x": ["frames", 8]}, [weight("w", 8, 4)], 32, "4·frames² + 32·frames", {"frames": 7},
    ),
    "an image of free height without a batch": Form(
        [node("Unsqueeze", ["x", "a"], ["u"]), node("Conv", ["u", "w"], ["y"], pads=[1, 1, 1, 1])],
        {"x": ["height", 6]}, [integers("a", 0, 1), weight("w", 2, 1, 3, 3)], 18, "108·height", {"height": 9},
    ),
    "layers of a state before its batch": Form(
        [node("GRU", ["x", "w", "r", "", "", "h"], ["y"], hidden_size=4)],
        {"x": ["T", 2, 3], "h": [1, 2, 4]}, [weight("w", 1, 12, 3), weight("r", 1, 12, 4)], 84, "168·T", {"T": 6},
    ),
}  # fmt: skip

FREE_AXIS = {
    "two inputs, a free axis is first in one and last in the other": Form(
        [node("MatMul", ["x", "z"], ["y"])], {"x": [5, "L"], "z": ["L", 3]}, [], 0, "15·L", {"L": 4}
    ),
    "a first axis that is a later one of another input": Form(
        [node("MatMul", ["x", "w"], ["h"]), node("MatMul", ["h", "z"], ["y"])],
        {"x": ["M", 6], "z": [4, "M"]}, [weight("w", 6, 4)], 24, "4·M² + 24·M", {"M": 3},
    ),
    "axes of -1, and sizes for each": Form(
        [_SAME], {"x": [1, 3, -1, -1]}, [weight("w", 8, 3, 3, 3)], 216, "216·x:2·x:3", {"x:2": 5, "x:3": 7}
    ),
    "an axis that a reshape folds into another": Form(
        [node("Reshape", ["x", "s"], ["r"]), node("MatMul", ["r", "w"], ["y"])],
        {"x": ["N", "seq", 8]}, [integers("s", -1, 8), weight("w", 8, 3)], 24, "24·seq", {"N": 2, "seq": 5},
    ),
}  # fmt: skip

TOO_SHORT = {
    "a dilated kernel, longer than it looks": Form(
        [node("Conv", ["x", "w"], ["y"], name="c", dilations=[4])], {"x": [1, 1, 8]}, [weight("w", 2, 1, 3)],
        refused="c: a window of 9 does not fit into 8",
    ),
    "a pool that is larger than its input": Form(
        [node("MaxPool", ["x"], ["y"], name="p", kernel_shape=[5, 5])], {"x": [1, 1, 4, 9]},
        refused="p: a window of 5 does not fit into 4",
    ),
    "two convolutions of a free length": Form(
        [node("Conv", ["x", "w"], ["h"], strides=[2]), node("Conv", ["h", "v"], ["y"])],
        {"x": [1, 1, "T"]}, [weight("w", 2, 1, 5), weight("v", 1, 2, 3)], 16, "16·⌊(T + 1)/2⌋ − 44", {"T": 20},
    ),
    "a size that is given and too short": Form(
        [_CONV], {"x": [1, 3, "h", "w"]}, [weight("w", 8, 3, 3, 3)], sizes={"h": 2, "w": 9},
        refused="c: a window of 3 does not fit into 2",
    ),
    "a stored tensor of a negative size": Form(
        [node("MatMul", ["x", "w"], ["y"])], {"x": [1, 8]},
        [TensorProto(name="w", data_type=FLOAT, dims=[8, -1])], refused="w: a stored tensor of shape [8, -1]",
    ),
    "a slice of an axis of 0, which is free": Form(
        [node("Slice", ["x", "s", "e", "a"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [0, 0, 8]}, [integers("s", 1), integers("e", 3), integers("a", 1), weight("w", 8, 4)], 32, 64,
        {"x:0": 1, "x:1": 5},
    ),
    "a padding that takes more than there is": Form(
        [node("Pad", ["x", "p"], ["y"], name="p")], {"x": [1, 4]}, [integers("p", 0, 0, 0, -5)],
        refused="p: a tensor of shape (1, -1)",
    ),
}  # fmt: skip

NOTED = {
    "the shape that a file notes of its output": Form(
        [_SAME], {"x": [1, 3, 64, 64]}, [weight("w", 8, 3, 3, 3)], 216, 216 * 64 * 64, noted={"y": [1, 8, 2, 2]}
    ),
    "another rank": Form(
        [node("Flatten", ["x"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [2, 3, 4]}, [weight("w", 12, 5)], 60, 120, noted={"h": [1, 2, 3, 4]},
    ),
    "a negative size": Form(
        [node("Relu", ["x"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [2, 8]}, [weight("w", 8, 5)], 40, 80, noted={"h": [-1, -8]},
    ),
    "a size where the input's is free": Form(
        [node("Relu", ["x"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [1, "T", 8]}, [weight("w", 8, 5)], 40, "40·T", {"T": 9}, noted={"h": [1, 100, 8]},
    ),
}  # fmt: skip

ROUNDED_UP = {
    "a window that would begin in the padding": Form(
        *_pooled("MaxPool", [7], kernel_shape=[2], strides=[3], pads=[1, 1], ceil_mode=1), 16, 16 * 3
    ),
    "a dilated pool": Form(
        *_pooled("MaxPool", [11], kernel_shape=[3], strides=[3], dilations=[2], ceil_mode=1), 16, 16 * 3
    ),
    "three axes": Form(
        *_pooled("AveragePool", [5, 6, 7], kernel_shape=[2, 2, 2], strides=[2, 2, 2], ceil_mode=1), 16, 16 * 3 * 3 * 4
    ),
    "as large as its input": Form(
        *_pooled("MaxPool", [5, 5], kernel_shape=[5, 5], strides=[5, 5], ceil_mode=1), 16, 16
    ),
    "the same as its input, by auto_pad": Form(
        *_pooled("MaxPool", [7, 5], kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_UPPER"), 16, 16 * 4 * 3
    ),
}  # fmt: skip

STORED = {
    "an initial state of a recurrent layer": Form(
        [node("LSTM", ["x", "w", "r", "", "", "h", "h"], ["y"], hidden_size=4)],
        {"x": [5, 1, 3]}, [weight("w", 1, 16, 3), weight("r", 1, 16, 4), weight("h", 1, 1, 4)], 116, 112 * 5,
    ),
    "a table that is repeated": Form(
        [node("Tile", ["t", "n"], ["h"]), node("Add", ["x", "h"], ["y"])],
        {"x": [1, 6, 4]}, [weight("t", 1, 3, 4), integers("n", 1, 2, 1)], 12, 0,
    ),
    "an image that is resized": Form(
        [node("Resize", ["t", "", "s"], ["h"], mode="nearest"), node("Add", ["x", "h"], ["y"])],
        {"x": [1, 2, 6, 6]}, [weight("t", 1, 2, 3, 3), _scalar("s", np.float32([1, 1, 2, 2]))], 72, 0,
    ),
    "integers that end as sizes": Form(
        [node("Shape", ["x"], ["s"]), node("Mul", ["s", "k"], ["m"]), node("ConstantOfShape", ["m"], ["z"]),
         node("MatMul", ["z", "w"], ["y"])],
        {"x": [2, 4]}, [integers("k", 3, 2), weight("w", 8, 5)], 40, 240,
    ),
    "a slice of a table, and the table": Form(
        [node("Slice", ["t", "s", "e"], ["h"]), node("MatMul", ["x", "h"], ["p"]), node("MatMul", ["x", "v"], ["q"]),
         node("Transpose", ["t"], ["v"], perm=[1, 0]), node("Concat", ["p", "q"], ["y"], axis=1)],
        {"x": [1, 4]}, [weight("t", 4, 4), integers("s", 0, 0), integers("e", 4, 2)], 16, 8 + 16,
    ),
}  # fmt: skip


def _turn(*inner: Any, reads: str = "a", writes: str = "b", first: str = "i", go: str = "go") -> Any:
    """Return the body of a loop that always goes on, with one state."""
    kinds = [
        helper.make_tensor_value_info(first, INT64, []), helper.make_tensor_value_info(go, BOOL, []),
        helper.make_tensor_value_info(reads, FLOAT, None),
    ]  # fmt: skip
    return _graph(f"of {reads}", [node("Identity", [go], [f"{go}_on"]), *inner], kinds, [f"{go}_on", writes])


_PRODUCT = node("MatMul", ["c", "w"], ["d"])
_INNER = node("Loop", ["m", "yes", "a"], ["b"], name="inner",
              body=_turn(_PRODUCT, reads="c", writes="d", first="j", go="go2"))  # fmt: skip

HELD = {
    "a loop in a loop": Form(
        [node("Loop", ["n", "yes", "x"], ["y"], name="outer", body=_turn(_INNER))],
        {"x": [2, 8]}, [_scalar("n", 3), _scalar("m", 4), _scalar("yes", True), weight("w", 8, 8)], 64, 128 * 12,
    ),
    "nodes out of order in a loop's body": Form(
        [node("Loop", ["n", "yes", "x"], ["y"], name="l",
              body=_turn(node("MatMul", ["h", "v"], ["b"]), node("MatMul", ["a", "w"], ["h"])))],
        {"x": [1, 8]}, [_scalar("n", 5), _scalar("yes", True), weight("w", 8, 4), weight("v", 4, 8)], 64, 64 * 5,
        by_hand=True,
    ),
    "a branch that a shape picks": Form(
        [node("Shape", ["x"], ["s"], start=0, end=1), node("Equal", ["s", "k"], ["c"]),
         node("If", ["c"], ["y"], name="f", then_branch=_graph("t", [node("MatMul", ["x", "w"], ["p"])], [], ["p"]),
              else_branch=_graph("e", [node("MatMul", ["x", "v"], ["q"])], [], ["q"]))],
        {"x": [1, 8]}, [integers("k", 1), weight("w", 8, 2), weight("v", 8, 3)], 16, 16,
    ),
    "a spectrum of frames": Form(
        [node("STFT", ["x", "step", "window"], ["y"], onesided=1)],
        {"x": [1, 100, 1]}, [_scalar("step", 8), weight("window", 16)], 16, 16 * 9 * 2 * 11,
    ),
    "a transform of an axis": Form(
        [node("DFT", ["x"], ["y"], axis=1)], {"x": [2, 20, 1]}, [], 0, 2 * 20 * 20 * 2
    ),
    "a scan along another axis": Form(
        [node("Scan", ["h", "x"], ["z", "y"], name="s", num_scan_inputs=1, scan_input_axes=[1], body=_graph(
                  "b", [node("MatMul", ["s", "w"], ["t"]), node("Add", ["t", "e"], ["u"]),
                        node("Identity", ["u"], ["o"])],
                  [helper.make_tensor_value_info(name, FLOAT, None) for name in "se"], ["u", "o"]))],
        {"h": [2, 8], "x": [2, 7, 8]}, [weight("w", 8, 8)], 64, 128 * 7, by_hand=True,
    ),
}  # fmt: skip

FORMS: dict[str, Form] = {
    f"{kind}: {title}": form
    for kind, forms in {
        "a first axis that is no batch": FIRST_AXIS, "a free axis of a shared name": FREE_AXIS,
        "an axis too short": TOO_SHORT, "noted shapes": NOTED, "rounded up": ROUNDED_UP, "stored numbers": STORED,
        "graphs in nodes": HELD,
    }.items()
    for title, form in forms.items()
}  # fmt: skip
