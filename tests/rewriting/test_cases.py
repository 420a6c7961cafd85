"""What of a file is rewritten and what is left as it is, by its names, and what is said where nothing can be."""

import json
from pathlib import Path
from typing import Any

import onnx
import pytest
from onnx import helper

from costlens.errors import UsageError
from costlens.sources._source import Asked, Model
from costlens.sources.find import models
from tests.cases.onnx_cases import integers, node, save, weight
from tests.fakes.command_line import Run

X = {"x": [1, 4, 9, 9]}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    return tmp_path


def variant(kind: str, **asked: Any) -> Model:
    (found,) = models(["net.onnx"], Asked((kind,), **asked))
    return found


def nodes_of(model: Model) -> list[tuple[str, str]]:
    assert model.file is not None
    return [(one.op_type, one.name) for one in onnx.load(model.file).graph.node]


def conv(read: str, made: str, weights: str = "w", **fields: Any) -> Any:
    return node("Conv", [read, weights], [made], made, **fields)


# title: nodes, constants, inputs, the names that are left alone and why
LEFT: dict[str, tuple[list[Any], list[Any], dict[str, Any], dict[str, str]]] = {
    "1×1": ([conv("x", "a", "p"), conv("a", "y")], [weight("p", 4, 4, 1, 1), weight("w", 4, 4, 3, 3)], X,
            {"a": "kernel of area 1"}),
    "in groups": ([conv("x", "a", "g", group=2), conv("a", "y")],
                  [weight("g", 4, 2, 3, 3), weight("w", 4, 4, 3, 3)], X, {"a": "in groups already"}),
    "depthwise, read twice": (
        [conv("x", "a", "g", group=4), conv("a", "b", "p"), node("Add", ["a", "b"], ["c"]), conv("c", "y")],
        [weight("g", 4, 1, 3, 3), weight("p", 4, 4, 1, 1), weight("w", 4, 4, 3, 3)], X,
        {"a": "in groups already", "b": "kernel of area 1"},
    ),
    "weights that a run makes": (
        [conv("x", "a"), node("Conv", ["a", "v"], ["y"], "made")], [weight("w", 4, 4, 3, 3)],
        {**X, "v": [4, 4, 3, 3]}, {"made": "its weights are not constant"},
    ),
    "weights that another node reads": (
        [conv("x", "a"), conv("a", "b", "v"), node("ReduceSum", ["v"], ["s"], keepdims=0),
         node("Mul", ["b", "s"], ["y"])],
        [weight("w", 4, 4, 3, 3), weight("v", 4, 4, 3, 3)], X, {"b": "another node reads its weights"},
    ),
    "quantised": (
        [node("DequantizeLinear", ["v", "s", "z"], ["w8"]), conv("x", "a", "w8"), conv("a", "y")],
        [weight("v", 4, 4, 3, 3, dtype="int8"), weight("s"), weight("z", dtype="int8"), weight("w", 4, 4, 3, 3)], X,
        {"a": "quantised"},
    ),
    "transposed": (
        [node("ConvTranspose", ["x", "v"], ["a"], "a"), conv("a", "y")],
        [weight("v", 4, 4, 3, 3), weight("w", 4, 4, 3, 3)], X, {"a": "transposed"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("title", LEFT)
def test_what_is_left_alone_and_said(title: str) -> None:
    nodes, constants, inputs, left = LEFT[title]
    save(Path("net.onnx"), nodes, inputs, constants)
    found = variant("separable").count
    assert {one.name: one.reason for one in found.left_alone} == left
    assert sum(row.name.endswith(".pointwise") for row in found.rows) == 1


def test_branches_are_left_alone() -> None:
    made = helper.make_empty_tensor_value_info
    bodies = {
        f"{word}_branch": helper.make_graph([conv("a", word, "v")], word, [], [made(word)]) for word in ("then", "else")
    }
    branch = node("If", ["flag"], ["y"], "if", **bodies)
    constants = [weight("w", 4, 4, 3, 3), weight("v", 4, 4, 3, 3)]
    inputs: dict[str, Any] = {**X}
    path = save(Path("net.onnx"), [conv("x", "a"), branch], inputs, constants)
    model = onnx.load(path)
    model.graph.input.append(helper.make_tensor_value_info("flag", onnx.TensorProto.BOOL, []))
    onnx.save(model, path)
    found = variant("separable")
    assert [one.reason for one in found.count.left_alone] == ["within a node or a function"]
    assert [name for op, name in nodes_of(found) if op == "Conv"] == ["a.depthwise", "a.pointwise"]


def test_weights_used_twice_are_stored_once_again() -> None:
    save(Path("net.onnx"), [conv("x", "a", pads=[1] * 4), conv("a", "y", pads=[1] * 4)], X, [weight("w", 4, 4, 3, 3)])
    found = variant("separable")
    assert found.count.totals.deployed_params == 4 * 9 + 16
    assert [name for _, name in nodes_of(found)] == ["a.depthwise", "a.pointwise", "y.depthwise", "y.pointwise"]


def test_a_norm_and_a_gate_stand_behind_each_part() -> None:
    nodes = [
        conv("x", "c"), node("BatchNormalization", ["c", "n", "n", "n", "n"], ["b"], "bn"),
        node("Sigmoid", ["b"], ["s"], "sig"), node("Mul", ["b", "s"], ["y"], "mul"),
    ]  # fmt: skip
    save(Path("net.onnx"), nodes, X, [weight("w", 6, 4, 3, 3), weight("n", 6)])
    assert nodes_of(variant("separable")) == [
        ("Conv", "c.depthwise"), ("BatchNormalization", "c.depthwise.batchnormalization"),
        ("Sigmoid", "c.depthwise.sigmoid"), ("Mul", "c.depthwise.mul"),
        ("Conv", "c.pointwise"), ("BatchNormalization", "bn"), ("Sigmoid", "sig"), ("Mul", "mul"),
    ]  # fmt: skip


def test_a_shuffle_stands_behind_the_activation() -> None:
    nodes = [node("Conv", ["x", "w"], ["c"], "/stem/Conv"), node("Relu", ["c"], ["y"], "/stem/Relu")]
    save(Path("net.onnx"), nodes, X, [weight("w", 8, 4, 3, 3)])
    named = [("Conv", "/stem/Conv/grouped"), ("Relu", "/stem/Relu"), ("Gather", "/stem/Conv/shuffle")]
    assert nodes_of(variant("grouped")) == named


def test_a_file_whose_sizes_are_free_is_rewritten(run: Run) -> None:
    save(Path("net.onnx"), [conv("x", "y", auto_pad="SAME_UPPER", strides=[2, 2])], {"x": ["N", 4, "height", "width"]},
         [weight("w", 8, 4, 3, 3)])  # fmt: skip
    free = variant("separable").count
    assert free.formulas["macs"] == "68·⌈height/2⌉·⌈width/2⌉" or "height" in free.formulas["macs"]
    fixed = variant("separable", settings={"height": "9", "width": "9"}).count
    assert fixed.totals.macs == (36 + 32) * 25


GIVEN: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["a.depthwise", "a.pointwise", "b.depthwise", "b.pointwise", "y.depthwise", "y.pointwise"]),
    ({"only": ("a",)}, ["a.depthwise", "a.pointwise", "b", "y"]),
    ({"without": ("[ay]",)}, ["a", "b.depthwise", "b.pointwise", "y"]),
    ({"only": ("a", "b"), "without": ("b",)}, ["a.depthwise", "a.pointwise", "b", "y"]),
]


@pytest.mark.parametrize(("asked", "rows"), GIVEN, ids=str)
def test_globs_say_which(asked: dict[str, Any], rows: list[str]) -> None:
    three(Path("net.onnx"))
    assert [row.name for row in variant("separable", **asked).count.rows] == rows


def three(path: Path) -> None:
    save(path, [conv("x", "a", "u"), conv("a", "b", "v"), conv("b", "y")], X,
         [weight(name, 4, 4, 2, 2) for name in "uvw"])  # fmt: skip


def test_a_mix_by_the_command_line(run: Run) -> None:
    three(Path("net.onnx"))
    done = run("count", "net.onnx", "--kind", "*=separable", "--kind", "b=factorized", "--format", "json")
    (found,) = json.loads(done.stdout)["models"]
    separable = 4 * 4 + 16
    assert found["totals"]["macs"] == separable * (64 + 36) + 32 * (8 * 7 + 7 * 7), done.stderr
    assert found["variant"] == "mixed"


WRONG: list[tuple[tuple[str, ...], str]] = [
    (("--variant", "seperable"), 'variant seperable: unknown (did you mean "separable"?)'),
    (("--variant", "separable", "--only", "block*"), "variant separable: block*: no convolution, and no block"),
    (("--kind", "nix=grouped"), "variant mixed: nix: no convolution, and no block that holds one, has this name"),
    (("--kind", "a=seperable"), 'variant mixed: a: seperable: unknown kind of convolution (did you mean "separable"?)'),
    (("--only", "a", "--kind", "b=grouped"), "--only and --except say which convolutions --variant is about"),
]


@pytest.mark.parametrize(("options", "said"), WRONG, ids=str)
def test_what_is_said_of_wrong_options(options: tuple[str, ...], said: str, run: Run) -> None:
    three(Path("net.onnx"))
    done = run("count", "net.onnx", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


NONE = {
    "no convolution": ([node("Relu", ["x"], ["y"])], [], "it has no convolutions"),
    "pointwise": ([conv("x", "y")], [weight("w", 4, 4, 1, 1)],
                  "none of its 1 convolutions can be rewritten (1 kernel of area 1); leave out --variant"),
}  # fmt: skip


@pytest.mark.parametrize("title", NONE)
def test_a_file_with_nothing_to_rewrite_is_refused(title: str) -> None:
    nodes, constants, said = NONE[title]
    save(Path("net.onnx"), nodes, X, constants)
    with pytest.raises(UsageError, match=r"net\.onnx: ") as raised:
        variant("separable")
    assert said in str(raised.value)
    assert variant("as-written").count.totals.macs is not None


def test_old_files_keep_their_weights_among_the_inputs() -> None:
    path = save(Path("net.onnx"), [conv("x", "y")], {**X, "w": [8, 4, 3, 3]}, [weight("w", 8, 4, 3, 3)], ir_version=3)
    model = onnx.load(path)
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1, 8, 7, 7]))
    onnx.save(model, path)
    found = variant("separable")
    assert found.file is not None
    graph = onnx.load(found.file).graph
    assert [one.name for one in graph.input] == ["x", *(one.name for one in graph.initializer)]
    onnx.checker.check_model(str(path))
    onnx.checker.check_model(str(found.file))


