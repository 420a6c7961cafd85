"""The reader of TensorFlow Lite files: figures by arithmetic, shapes as LiteRT has them, and nothing silently zero."""

from pathlib import Path

import pytest
from ai_edge_litert.interpreter import Interpreter

from costlens.errors import UsageError
from costlens.readers.tflite import read, read_executed
from tests.cases.tflite_cases import COUNTED, FLOPS, SHAPES
from tests.cases.tflite_files import Graph, Op, T, ints, net, save, w, x


@pytest.mark.parametrize("title", COUNTED)
def test_counts(title: str, tmp_path: Path) -> None:
    tensors, ops, params, macs = COUNTED[title]
    counted = read(net(tmp_path / "m.tflite", tensors, *ops))
    assert (counted.status["macs"], counted.uncounted) == ("complete", ())
    assert (counted.totals.deployed_params, counted.totals.macs) == (params, macs)
    assert sum(row.deployed_params or 0 for row in counted.rows) == params
    assert sum(row.macs or 0 for row in counted.rows) == macs
    assert not [note for note in counted.notes if "notes" in note], "the shapes in the case are those that a rule makes"


@pytest.mark.parametrize("title", FLOPS)
def test_flops(title: str, tmp_path: Path) -> None:
    tensors, ops, flops = FLOPS[title]
    assert read(net(tmp_path / "m.tflite", tensors, *ops)).totals.flops == flops


@pytest.mark.parametrize("title", SHAPES)
def test_shapes_that_the_file_does_not_note_are_those_of_a_run(title: str, tmp_path: Path) -> None:
    tensors, ops, shape = SHAPES[title]
    open_ = T("y", (1,) * len(shape), signature=(-1,) * len(shape))
    path = net(tmp_path / "m.tflite", [*tensors, open_], *ops)
    assert read(path).rows[-1].output == shape
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    interpreter.invoke()
    (output,) = interpreter.get_output_details()
    assert tuple(interpreter.get_tensor(output["index"]).shape) == shape


@pytest.mark.parametrize("title", COUNTED)
def test_litert_makes_the_same_shapes(title: str, tmp_path: Path) -> None:
    tensors, ops, *_ = COUNTED[title]
    if title in ("convolution in groups", "convolution by int8", "weights stored in halves"):
        pytest.skip("LiteRT checks scales and fuses what these leave out")
    path = net(tmp_path / "m.tflite", tensors, *ops)
    interpreter = Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    (output,) = interpreter.get_output_details()
    last = read(path).rows[-1]
    assert last.output == tuple(map(int, output["shape"]))


def test_a_row_has_what_a_file_tells(tmp_path: Path) -> None:
    tensors = [
        x(3, 9, 7, 4, dtype="INT8", quantized=True), w("w", 6, 3, 3, 2, dtype="INT8", quantized=True),
        w("b", 6, dtype="INT32", quantized=True), T("conv;fused", (3, 4, 5, 6), "INT8"), T("y", (3, 4, 5, 6), "INT8"),
    ]  # fmt: skip
    conv = Op("CONV_2D", ["x", "w", "b"], ["conv;fused"], {"padding": 1, "strideH": 2, "strideW": 1})
    counted = read(net(tmp_path / "m.tflite", tensors, conv, Op("RELU", ["conv;fused"], ["y"])))
    row, relu = counted.rows
    read_, made = 3 * 9 * 7 * 4, 3 * 4 * 5 * 6
    assert (row.name, row.kind, row.convolution, row.kernel, row.stride, row.groups) == (
        "conv", "CONV_2D", "grouped", (3, 3), (2, 1), 2,
    )  # fmt: skip
    assert (row.input, row.output) == ((3, 9, 7, 4), (3, 4, 5, 6))
    assert (row.macs, row.formula) == (108 * 60, "3·3·2·6 = 108, × 3·4·5")
    assert (row.deployed_params, row.weight_bytes) == (108 + 6, 108 + 4 * 6)
    assert (row.traffic_bytes, row.live_bytes) == (132 + read_ + made, read_ + made)
    assert (relu.live_bytes, counted.totals.peak_activation_bytes) == (made, read_ + made)
    assert (counted.batch, counted.status["params"]) == (3, "unavailable")


