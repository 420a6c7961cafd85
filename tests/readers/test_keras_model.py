"""Keras models by the operations of their graph: every layer family by arithmetic, and what is said where not."""

from pathlib import Path
from typing import Any

import pytest

from costlens import frameworks
from costlens.errors import UsageError
from costlens.readers.keras import imported, load, read
from costlens.results.counts import ModelCount
from tests.cases.keras_layers import FAMILIES, Family, built


@pytest.fixture(scope="module")
def keras() -> Any:
    return frameworks.keras()


def one(keras: Any, shape: tuple[int | None, ...], *layers: Any) -> Any:
    return keras.Sequential([keras.Input(shape, name="x"), *layers], name="net")


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_layer_family_costs_what_arithmetic_says(keras: Any, family: Family) -> None:
    model = built(keras, family)
    count = read(model)
    assert (count.totals.params, count.totals.macs, count.uncounted) == (family.params, family.macs, ())
    assert (model.count_params(), count.status["macs"]) == (family.params, "complete")
    assert sum(row.params for row in count.rows) == family.params
    assert sum(row.macs for row in count.rows) == family.macs
    assert family.rows is None or {row.name: row.macs for row in count.rows} == family.rows


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_batch_multiplies_what_an_example_costs_and_no_parameter(keras: Any, family: Family) -> None:
    count = read(built(keras, family), batch=3)
    assert (count.batch, count.totals.params, count.totals.macs) == (3, family.params, 3 * family.macs)


def test_the_formula_multiplies_to_the_macs(keras: Any) -> None:
    layers = keras.layers
    model = one(keras, (9, 9, 4), layers.SeparableConv2D(5, 3, padding="same"), layers.Flatten(), layers.Dense(7))
    separable, flatten, dense = read(model).rows
    assert separable.formula == "3·3·4 + 4·5 = 56, × 9·9"
    assert (separable.kind, separable.convolution, separable.kernel) == ("SeparableConv2D", "separable", (3, 3))
    assert (separable.inputs, separable.output) == (((9, 9, 4),), (9, 9, 5))
    assert (flatten.macs, flatten.output) == (0, (405,))
    assert dense.formula == "405·7 = 2,835"


def test_flops_are_two_for_a_mac_and_those_of_biases_norms_activations_and_pools(keras: Any) -> None:
    layers = keras.layers
    model = one(
        keras, (8, 8, 3), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.ReLU(), layers.LayerNormalization(),
        layers.MaxPooling2D(2), layers.Dense(5, activation="sigmoid"),
    )  # fmt: skip
    assert [row.flops for row in read(model).rows] == [
        2 * 27 * 4 * 36 + 4 * 36, 2 * 4 * 36, 4 * 36, 2 * 4 * 36, 3 * 4 * 9, 2 * 4 * 5 * 9 + 5 * 9 + 4 * 5 * 9
    ]  # fmt: skip


def test_values_that_are_resampled_take_flops_where_they_are_mixed(keras: Any) -> None:
    up = keras.layers.UpSampling2D
    model = one(
        keras, (3, 4, 2), up(2, interpolation="bilinear"), up((1, 2), interpolation="bilinear"), up(2),
        up((2, 1), interpolation="bicubic"),
    )  # fmt: skip
    assert [row.flops for row in read(model).rows] == [7 * 96, 3 * 192, 0, 7 * 1536]


def test_kernels_are_the_weights_that_are_multiplied_with(keras: Any) -> None:
    layers = keras.layers
    model = one(keras, (8,), layers.Embedding(20, 4), layers.BatchNormalization(), layers.LSTM(3), layers.Dense(2))
    assert read(model).totals.kernels == 4 * (4 * 3 + 3 * 3) + 3 * 2


def test_frozen_layers_are_not_trainable(keras: Any) -> None:
    model = one(keras, (4,), keras.layers.Dense(3, trainable=False), keras.layers.Dense(2))
    totals = read(model).totals
    assert (totals.trainable, totals.non_trainable) == (3 * 2 + 2, 4 * 3 + 3)


def test_a_layer_that_is_never_called_is_a_row_of_its_weights(keras: Any) -> None:
    class Idle(keras.Model):  # type: ignore[misc,name-defined]
        def __init__(self) -> None:
            super().__init__(name="idle")
            self.used, self.idle = keras.layers.Dense(3, name="used"), keras.layers.Dense(2, name="spare")
            self.idle.build((None, 5))

        def call(self, given: Any) -> Any:
            return self.used(given)

    model = Idle()
    model(keras.ops.zeros((1, 4)))
    assert {row.name: (row.params, row.macs) for row in read(model).rows} == {"used": (15, 12), "spare": (12, 0)}


def test_rows_fold_by_depth(keras: Any) -> None:
    rows = read(built(keras, FAMILIES["nested"]), depth=1).rows
    assert [(row.name, row.kind, row.macs) for row in rows] == [
        ("inner", "2 layers", (27 * 4 + 4 * 2) * 36), ("last", "Conv2D", 10 * 36)
    ]  # fmt: skip


def test_what_has_no_rule_is_named_and_makes_the_count_partial(keras: Any) -> None:
    given = keras.Input((4, 4), name="x")
    model = keras.Model(given, keras.layers.Dense(3, name="after")(keras.ops.qr(given)[0]), name="net")
    count = read(model)
    assert count.uncounted == ("qr: operation Qr has no rule",)
    assert (count.status["macs"], count.status["flops"], count.status["params"]) == ("partial", "partial", "complete")
    assert count.totals.macs == 4 * 3 * 4


