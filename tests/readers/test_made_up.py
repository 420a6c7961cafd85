"""Inputs that are made up fit their graph: it runs on them, and what they are is said."""

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from costlens.readers.onnx.made_up import made_up
from costlens.runtimes import said
from costlens.runtimes._inputs import filled
from costlens.runtimes._onnxruntime_executed import execute
from tests.cases.onnx_cases import save, written

ROWS = "<int64[1] nil={0}, int64 zero={0}, int64 one={1}, int64[1] ones={1}>"

# title, graph, shapes, what is said of its integers
FITTING = [
    ("an index lies in its table",
     "g (int64[1, 6] t) => (float y) <float[30, 2] w={1}> { y = Gather(w, t) }",
     {"t": (1, 6)}, "t int64 0..29 (its table)"),
    ("an index is shifted on its way",
     "g (int64[1, 6] t) => (float y) <float[30, 2] w={1}, int64 two={2}> "
     "{ a = Add(t, two) b = Cast<to=6>(a) y = Gather(w, b) }",
     {"t": (1, 6)}, "t int64 -2..27 (its table)"),
    ("an index is scaled, and of two tables",
     "g (int64[6] t) => (float y, float z) <float[30, 2] w={1}, float[9, 2] v={1}, int64 two={2}> "
     "{ a = Mul(t, two) y = Gather(w, a) b = Div(t, two) z = Gather(v, b) }",
     {"t": (6,)}, "t int64 0..14 (its table)"),
    ("an index is taken from the end",
     "g (int32[6] t) => (float y) <float[2, 9] w={1}, int32 last={8}> "
     "{ a = Sub(last, t) b = Identity(a) y = Gather<axis=1>(w, b) }",
     {"t": (6,)}, "t int32 0..8 (its table)"),
    ("two coordinates",
     "g (int64[5, 2] t) => (float y) <float[30, 4, 2] w={1}> { y = GatherND(w, t) }",
     {"t": (5, 2)}, "t int64 0..3 (its table)"),
    ("a class of so many",
     "g (float[1, 8] x, int64[5] t) => (float y) <int64 n={7}, float[2] v={0, 1}> { y = OneHot(t, n, v) }",
     {"x": (1, 8), "t": (5,)}, "t int64 0..6 (its table)"),
    ("an end is as long as its axis",
     f"g (float[1, 20, 8] x, int64 l) => (float y) {ROWS} {{ u = Unsqueeze(l, nil) y = Slice(x, nil, u, ones) }}",
     {"x": (1, 20, 8), "l": ()}, "l = 20 (as Slice asks)"),
    ("what is cut from a longer table is as long as what it is added to",
     "g (float[1, 20, 8] x, int64 l) => (float y) "
     "<int64[1] nil={0}, int64[1] ones={1}, float[1, 512, 8] p={1}> "
     "{ u = Unsqueeze(l, nil) q = Slice(p, nil, u, ones) y = Add(x, q) }",
     {"x": (1, 20, 8), "l": ()}, "l = 20 (its axis)"),
    ("a range is as long as what it is multiplied with",
     f"g (float[1, 20, 8] x, int64 l) => (float y) {ROWS} "
     "{ r = Range(zero, l, one) u = Unsqueeze(r, ones) f = Cast<to=1>(u) y = Mul(x, f) }",
     {"x": (1, 20, 8), "l": ()}, "l = 20 (its axis)"),
    ("half a length",
     f"g (float[1, 20, 8] x, int64 l) => (float y) {ROWS} "
     "{ d = Add(l, l) r = Range(zero, d, one) u = Unsqueeze(r, ones) f = Cast<to=1>(u) y = Mul(x, f) }",
     {"x": (1, 20, 8), "l": ()}, "l = 10 (its axis)"),
    ("the largest of several lengths, known by its name",
     f"g (float[2, 20, 8] x, int64[2] x_lengths) => (float y) {ROWS} "
     "{ l = ReduceMax<keepdims=0>(x_lengths) r = Range(zero, l, one) u = Unsqueeze(r, ones) f = Cast<to=1>(u) "
     "y = Mul(x, f) }",
     {"x": (2, 20, 8), "x_lengths": (2,)}, "x_lengths = 20 (its axis, by its name)"),
    ("as many of the largest as there are",
     "g (float[1, 9] x, int64[1] k) => (float y, int64 z) { y, z = TopK(x, k) }",
     {"x": (1, 9), "k": (1,)}, "k = 9 (as TopK asks)"),
    ("sizes",
     "g (float[1, 2, 4, 4] x, int64[4] s) => (float y) { y = Resize<mode=\"nearest\">(x, , , s) }",
     {"x": (1, 2, 4, 4), "s": (4,)}, "s = [1, 2, 4, 4] (as Resize asks)"),
    ("a shape of other axes",
     "g (float[2, 3, 4] x, int64[2] s) => (float y) { y = Reshape(x, s) }",
     {"x": (2, 3, 4), "s": (2,)}, "s = [6, 4] (as Reshape asks)"),
    ("the steps of a recurrent layer",
     "g (float[7, 2, 3] x, int32[2] s) => (float y) <float[1, 16, 3] w={1}, float[1, 16, 4] r={1}> "
     "{ y = LSTM<hidden_size=4>(x, w, r, , s) }",
     {"x": (7, 2, 3), "s": (2,)}, "s = 7 (as LSTM asks)"),
    ("turns of a loop that nothing says more of",
     "g (float[2] x, int64 n) => (float y) <int64[1] one={1}> { y = Loop(n, , x) "
     "<body = b (int64 i, bool c, float[2] s) => (bool d, float[2] o) { d = Identity(c) o = Add(s, s) }> }",
     {"x": (2,), "n": ()}, "n = 1 (nothing says how long it is)"),
    ("a sampling rate is that of the branch that costs most",
     "g (float[1, 8] x, int64 sr) => (float y) <int64 hz={16000}, float[8, 8] w={1}> { c = Equal(sr, hz) y = If(c) "
     "<then_branch = t () => (float q) { q = MatMul(x, w) }, else_branch = e () => (float r) { r = Neg(x) }> }",
     {"x": (1, 8), "sr": ()}, "sr = 16,000 (the branch that costs most)"),
    ("a condition takes the branch that costs most",
     "g (float[1, 8] x, bool c) => (float y) <float[8, 8] w={1}> { y = If(c) "
     "<then_branch = t () => (float q) { q = Neg(x) }, else_branch = e () => (float r) { r = MatMul(x, w) }> }",
     {"x": (1, 8), "c": ()}, "c = False (the branch that costs most)"),
    ("a mask lets all pass",
     "g (int64[1, 6] attention_mask) => (float y) { y = Cast<to=1>(attention_mask) }",
     {"attention_mask": (1, 6)}, "attention_mask = 1 (by its name)"),
    ("texts",
     "g (string[2] s) => (string[2] y) { y = Identity(s) }", {"s": (2,)}, "s string at random"),
    ("integers that are divided by",
     "g (int64[4] a, int64[4] b) => (int64 y) { y = Div(a, b) }", {"a": (4,), "b": (4,)},
     "a int64 at random, b = 1 (as Div asks)"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text", "shapes", "told"), FITTING, ids=[each[0] for each in FITTING])
def test_a_graph_runs_on_inputs_that_fit_it(
    title: str, text: str, shapes: dict[str, tuple[int, ...]], told: str, tmp_path: Path
) -> None:
    path = written(text, tmp_path / "m.onnx")
    inputs = made_up(path, shapes)
    assert said(inputs).removeprefix("made up: ").replace("x float32 at random, ", "") == told
    assert execute(path, inputs, tmp_path).nodes


@pytest.mark.parametrize("seed", range(3))
def test_numbers_reach_both_ends_of_their_table_and_not_beyond(seed: int, tmp_path: Path) -> None:
    path = written("g (int64[1, 900] t) => (float y) <float[30, 2] w={1}> { y = Gather(w, t) }", tmp_path / "m.onnx")
    given = made_up(path, {"t": (1, 900)})["t"]
    array = filled("t", "int64", given, (seed, 0), path)
    assert (array.shape, array.min(), array.max()) == ((1, 900), 0, 29)


def test_an_index_into_no_known_table_is_left_to_chance(tmp_path: Path) -> None:
    nodes = [helper.make_node("Gather", ["x", "t"], ["y"])]
    path = save(tmp_path / "m.onnx", nodes, {"x": [9, 2], "t": [3]})
    model = onnx.load(path)
    model.graph.input[1].type.tensor_type.elem_type = TensorProto.INT64
    onnx.save(model, path)
    assert said(made_up(path, {"x": (9, 2), "t": (3,)})).endswith("t int64 0..8 (its table)")
    assert said(made_up(path, {"t": (3,)})) == "made up: t int64 at random"