def test_what_is_alive_is_the_same_by_executed_shapes(tmp_path: Path) -> None:
    tensors = [x(1, 8), T("a", (1, 8)), T("b", (1, 8)), T("c", (1, 8)), T("y", (1, 8))]
    path = net(
        tmp_path / "m.tflite", tensors, Op("RELU", ["x"], ["a"]), Op("TANH", ["x"], ["b"]), Op("EXP", ["b"], ["c"]),
        Op("ADD", ["a", "c"], ["y"]),
    )  # fmt: skip
    executed, _ = read_executed(path, dict.fromkeys(range(len(tensors)), (1, 8)))
    live = [row.live_bytes for row in executed.rows]
    assert live == [row.live_bytes for row in read(path).rows] == [64, 64, 64, 96]  # a lives until it is added


def test_zeros_that_a_converter_adds_are_said(tmp_path: Path) -> None:
    tensors = [x(1, 4), w("w", 3, 4), T("b", (3,), data=[0, 0, 0]), T("y", (1, 3))]
    counted = read(net(tmp_path / "m.tflite", tensors, Op("FULLY_CONNECTED", ["x", "w", "b"], ["y"])))
    assert counted.totals.deployed_params == 15
    said = "3 of its parameters are biases of zeros, which converters add to operators without a bias"
    assert counted.notes == (said,)


def _free(**axes: tuple[int, ...]) -> list[T]:
    """Return a convolution whose input has no size along some axes."""
    given = tuple(-1 if axis in axes["x"] else size for axis, size in enumerate((1, 8, 8, 3)))
    after = tuple(-1 if axis in axes["x"] else size for axis, size in enumerate((1, 8, 8, 4)))
    stored = [1 if size < 0 else size for size in given]
    return [
        x(*stored, signature=given), w("w", 4, 3, 3, 3),
        T("y", [1 if size < 0 else size for size in after], signature=after),
    ]  # fmt: skip


CONV = Op("CONV_2D", ["x", "w", None], ["y"], {"padding": 0, "strideW": 1, "strideH": 1})


def test_a_free_batch_is_one_and_said(tmp_path: Path) -> None:
    counted = read(net(tmp_path / "m.tflite", _free(x=(0,)), CONV))
    assert (counted.totals.macs, counted.status["macs"], counted.batch) == (108 * 64, "complete", 1)
    assert counted.notes == ("for a batch of 1: the first axis of every input has no size",)


def test_an_axis_without_a_size_is_not_taken_for_one(tmp_path: Path) -> None:
    path = net(tmp_path / "m.tflite", _free(x=(0, 1)), CONV)
    counted = read(path)
    assert (counted.totals.macs, counted.status["macs"]) == (0, "partial")
    assert counted.uncounted == ("y: the shape of x is not known",)
    assert counted.notes == ("axes without a size: x:0, x:1; give them one: ?x:0=SIZE&x:1=SIZE",)
    assert (counted.status["peak_activation_bytes"], counted.status["deployed_params"]) == ("unavailable", "complete")
    given = read(path, {"x:0": 1, "x:1": 100})
    assert (given.totals.macs, given.status["macs"]) == (108 * 800, "complete")
    with pytest.raises(UsageError, match=r"m.tflite: no input has an axis z:0; axes without a size: x:0, x:1"):
        read(path, {"z:0": 1})


def test_a_first_axis_that_is_no_batch_stays_free(tmp_path: Path) -> None:
    """Frames of a signal: the convolution's batch is not the first axis of the input."""
    tensors = [
        x(1, signature=(-1,)), ints("s", 1, 1, -1, 1), T("h", (1, 1, 1, 1), signature=(1, 1, -1, 1)),
        w("w", 4, 1, 5, 1), T("y", (1, 1, 1, 4), signature=(1, 1, -1, 4)),
    ]  # fmt: skip
    ops = (Op("RESHAPE", ["x", "s"], ["h"]), Op("CONV_2D", ["h", "w", None], ["y"], CONV.options))
    counted = read(net(tmp_path / "m.tflite", tensors, *ops))
    assert (counted.status["macs"], counted.batch) == ("partial", 1)
    assert read(tmp_path / "m.tflite", {"x:0": 100}).totals.macs == 20 * 100


