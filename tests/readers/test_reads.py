"""What rows read: by the tensors between the nodes of files, and by the operations of the layers of Keras models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import onnx
import pytest

from costlens.readers.onnx.reader import read
from costlens.readers.tflite.reader import read as read_tflite
from costlens.results.counts import ModelCount
from costlens.results.folding import folded
from tests.cases.onnx_drafts import Draft
from tests.cases.tflite_files import Graph, Op, T, ints, net, save, w, x

HEAD = '<ir_version: 9, opset_import: ["" : 18]>\n'


def reads(model: ModelCount) -> dict[str, tuple[str, ...]]:
    return {row.name: row.reads for row in model.rows}


def parsed(text: str, path: Path) -> ModelCount:
    onnx.save(onnx.parser.parse_model(HEAD + text), path)
    return read(path)


RESIDUAL: list[tuple[str, str, str, dict[str, Any]]] = [
    ("Conv", "x w0", "a", {"pads": [1] * 4}), ("Relu", "a", "b", {}), ("Conv", "b w1", "c", {"pads": [1] * 4}),
    ("Add", "c a", "d", {}), ("Concat", "d d x2", "e", {"axis": 1}),
]  # fmt: skip
WEIGHTS = {"w0": (8, 8, 3, 3), "w1": (8, 8, 3, 3)}


def test_nodes_read_nodes_and_inputs_each_once_and_no_weights(tmp_path: Path) -> None:
    shape = [1, 8, 6, 6]
    found = read(Draft({"x": shape, "x2": shape}, RESIDUAL, WEIGHTS).write(tmp_path / "x.onnx"))
    assert reads(found) == {
        "n0.Conv": ("x",), "n1.Relu": ("n0.Conv",), "n2.Conv": ("n1.Relu",), "n3.Add": ("n2.Conv", "n0.Conv"),
        "n4.Concat": ("n3.Add", "x2"),
    }  # fmt: skip
    assert reads(folded(found, 1)) == reads(found)


def test_a_folded_row_reads_what_it_does_not_make(tmp_path: Path) -> None:
    names = {0: "stem", 1: "b/relu", 2: "b/conv", 3: "b/add", 4: "x"}
    shape = [1, 8, 6, 6]
    found = read(Draft({"x": shape, "x2": shape}, RESIDUAL, WEIGHTS, names=names).write(tmp_path / "x.onnx"))
    assert reads(found)["stem"] == ("x (input)",)
    assert reads(folded(found, 1)) == {"stem": ("x (input)",), "b": ("stem",), "x": ("b", "x2")}


def test_a_constant_is_no_maker(tmp_path: Path) -> None:
    found = parsed(
        """net (float[2,4] x) => (float[4,2] y) <int64[2] s = {4, 2}> {
            t = Identity(s)
            a = Relu(x)
            y = Reshape(a, t)
        }""",
        tmp_path / "x.onnx",
    )
    assert reads(found) == {"Relu_1": ("x",), "Reshape_2": ("Relu_1",)}


def test_what_a_branch_makes_is_read_after_it(tmp_path: Path) -> None:
    found = parsed(
        """net (float[1,4] x, bool[1] c) => (float[1,4] y) {
            a = Relu(x)
            b = If (c) <then_branch = one () => (float[1,4] t) { t = Abs(a) },
                        else_branch = two () => (float[1,4] e) { e = Neg(a) }>
            y = Exp(b)
        }""",
        tmp_path / "x.onnx",
    )
    rows = reads(found)
    (branch,) = (name for name in rows if name.startswith("If_1/"))
    assert rows == {"Relu_0": ("x",), branch: ("Relu_0",), "If_1": ("c",), "Exp_2": (branch,)}


@pytest.mark.parametrize("turns", ["3", "n"])
def test_what_a_loop_makes_is_read_after_it(tmp_path: Path, turns: str) -> None:
    given, stored = (", int64 n", "<bool go = {1}>") if turns == "n" else ("", "<int64 n = {3}, bool go = {1}>")
    found = parsed(
        f"""net (float[1,4] x{given}) => (float[1,4] y, float[k,1,4] z) {stored} {{
            a = Relu(x)
            b, s = Loop (n, go, a) <body = body
                (int64 i, bool on, float[1,4] u) => (bool off, float[1,4] v, float[1,4] p)
                {{ off = Identity(on) v = Abs(u) p = Neg(x) }}>
            y = Exp(b)
            z = Sin(s)
        }}""",
        tmp_path / "x.onnx",
    )
    rows = reads(found)
    assert rows["Loop_1/Abs_1"] == ("Relu_0",)
    assert rows["Loop_1/Neg_2"] == ("x",)
    assert rows["Exp_2"] == ("Loop_1/Abs_1",)
    assert rows["Sin_3"] == ("Loop_1/Neg_2",)


def test_what_a_function_makes_is_read_after_it(tmp_path: Path) -> None:
    found = parsed(
        """net (float[1,4] x) => (float[1,4] y) { a = Relu(x) b = own.twice(a) y = Exp(b) }
        <opset_import: ["" : 18], domain: "own">
        twice (u) => (v) { t = Abs(u) v = Neg(t) }""".replace("<opset", "\n<opset"),
        tmp_path / "x.onnx",
    )
    rows = reads(found)
    assert list(rows.values()) == [("x",), ("Relu_0",), ([*rows][1],), ([*rows][2],)]


def test_operators_of_tensorflow_lite(tmp_path: Path) -> None:
    path = net(
        tmp_path / "x.tflite",
        [x(1, 4), w("k", 4, 4), T("a", (1, 4)), T("b", (1, 4)), T("y", (1, 4))],
        Op("FULLY_CONNECTED", ["x", "k", None], ["a"]), Op("RELU", ["a"], ["b"]), Op("ADD", ["b", "a"], ["y"]),
    )  # fmt: skip
    assert reads(read_tflite(path)) == {"a": ("x",), "b": ("a",), "y": ("b", "a")}


def test_sub_graphs_of_tensorflow_lite(tmp_path: Path) -> None:
    def inner(name: str, op: str) -> Graph:
        return Graph(["u"], [f"v_{name}"], [x(1, 4, name="u"), T(f"v_{name}", (1, 4))], [Op(op, ["u"], [f"v_{name}"])])

    main = Graph(
        ["c", "x"], ["y"], [T("c", (1,), "BOOL"), x(1, 4), T("a", (1, 4)), T("b", (1, 4)), T("y", (1, 4))],
        [Op("RELU", ["x"], ["a"]), Op("IF", ["c", "a"], ["b"], {"thenSubgraphIndex": 1, "elseSubgraphIndex": 2}),
         Op("EXP", ["b"], ["y"])],
    )  # fmt: skip
    rows = reads(read_tflite(save(tmp_path / "x.tflite", main, inner("one", "ABS"), inner("two", "NEG"))))
    assert rows["a"] == ("x",)
    (branch,) = (name for name in rows if name.startswith("b/"))
    assert rows[branch] == ("a",)
    assert rows["y"] == (branch,)


def test_the_state_of_a_loop_of_tensorflow_lite(tmp_path: Path) -> None:
    asked = [T("i", (1,), "INT32"), x(1, 4, name="u"), ints("most", 7), T("go", (1,), "BOOL")]
    condition = Graph(["i", "u"], ["go"], asked, [Op("LESS", ["i", "most"], ["go"])])
    turned = [T("j", (1,), "INT32"), x(1, 4, name="v"), ints("one", 1), T("k", (1,), "INT32"), T("m", (1, 4))]
    body = Graph(["j", "v"], ["k", "m"], turned, [Op("ADD", ["j", "one"], ["k"]), Op("ABS", ["v"], ["m"])])
    main = Graph(["x"], ["y"], [x(1, 4), ints("zero", 0), T("a", (1, 4)), T("n", (1,), "INT32"), T("b", (1, 4)),
                 T("y", (1, 4))], [Op("RELU", ["x"], ["a"]), Op("WHILE", ["zero", "a"], ["n", "b"],
                 {"condSubgraphIndex": 1, "bodySubgraphIndex": 2}), Op("EXP", ["b"], ["y"])])  # fmt: skip
    rows = reads(read_tflite(save(tmp_path / "x.tflite", main, condition, body)))
    (turn,) = (name for name in rows if name.endswith("m"))
    assert (rows[turn], rows["y"]) == (("a",), (turn,))


def layered(build: Any) -> dict[str, Sequence[str]]:
    """Return what the rows of a Keras model read."""
    import keras

    from costlens.readers.keras.reader import read as read_keras

    keras.utils.clear_session()
    return reads(read_keras(build(keras), name="net"))


def test_layers_of_keras() -> None:
    def build(keras: Any) -> Any:
        a, b = keras.Input((6, 6, 3), name="left"), keras.Input((6, 6, 3), name="right")
        first = keras.layers.Conv2D(3, 3, padding="same", name="conv")(a)
        relu = keras.layers.ReLU(name="relu")(first)
        total = keras.layers.Add(name="add")([relu, first])
        twice = keras.layers.Concatenate(name="concat")([2.0 * total, b])
        return keras.Model([a, b], keras.layers.Flatten(name="flatten")(keras.layers.Dropout(0.5, name="drop")(twice)))

    rows = layered(build)
    assert rows["conv"] == ("left",)
    assert rows["relu"] == ("conv",)
    assert rows["add"] == ("relu", "conv")
    assert rows["concat"][-1] == "right"
    assert len(rows["concat"]) == 2
    assert (rows["drop"], rows["flatten"]) == (("concat",), ("drop",))  # a dropout returns what it is given


def test_a_keras_layer_that_is_called_twice_reads_both() -> None:
    def build(keras: Any) -> Any:
        given = keras.Input((4,), name="given")
        dense = keras.layers.Dense(4, name="dense")
        return keras.Model(given, dense(keras.layers.ReLU(name="relu")(dense(given))))

    assert layered(build) == {"dense": ("given", "relu"), "relu": ("dense",)}


def test_a_loop_of_keras() -> None:
    def build(keras: Any) -> Any:
        given = keras.Input((5, 4), name="given")
        rows = keras.layers.GRU(4, return_sequences=True, name="gru")(keras.layers.Dense(4, name="dense")(given))
        return keras.Model(given, keras.layers.Dense(2, name="head")(rows))

    assert layered(build) == {"dense": ("given",), "gru": ("dense",), "head": ("gru",)}
