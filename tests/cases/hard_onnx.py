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

FLOAT, BOOL = TensorProto.FLOAT, TensorProto.BOOL
EMPTY = helper.make_empty_tensor_value_info


def graph(nodes: list[Any], inputs: dict[str, int], *outputs: str) -> Any:
    """Return a graph that a node holds; its inputs by their types."""
    formal = [helper.make_tensor_value_info(name, kind, None) for name, kind in inputs.items()]
    return helper.make_graph(nodes, "g", formal, [EMPTY(name) for name in outputs])


def _choice(then: list[Any], other: list[Any]) -> list[Any]:
    """Return a choice of two graphs that make z; only a run knows which."""
    return [node("ReduceMax", ["x"], ["m"], keepdims=0), node("Cast", ["m"], ["c"], to=BOOL),
            node("If", ["c"], ["y"], name="f", then_branch=graph(then, {}, "z"),
                 else_branch=graph(other, {}, "z"))]  # fmt: skip


def _counting(body: list[Any], outputs: str, states: list[str]) -> list[Any]:
    """Return a loop that counts up from 0 while its counter k is less than the first size of x."""
    step = [node("Add", ["k", "one"], ["k2"]), node("Less", ["k2", "n"], ["on"])]
    inputs = {"i": INT64, "go": BOOL, "k": INT64, "a": FLOAT}
    loop = node("Loop", ["", "more", "zero", *states], ["last", "y"], name="l",
                body=graph([*step, *body], inputs, "on", "k2", outputs))  # fmt: skip
    return [node("Shape", ["x"], ["s"]), node("Gather", ["s", "zero"], ["n"]), node("Less", ["zero", "n"], ["more"]),
            loop]  # fmt: skip


def number(name: str, number: int) -> Any:
    return numpy_helper.from_array(np.array(number, np.int64), name)


SCALES = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
SQUARE = weight("w", 8, 8)