def test_examples_that_become_rows_are_counted_by_what_they_become(tmp_path: Path) -> None:
    """The file notes one row where there are sixteen: what it notes of an axis without a size is not believed."""
    tensors = [
        x(1, 16, 6, signature=(-1, 16, 6)), ints("s", -1, 6), T("h", (1, 6), signature=(-1, 6)), w("w", 5, 6),
        T("y", (1, 5), signature=(-1, 5)),
    ]  # fmt: skip
    ops = (Op("RESHAPE", ["x", "s"], ["h"]), Op("FULLY_CONNECTED", ["h", "w", None], ["y"]))
    counted = read(net(tmp_path / "m.tflite", tensors, *ops))
    assert (counted.totals.macs, counted.status["macs"]) == (16 * 30, "complete")


def test_a_shape_that_the_file_has_wrong_is_not_believed(tmp_path: Path) -> None:
    tensors = [x(1, 8, 8, 3), w("w", 4, 3, 3, 3), T("y", (1, 2, 2, 4))]
    counted = read(net(tmp_path / "m.tflite", tensors, CONV))
    assert counted.totals.macs == 108 * 64
    said = "y: the file notes (1, 2, 2, 4) for it, CONV_2D makes (1, 8, 8, 4) of what it reads"
    assert counted.notes == (said,)


@pytest.mark.parametrize(("op", "said"), [
    ("Mystery", "custom operator Mystery has no rule"),
    ("FlexErf", "custom operator FlexErf has no rule"),
    ("STABLEHLO_DOT_GENERAL", "operator STABLEHLO_DOT_GENERAL has no rule"),
    ("DELEGATE", "operator DELEGATE has no rule"),
])  # fmt: skip
def test_an_operator_without_a_rule_is_listed(op: str, said: str, tmp_path: Path) -> None:
    tensors = [x(1, 4), w("v", 7), T("h", (1, 4)), w("w", 3, 4), T("y", (1, 3))]
    ops = (Op(op, ["x", "v"], ["h"]), Op("FULLY_CONNECTED", ["h", "w", None], ["y"]))
    counted = read(net(tmp_path / "m.tflite", tensors, *ops))
    assert (counted.totals.macs, counted.status["macs"], counted.status["flops"]) == (12, "partial", "partial")
    assert (counted.uncounted, counted.rows[0].macs) == ((f"h: {said}",), None)
    assert (counted.totals.deployed_params, counted.status["deployed_params"]) == (19, "complete")


def _dense(name: str, units: int) -> Graph:
    tensors = [x(1, 4), w("w", units, 4), w("v", 4, units), T("h", (1, units)), T("y", (1, 4))]
    ops = [Op("FULLY_CONNECTED", ["x", "w", None], ["h"]), Op("FULLY_CONNECTED", ["h", "v", None], ["y"])]
    return Graph(["x"], ["y"], tensors, ops, name)


def test_the_branch_that_costs_most_is_counted_and_said(tmp_path: Path) -> None:
    main = Graph(
        ["c", "x"], ["y"], [T("c", (), "BOOL"), x(1, 4), T("y", (1, 4))],
        [Op("IF", ["c", "x"], ["y"], {"thenSubgraphIndex": 1, "elseSubgraphIndex": 2})],
    )  # fmt: skip
    counted = read(save(tmp_path / "m.tflite", main, _dense("small", 2), _dense("large", 5)))
    assert (counted.totals.macs, counted.status["macs"]) == (40, "complete")
    assert counted.totals.deployed_params == 16 + 40  # both are stored
    said = "y: the else branch is counted (40 MACs), not the then branch (16 MACs); c decides in a run"
    assert counted.notes == (said,)
    assert [row.name for row in counted.rows] == ["y/else/h", "y/else/y", "y/then"]