def test_a_loop_that_data_end_is_counted_for_one_turn(keras: Any) -> None:
    given = keras.Input((4, 4), name="x")
    ops = keras.ops
    large = ops.while_loop(lambda state: ops.sum(state) < 100.0, lambda state: (ops.matmul(state, state),), (given,))
    count = read(keras.Model(given, large[0], name="net"))
    assert count.totals.macs == 4 * 4 * 4
    (said,) = count.uncounted
    assert said.endswith("a loop runs as often as its data say: it is counted for one turn")


def _branching(keras: Any, then: Any, other: Any) -> ModelCount:
    class Branch(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, given: Any) -> Any:
            return keras.ops.cond(keras.ops.sum(given) > 0, lambda: then(given), lambda: other(given))

    return read(one(keras, (4, 4), Branch()))


def test_a_branch_that_data_choose_counts_where_both_cost_the_same(keras: Any) -> None:
    square = lambda x: keras.ops.matmul(x, x)  # noqa: E731
    assert _branching(keras, square, lambda x: square(x) + 1).uncounted == ()
    count = _branching(keras, square, lambda x: square(square(x)))
    assert (count.totals.macs, count.status["macs"]) == (64, "partial")
    assert "which branch runs depends on the data" in count.uncounted[0]


def test_a_free_axis_is_said_and_takes_a_size(keras: Any) -> None:
    model = one(keras, (None, 4), keras.layers.Conv1D(5, 3, name="conv"))
    count = read(model)
    assert count.status["macs"] == "partial"
    assert count.uncounted == (
        "conv: Conv2D: its shape is not known",
        "x:1 has no size; give it one: ?x:1=100, or the whole shape: ?x=1x224x224x3",
    )
    assert read(model, {"x:1": (10,)}).complete("macs") == 3 * 4 * 5 * 8
    assert read(model, {"x": (10, 4)}).complete("macs") == 3 * 4 * 5 * 8
    assert read(model, {"x": (2, 10, 4)}, batch=2).complete("macs") == 2 * 3 * 4 * 5 * 8


@pytest.mark.parametrize(("sizes", "said"), [
    ({"y:1": (10,)}, "net: y:1=10: no input y; its inputs: x"),
    ({"x:2": (10,)}, "net: x:2=10: axis 2 of x is 4; leave it out"),
    ({"x:3": (10,)}, "net: x:3=10: expected an axis from 1 to 2 and one size"),
    ({"x": (10,)}, "net: x=10: x has 2 axes besides the batch: [None, 4]"),
    ({"x": (2, 10, 4)}, "net: x=2x10x4: axis 0 of x is 1; give it by --batch 2"),
], ids=str)  # fmt: skip
def test_a_size_that_cannot_be_is_refused(keras: Any, sizes: dict[str, tuple[int, ...]], said: str) -> None:
    model = one(keras, (None, 4), keras.layers.Conv1D(5, 3))
    with pytest.raises(UsageError) as refused:
        read(model, sizes)
    assert str(refused.value).splitlines()[0] == said


def test_a_model_that_was_never_built_takes_a_shape(keras: Any) -> None:
    model = keras.Sequential([keras.layers.Dense(3), keras.layers.Dense(2)], name="net")
    with pytest.raises(UsageError, match="the shape of its input is not known"):
        read(model)
    assert read(model, {"x": (4,)}).totals.macs == 4 * 3 + 3 * 2


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_a_file_counts_as_the_model_in_it(keras: Any, suffix: str, tmp_path: Path) -> None:
    model = one(keras, (9, 8, 4), keras.layers.SeparableConv2D(5, 3), keras.layers.LayerNormalization())
    model.save(tmp_path / f"net{suffix}")
    assert read(load(tmp_path / f"net{suffix}", "net")) == read(model)


def _lambda(keras: Any) -> Any:
    return keras.layers.Lambda(lambda x: x * 2)


def _own(keras: Any) -> Any:
    class Mine(keras.layers.Layer):  # type: ignore[misc,name-defined]
        def call(self, given: Any) -> Any:
            return given

    return Mine()


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
@pytest.mark.parametrize(("layer", "said"), [
    (_lambda, "holds a Lambda layer or other Python code, which is not run from a file; name the code that makes the "
              "model: python:package.module:function"),
    (_own, "uses Mine, which is not Keras's and not in the file; name the code that makes the model: "
           "python:package.module:function"),
])  # fmt: skip
def test_code_of_a_file_is_not_run(keras: Any, layer: Any, said: str, suffix: str, tmp_path: Path) -> None:
    one(keras, (4,), layer(keras)).save(tmp_path / f"net{suffix}")
    with pytest.raises(UsageError) as refused:
        load(tmp_path / f"net{suffix}", "net")
    assert str(refused.value) == f"net: {said}"


@pytest.mark.parametrize(("content", "said"), [(b"junk", "Keras cannot load it"), (None, "no such file")])
def test_a_file_that_is_none_is_refused(content: bytes | None, said: str, tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=f"net.keras: {said}"):
        load(path, "net.keras")


CODE = """
import keras

def make():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)], name="net")

LIVE = make()

def wrong():
    return 3

def raising():
    raise RuntimeError("no weights here")
"""


def test_code_makes_a_model(keras: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_models.py").write_text(CODE)
    monkeypatch.chdir(tmp_path)
    assert read(imported("some_models:make")).totals.macs == 4 * 3
    assert read(imported("some_models:LIVE")).totals.macs == 4 * 3
    for name, said in {
        "some_models:mak": r"python:some_models:mak: some_models has no mak \(did you mean \"make\"\?\)",
        "some_models:wrong": "returns int; a Keras model or layer was expected",
        "some_models:raising": "cannot be made: RuntimeError: no weights here",
        "no_such_module:make": "cannot be made: ModuleNotFoundError",
        "some_models": "expected python:package.module:function",
    }.items():
        with pytest.raises(UsageError, match=said):
            imported(name)
