"""Small files for what files of packages were once counted wrong: right by arithmetic, as in :mod:`.hard_onnx`."""

from typing import Any

import numpy as np
from onnx import numpy_helper

from tests.cases.hard_onnx import BOOL, FLOAT, INT64, SQUARE, graph, number
from tests.cases.onnx_cases import Sizes, integers, node, weight


def _both(reads: str) -> dict[str, Any]:
    """Return the branches of an If that multiply a tensor with v, or pass it on."""
    return {"then_branch": graph([node("MatMul", [reads, "v"], ["t"])], {}, "t"),
            "else_branch": graph([node("Identity", [reads], ["t"])], {}, "t")}  # fmt: skip


def _times_w() -> Any:
    """Return the body of a map that multiplies a tensor with a matrix."""
    return graph([node("MatMul", ["part", "matrix"], ["z"])], {"part": FLOAT, "matrix": FLOAT}, "z")


# title: (nodes, inputs, constants, parameters, MACs or the formula, words of a note)
FOUND: dict[str, tuple[list[Any], dict[str, Sizes], list[Any], int, int | str, str]] = {
    "an input that is the output": ([], {"y": [1, 8]}, [], 0, 0, ""),
    "the last steps, as many as there are": (
        [node("Shape", ["x"], ["s"], start=1, end=2), node("Neg", ["s"], ["n"]),
         node("Slice", ["x", "n", "far", "one"], ["h"]), node("MatMul", ["h", "w"], ["p"]),
         node("Add", ["x", "p"], ["y"])],
        {"x": [1, "L", 8]}, [integers("far", 2**62), integers("one", 1), SQUARE], 64, "64·L", "",
    ),
    "the steps that are left of a fixed number": (
        [node("Shape", ["x"], ["s"], start=1, end=2), node("Sub", ["s", "k"], ["b"]),
         node("Slice", ["x", "b", "far", "one"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": [1, "L", 8]}, [integers("k", 5), integers("far", 2**62), integers("one", 1), SQUARE], 64, 64 * 5,
        "holds for L ≥ 5",
    ),
    "a reshape that divides only some sizes": (
        [node("Reshape", ["x", "to"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": ["rows", "columns"]}, [integers("to", -1, 6), weight("w", 6, 2)], 12, "12·⌊columns·rows/6⌋",
        "holds where columns·rows is a multiple of 6",
    ),
    "a reshape that divides multiples of one axis": (
        [node("Reshape", ["x", "to"], ["h"]), node("MatMul", ["h", "w"], ["y"])],
        {"x": ["steps", 4]}, [integers("to", -1, 6), weight("w", 6, 2)], 12, "24·(steps/3)",
        "holds for multiples of 3 in steps",
    ),
    "nodes that read each other, called N": (
        [node("MatMul", ["x", "w"], ["h"]), node("Transpose", ["x"], ["t"]), node("MatMul", ["h", "t"], ["y"])],
        {"x": ["N", 8]}, [SQUARE], 64, "8·N² + 64·N", "",
    ),
    "a recurrent layer's input of free size": (
        [node("GRU", ["x", "w", "r"], ["y"], hidden_size=4)],
        {"x": ["T", 1, "features"]}, [weight("w", 1, 12, 3), weight("r", 1, 12, 4)], 84, "84·T",
        "features = 3: no other size fits",
    ),
    "a size that one of two branches needs": (
        [node("If", ["c"], ["y"], name="f",
              then_branch=graph([node("MatMul", ["x", "w"], ["t"])], {}, "t"),
              else_branch=graph([node("Relu", ["x"], ["e"])], {}, "e"))],
        {"c": [], "x": [2, "wide"]}, [SQUARE], 64, 2 * 64, "holds where wide = 8",
    ),
    "a size that follows from another that is forced": (
        [node("MatMul", ["x", "w"], ["h"]), node("Reshape", ["x", "to"], ["r"]), node("MatMul", ["r", "v"], ["y"])],
        {"x": ["steps", "wide"]}, [SQUARE, integers("to", 1, 24), weight("v", 24, 2)], 64 + 48, 3 * 64 + 48,
        "steps = 3: no other size fits",
    ),
    "a state of as many sequences as are read": (
        [node("LSTM", ["x", "w", "r", "", "", "h", "c"], ["y"], hidden_size=4)],
        {"x": [5, "x1", 3], "h": [1, "h1", 4], "c": [1, "h1", 4]}, [weight("w", 1, 16, 3), weight("r", 1, 16, 4)], 112,
        "560·x1", "holds where h1 = x1",
    ),
    "a branch before what it reads": (
        [node("Constant", [], ["c"], value=numpy_helper.from_array(np.array(True))),
         node("If", ["c"], ["y"], name="f", then_branch=graph([node("If", ["c"], ["z"], **_both("h"))], {}, "z"),
              else_branch=graph([node("Relu", ["x"], ["e"])], {}, "e")),
         node("MatMul", ["x", "w"], ["h"])],
        {"x": [1, 8]}, [weight("w", 8, 5), weight("v", 5, 3)], 55, 40 + 15, "",
    ),
    "a loop before what it reads": (
        [node("Loop", ["two", "", "x"], ["y"], body=graph(
            [node("MatMul", ["a", "h"], ["b"]), node("Identity", ["go"], ["on"])],
            {"i": INT64, "go": BOOL, "a": FLOAT}, "on", "b")),
         node("Mul", ["w", "x"], ["h"])],
        {"x": [1, 8]}, [number("two", 2), SQUARE], 64, 2 * 64, "",
    ),
    "a map over a sequence of equal parts": (
        [node("SplitToSequence", ["x", "two"], ["s"], axis=1),
         node("SequenceMap", ["s", "w"], ["t"], name="m", body=_times_w()),
         node("ConcatFromSequence", ["t"], ["c"], axis=1), node("MatMul", ["c", "v"], ["y"])],
        {"x": [1, 6]}, [number("two", 2), weight("w", 2, 4), weight("v", 12, 1)], 20, 3 * 8 + 12, "",
    ),
    "a map over parts of two sizes": (
        [node("SplitToSequence", ["x", "parts"], ["s"], axis=0),
         node("SequenceMap", ["s", "w"], ["t"], name="m", body=_times_w()),
         node("ConcatFromSequence", ["t"], ["y"], axis=0)],
        {"x": [5, 2]}, [integers("parts", 2, 3), weight("w", 2, 4)], 8, 5 * 8, "",
    ),
}  # fmt: skip