def _loop(limit: T | None) -> list[Graph]:
    """Return a loop whose body is a dense layer, and which a counter ends, or what it computes."""
    state = [T("i", (), "INT32"), x(1, 4)]
    main = Graph(
        ["x"], ["y"], [ints("zero", 0, shape=()), x(1, 4), T("n", (), "INT32"), T("y", (1, 4))],
        [Op("WHILE", ["zero", "x"], ["n", "y"], {"condSubgraphIndex": 1, "bodySubgraphIndex": 2})],
    )  # fmt: skip
    counter = [*state, T("go", (), "BOOL"), limit or T("s", (), "INT32")]
    ends = [Op("LESS", ["i", counter[-1].name], ["go"])]
    if limit is None:
        counter += [ints("a", 0, 1), T("f", ())]
        ends = [Op("REDUCE_MAX", ["x", "a"], ["f"]), Op("CAST", ["f"], ["s"]), *ends]
    body = Graph(
        ["i", "x"], ["j", "h"],
        [*state, ints("one", 1, shape=()), T("j", (), "INT32"), w("w", 4, 4), T("h", (1, 4))],
        [Op("ADD", ["i", "one"], ["j"]), Op("FULLY_CONNECTED", ["x", "w", None], ["h"])],
    )  # fmt: skip
    return [main, Graph(["i", "x"], ["go"], counter, ends), body]


def test_a_loop_is_counted_as_often_as_its_counter_tells(tmp_path: Path) -> None:
    counted = read(save(tmp_path / "m.tflite", *_loop(ints("limit", 7, shape=()))))
    assert (counted.totals.macs, counted.status["macs"]) == (7 * 16, "complete")
    assert counted.notes == ("n: WHILE is counted for the 7 turns that its counter takes",)
    assert counted.totals.deployed_params == 16


def test_a_loop_that_a_run_ends_is_counted_for_one_turn_and_said(tmp_path: Path) -> None:
    counted = read(save(tmp_path / "m.tflite", *_loop(None)))
    assert (counted.totals.macs, counted.status["macs"]) == (16, "partial")
    said = "n: WHILE is counted for one turn; the file does not say how many it takes"
    assert counted.uncounted == (said,)


def test_what_runs_once_is_left_out_and_said(tmp_path: Path) -> None:
    main = Graph(
        ["x"], ["y"], [x(1, 4), w("w", 3, 4), T("y", (1, 3))],
        [Op("CALL_ONCE", [], [], {"initSubgraphIndex": 1}), Op("FULLY_CONNECTED", ["x", "w", None], ["y"])],
    )  # fmt: skip
    counted = read(save(tmp_path / "m.tflite", main, _dense("init", 9)))
    assert (counted.totals.macs, counted.status["macs"]) == (12, "complete")
    assert counted.notes == ("CALL_ONCE: what CALL_ONCE runs before the first run is not counted",)


@pytest.mark.parametrize("op", ["CALL", "STABLEHLO_COMPOSITE"])
def test_a_sub_graph_that_is_called_is_counted(op: str, tmp_path: Path) -> None:
    option = "subgraph" if op == "CALL" else "decompositionSubgraphIndex"
    main = Graph(["x"], ["y"], [x(1, 4), T("y", (1, 4))], [Op(op, ["x"], ["y"], {option: 1})])
    counted = read(save(tmp_path / "m.tflite", main, _dense("inner", 5)))
    assert (counted.totals.macs, counted.totals.deployed_params, counted.status["macs"]) == (40, 40, "complete")


def test_sub_graphs_that_call_themselves_end(tmp_path: Path) -> None:
    main = Graph(["x"], ["y"], [x(1, 4), T("y", (1, 4))], [Op("CALL", ["x"], ["y"], {"subgraph": 0})])
    with pytest.raises(UsageError, match="call each other more than 16 deep"):
        read(save(tmp_path / "m.tflite", main))


def test_a_convolution_that_cannot_run_is_an_error_that_names_it(tmp_path: Path) -> None:
    tensors = [x(1, 8, 8, 5), w("w", 4, 3, 3, 3), T("y", (1, 8, 8, 4))]
    with pytest.raises(UsageError, match=r"m.tflite: y \(CONV_2D\): it reads 3 channels, its input has 5"):
        read(net(tmp_path / "m.tflite", tensors, CONV))
