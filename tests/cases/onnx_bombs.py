"""Small ONNX files that would take all time or all memory of one that believes them."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from tests.cases.onnx_cases import integers, node

Bomb = tuple[list[Any], dict[str, Any], list[Any]]


def _chain(op: str, start: str, nodes: int, also: str = "", **attributes: Any) -> list[Any]:
    """Return nodes that each read what the one before wrote, and ``also``, else the same again."""
    names = [start, *(f"t{index}" for index in range(nodes))]
    return [node(op, [name, also or name], [made], **attributes) for name, made in pairwise(names)]


def _numbers(name: str, count: int) -> Any:
    return numpy_helper.from_array(np.arange(count, dtype=np.int64), name)


def _end(nodes: int) -> list[Any]:
    return [node("Reshape", ["x", f"t{nodes - 1}"], ["y"])]


def _squares() -> Bomb:
    """Squares of squares of a stored number."""
    return [*_chain("Mul", "k", 60), *_end(60)], {"x": [8]}, [integers("k", 3)]


def _free_squares() -> Bomb:
    """Squares of squares of a free size."""
    return [node("Shape", ["x"], ["k"]), *_chain("Mul", "k", 60), *_end(60)], {"x": ["T"]}, []


def _quotients() -> Bomb:
    """A free size, times itself plus one, halved again and again."""
    nodes = [node("Shape", ["x"], ["h0"])]
    for index in range(40):
        nodes += [
            node("Add", [f"h{index}", "one"], [f"a{index}"]),
            node("Mul", [f"h{index}", f"a{index}"], [f"m{index}"]),
            node("Div", [f"m{index}", "three"], [f"h{index + 1}"]),
        ]
    return [*nodes, node("Reshape", ["x", "h40"], ["y"])], {"x": ["T"]}, [integers("one", 1), integers("three", 3)]


def _power() -> Bomb:
    return [node("Pow", ["k", "e"], ["t0"]), *_end(1)], {"x": [8]}, [integers("k", 7), integers("e", 1 << 62)]


def _many_values() -> Bomb:
    """Twenty thousand nodes, each of which writes 4,096 new numbers."""
    return _chain("Add", "k", 20_000, "one"), {"x": [8]}, [_numbers("k", 4096), integers("one", 1)]


def _body(depth: int, nodes: list[Any], outputs: list[str], *states: Any) -> Any:
    """Return the body of a loop, whose counter is ``i`` for the outermost one."""
    counter = helper.make_tensor_value_info(f"i{depth or ''}", TensorProto.INT64, [])
    condition = helper.make_tensor_value_info(f"go{depth}", TensorProto.BOOL, [])
    made = [helper.make_empty_tensor_value_info(name) for name in outputs]
    return helper.make_graph(nodes, f"body{depth}", [counter, condition, *states], made)


def _turning() -> Bomb:
    """A loop that turns ten thousand times and writes 4,096 new numbers in each."""
    nodes = [node("Add", ["a", "one"], ["b"]), node("Less", ["i", "most"], ["on"])]
    body = _body(0, nodes, ["on", "b"], helper.make_tensor_value_info("a", TensorProto.INT64, None))
    return [node("Loop", ["", "", "k"], ["y"], body=body)], {"x": [8]}, [
        _numbers("k", 4096), integers("one", 1), numpy_helper.from_array(np.array(9_990), "most")
    ]  # fmt: skip


def _nested_loops() -> Bomb:
    """Loops within loops, each of which turns a thousand times."""
    inner: Any = node("MatMul", ["x", "w"], ["v0"])
    for depth in range(30):
        nodes = [inner, node("Identity", ["yes"], [f"on{depth}"])]
        body = _body(depth, nodes, [f"on{depth}", f"v{depth}"])
        inner = node("Loop", ["n", "yes"], [f"v{depth + 1}" if depth < 29 else "y"], body=body)
    held = [numpy_helper.from_array(np.array(1000), "n"), numpy_helper.from_array(np.array(True), "yes"),
            numpy_helper.from_array(np.ones((8, 8), np.float32), "w")]  # fmt: skip
    return [inner], {"x": [1, 8]}, held


def _axes() -> Bomb:
    """A tensor of four thousand axes, each as long as can be."""
    return [node("Expand", ["x", "s"], ["y"])], {"x": [1]}, [integers("s", *[(1 << 62)] * 4000)]


def _fill() -> Bomb:
    nodes = [node("ConstantOfShape", ["s"], ["k"]), node("Tile", ["k", "s"], ["y"])]
    return nodes, {"x": [1]}, [integers("s", 1 << 50)]


def _range() -> Bomb:
    held = [numpy_helper.from_array(np.array(one), name) for name, one in (("a", 0), ("b", 1 << 62), ("c", 1))]
    return [node("Range", ["a", "b", "c"], ["r"]), node("ReduceSum", ["r"], ["y"])], {"x": [1]}, held


def _concatenated() -> Bomb:
    """Each node joins what was before with itself."""
    return _chain("Concat", "k", 60, axis=0), {"x": [1]}, [_numbers("k", 4)]


def _one_attribute() -> Bomb:
    return [node("MaxPool", ["x"], ["y"], kernel_shape=[1] * 500_000)], {"x": [1, 1, *[4] * 50]}, []


BOMBS: dict[str, Callable[[], Bomb]] = {
    "squares of a number": _squares, "squares of a free size": _free_squares, "quotients of products": _quotients,
    "a power": _power, "many values": _many_values, "a loop of many values": _turning, "loops in loops": _nested_loops,
    "a tensor of many axes": _axes, "a tensor that is filled": _fill, "a range": _range,
    "a tensor that doubles": _concatenated, "an attribute of many numbers": _one_attribute,
}  # fmt: skip