def test_weights_that_a_file_makes_or_passes_on() -> None:
    made = node("ConstantOfShape", ["shape"], ["w"])
    passed = node("Identity", ["v"], ["u"])
    save(Path("net.onnx"), [made, passed, conv("x", "a"), conv("a", "y", "u")], X,
         [integers("shape", 4, 4, 3, 3), weight("v", 4, 4, 3, 3)])  # fmt: skip
    found = variant("separable")
    assert [op for op, _ in nodes_of(found)] == ["Conv"] * 4
    assert found.count.totals.deployed_params == 2 * (36 + 16)


def test_export_keeps_a_variant_that_a_run_agrees_with(run: Run) -> None:
    three(Path("net.onnx"))
    done = run("export", "net.onnx", "--variant", "separable", "-o", "out.onnx")
    assert (done.returncode, "3 checks agree" in done.stdout) == (0, True), done.stderr
    (kept,) = models(["out.onnx"], Asked())
    assert kept.count.totals.macs == variant("separable").count.totals.macs
    plain = run("export", "net.onnx", "-o", "other.onnx")
    assert (plain.returncode, Path("other.onnx").exists()) == (2, False)


def test_variants_align_by_their_names(run: Run) -> None:
    three(Path("net.onnx"))
    done = run("diff", "net.onnx", "net.onnx:separable", "--format", "json")
    (found,) = json.loads(done.stdout)["specs"]
    assert done.returncode == 0, done.stderr
    changed = [(one["change"], one["name"], one["base_rows"], one["head_rows"]) for one in found["changes"]]
    parts = {name: [f"{name}.depthwise", f"{name}.pointwise"] for name in "aby"}
    assert sorted(changed) == [("changed", name, [name], rows) for name, rows in parts.items()]