RIGHT |= {
    "sizes that are equal where no rounding is lost": (
        [node("MaxPool", ["x"], ["p"], kernel_shape=[2, 2], strides=[2, 2], pads=[0, 0, 1, 1]),
         node("Resize", ["p", "", "scales"], ["r"]), node("Add", ["x", "r"], ["a"]), node("Conv", ["a", "w"], ["y"])],
        {"x": ["N", 4, "h", "w"]}, [SCALES, weight("w", 4, 4, 1, 1)], 16, "16·h·w",
        "holds for multiples of 2 in h",
    ),
    "a formula in whole parts": (
        [node("MaxPool", ["x"], ["p"], kernel_shape=[1, 1], strides=[2, 2]),
         node("Resize", ["p", "", "scales"], ["r"]), node("Add", ["x", "r"], ["a"]), node("Conv", ["p", "w"], ["y"])],
        {"x": [1, 4, "h", 8]}, [SCALES, weight("w", 4, 4, 1, 1)], 16, "64·(h/2)", "holds for multiples of 2 in h",
    ),
    "sums over a size that must be another": (
        [node("Flatten", ["x"], ["f"]), node("MatMul", ["f", "w"], ["y"])],
        {"x": ["N", 8, "t"]}, [weight("w", 32, 5)], 160, 160, "t = 4: no other size fits",
    ),
    "one batch under two names of an exporter": (
        [node("Add", ["a", "b"], ["s"]), node("MatMul", ["s", "w"], ["y"])],
        {"a": ["unk__1", 8], "b": ["unk__2", 8]}, [weight("w", 8, 5)], 40, 40,
        "batch = unk__1 = unk__2: the first axis of every input",
    ),
    "two first axes that are not one": (
        [node("MatMul", ["a", "b"], ["y"])],
        {"a": ["unk__1", 8], "b": ["unk__2", 8, 5]}, [], 0, "40·unk__1·unk__2", "",
    ),
    "a branch that these sizes do not fit": (
        _choice([node("MatMul", ["x", "w"], ["z"])],
                [node("MatMul", ["x", "v"], ["h"]), node("Add", ["h", "b"], ["z"])]),
        {"x": [1, 8]}, [weight("w", 8, 5), weight("v", 7, 5), weight("b", 5)], 80, 40,
        "f: the then branch is counted; the else branch cannot run with these sizes (f/else/MatMul_0: MatMul sums over",
    ),
    "tensors of a sequence": (
        [node("SplitToSequence", ["x", "parts"], ["s"], axis=1), node("SequenceAt", ["s", "first"], ["a"]),
         node("SequenceAt", ["s", "last"], ["b"]), node("MatMul", ["a", "w"], ["c"]), node("MatMul", ["b", "v"], ["d"]),
         node("SequenceConstruct", ["c", "d"], ["t"]), node("ConcatFromSequence", ["t"], ["e"], axis=1),
         node("MatMul", ["e", "u"], ["y"])],
        {"x": [1, 8]},
        [integers("parts", 3, 5), number("first", 0), number("last", -1), weight("w", 3, 2), weight("v", 5, 4),
         weight("u", 6, 7)],
        6 + 20 + 42, 6 + 20 + 42, "",
    ),
    "a sequence that a loop fills": (
        [node("SequenceEmpty", [], ["e"]),
         node("Loop", ["three", "", "e"], ["s"], body=graph(
             [node("MatMul", ["x", "w"], ["h"]), node("SequenceInsert", ["q", "h"], ["r"]),
              node("Identity", ["go"], ["on"])],
             {"i": INT64, "go": BOOL, "q": FLOAT}, "on", "r")),
         node("ConcatFromSequence", ["s"], ["c"], axis=0), node("MatMul", ["c", "v"], ["y"])],
        {"x": [1, 8]}, [number("three", 3), SQUARE, weight("v", 8, 2)], 80, 3 * 64 + 3 * 16, "",
    ),
    "a loop over a free axis": (
        _counting([node("Gather", ["x", "k"], ["g"]), node("MatMul", ["a", "w"], ["h"]),
                   node("Add", ["h", "g"], ["b"])], "b", ["start"]),
        {"x": ["steps", 1, 8]}, [SQUARE, weight("start", 1, 8), number("zero", 0), number("one", 1)], 72,
        "64·steps", "",
    ),
    "a loop whose state grows": (
        [node("Loop", ["three", "", "x"], ["y"], body=graph(
            [node("MatMul", ["a", "w"], ["h"]), node("Concat", ["a", "h"], ["b"], axis=0),
             node("Identity", ["go"], ["on"])],
            {"i": INT64, "go": BOOL, "a": FLOAT}, "on", "b"))],
        {"x": [1, 8]}, [number("three", 3), SQUARE], 64, 64 * (1 + 2 + 4), "",
    ),
    "a bias of one number": (
        [node("MatMul", ["x", "w"], ["h"]), node("Add", ["h", "b"], ["a"]), node("Mul", ["a", "b2"], ["y"])],
        {"x": [1, 8]}, [weight("w", 8, 1), weight("b", 1), weight("b2", 1)], 9, 8, "",
    ),
    "a table that is reshaped as the input is": (
        [node("Shape", ["x"], ["s"]), node("Reshape", ["t", "s"], ["r"]), node("Add", ["x", "r"], ["y"])],
        {"x": [2, 8]}, [weight("t", 16)], 16, 0, "",
    ),
    "the standard domain by its other name": (
        [node("Flatten", ["x"], ["f"], domain="ai.onnx"), node("MatMul", ["f", "w"], ["y"], domain="ai.onnx")],
        {"x": [1, 2, 4]}, [weight("w", 8, 3)], 24, 24, "",
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
    "a group that is endless": (
        [node("Conv", ["x", "w"], ["y"], name="c", group=float("inf"))], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: an input or an attribute of Conv cannot be read: group must be a whole number",
    ),
    "negative groups": (
        [node("Conv", ["x", "w"], ["y"], name="c", group=-1)], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: Conv of 4 filters in -1 groups",
    ),
    "strides of 0": (
        [node("Conv", ["x", "w"], ["y"], name="c", strides=[0, 1])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)],
        "c: an input or an attribute of Conv cannot be read: strides must be 1 or more each",
    ),
    "blocks of no size": (
        [node("SpaceToDepth", ["x"], ["y"], name="b", blocksize=0)], {"x": [1, 3, 8, 8]}, [],
        "b: an input or an attribute of SpaceToDepth cannot be read",
    ),
    "an equation that is left out": (
        [node("Einsum", ["x", "x"], ["y"], name="e")], {"x": [3, 3]}, [], "e: Einsum has no equation",
    ),
    "an equation of other axes": (
        [node("Einsum", ["x", "x"], ["y"], name="e", equation="ij,jkl->il")], {"x": [3, 3]}, [],
        "e: Einsum ij,jkl->il: operand 2 has 2 axes",
    ),
    "a product of three axes": (
        [node("Gemm", ["x", "w"], ["y"], name="g")], {"x": [1, 3, 8]}, [weight("w", 8, 3)],
        "g: Gemm takes 2 axes, x has 3",
    ),
    "a shape that is left out": (
        [node("ConstantOfShape", [], ["y"], name="s")], {"x": [1]}, [], "s: ConstantOfShape has no input 0",
    ),
    "a loop without a body": (
        [node("Loop", ["", "", "x"], ["y"], name="l")], {"x": [1]}, [], "l: Loop has no body",
    ),
    "a scan of more than there is": (
        [node("Scan", ["x"], ["y"], name="s", num_scan_inputs=2)], {"x": [1]}, [], "s: ",
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
