"""Commands on TensorFlow Lite files: mixed with others, found by content, given sizes, and broken among others."""

import json
from pathlib import Path

import pytest

from tests.cases.onnx_cases import node, save, weight
from tests.cases.small import ONE
from tests.cases.tflite_files import Op, T, net, w, x
from tests.fakes.command_line import Run

CONV = Op("CONV_2D", ["x", "w", "b"], ["y"], {"padding": 1, "strideW": 1, "strideH": 1})
ONES = 108 * 36
"""MACs of a 3×3 convolution 3 → 4 on 8×8 without padding."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    net(tmp_path / "float.tflite", [x(1, 8, 8, 3), w("w", 4, 3, 3, 3), w("b", 4), T("y", (1, 6, 6, 4))], CONV)
    integers = {"dtype": "INT8", "quantized": True}
    made, bias = T("y", (1, 6, 6, 4), **integers), w("b", 4, dtype="INT32", quantized=True)
    net(tmp_path / "int8.tflite", [x(1, 8, 8, 3, **integers), w("w", 4, 3, 3, 3, **integers), bias, made], CONV)
    return tmp_path


def test_weights_are_shown_as_they_are_stored(run: Run) -> None:
    floats, integers = (run("count", f"{name}.tflite").stdout for name in ("float", "int8"))
    said = [" ".join(each.split()) for each in (floats, integers)]
    assert "weights 448 B, peak activations 1.3 KiB, traffic 1.8 KiB, 4.4 FLOP/byte (fp32)" in said[0]
    assert "weights 124 B, peak activations 336 B, traffic 460 B, 17.2 FLOP/byte (as stored)" in said[1]


def test_it_is_compared_with_a_spec_and_an_onnx_file(run: Run, here: Path) -> None:
    (here / "one.yaml").write_text(ONE.replace("kernel: 3", "kernel: 3, padding: valid"), encoding="utf-8")
    save(here / "net.onnx", [node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    done = run("compare", "one.yaml", "net.onnx", "float.tflite", "int8.tflite", "--format", "json")
    found = json.loads(done.stdout)["models"]
    assert [(one["origin"], one["figures"]["macs"], one["figures"]["weight_bytes"]) for one in found] == [
        ("spec", ONES, 432), ("onnx", ONES, 432), ("tflite", ONES, 448), ("tflite", ONES, 124),
    ]  # fmt: skip


def test_two_files_are_told_apart_layer_by_layer(run: Run) -> None:
    found = json.loads(run("diff", "float.tflite", "int8.tflite", "--format", "json").stdout)
    (one,) = found["specs"]
    assert {total["figure"]: total["delta"] for total in one["totals"]}["weight_bytes"] == 124 - 448


def test_a_file_is_known_by_its_content(run: Run, here: Path) -> None:
    (here / "float.tflite").rename(here / "weights.bin")
    assert f"MACs {ONES:,}" in run("count", "weights.bin").stdout


def test_a_broken_file_does_not_stop_the_others(run: Run, here: Path) -> None:
    (here / "cut.tflite").write_bytes((here / "float.tflite").read_bytes()[:300])
    done = run("check", ".", "--budget", "macs=1M")
    assert done.returncode == 2
    assert "cut.tflite: cannot be read as a TensorFlow Lite file: it refers to byte" in done.stderr
    assert done.stdout.count("ok") == 2


def test_an_axis_is_given_its_size_in_the_word(run: Run, here: Path) -> None:
    given, made = x(1, 1, 8, 3, signature=(1, -1, 8, 3)), T("y", (1, 1, 6, 4), signature=(1, -1, 6, 4))
    net(here / "open.tflite", [given, w("w", 4, 3, 3, 3), w("b", 4), made], CONV)
    unknown = run("count", "open.tflite").stdout
    assert "MACs ≥ 0" in unknown
    assert "axes without a size: x:1; give them one: ?x:1=SIZE" in unknown
    for given in ("x:1=8", "x=1x8x8x3"):
        assert f"MACs {ONES:,}" in run("count", f"open.tflite?{given}").stdout
        assert f"MACs {ONES:,}" in run("count", "open.tflite", "--input", given).stdout
    Path("pyproject.toml").write_text('[tool.costlens.sizes]\n"*.tflite" = {x = "1x8x8x3", other = 3}\n')
    assert f"MACs {ONES:,}" in run("count", "open.tflite").stdout
    Path("pyproject.toml").unlink()
    for wrong, said in (
        ("x:1=2", r"open.tflite: y (CONV_2D): a window of 3 does not fit 2 values"),
        (
            "x:1=-3",
            "open.tflite: x:1=-3: expected the size of an axis (x:1=100) or the shape of an input "
            "(x=1x3x224x224), in whole numbers of 1 or more",
        ),
        ("x=1x8x3", "open.tflite: input x has 4 axes, received 3 sizes: [1, 8, 3]"),
        ("z=3", "open.tflite: no input has an axis z; axes without a size: x:1"),
    ):
        refused = run("count", f"open.tflite?{wrong}")
        assert (refused.returncode, refused.stderr.strip()) == (2, said)


def test_a_file_for_another_runtime_is_refused_with_the_option(run: Run, here: Path) -> None:
    save(here / "net.onnx", [node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    done = run("bench", "net.onnx", "float.tflite", "--quick")
    assert (done.returncode, done.stderr.strip()) == (
        2, "float.tflite: litert runs it, and onnxruntime does not; add --runtime litert",
    )  # fmt: skip


@pytest.mark.measures
def test_files_are_timed_by_litert_unless_asked_otherwise(run: Run) -> None:
    done = run("bench", "float.tflite", "--quick", "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["runtime"]["name"]) == (0, "litert")
    assert [one["label"] for one in found["models"]] == ["float"]
    lines = json.loads(run("sweep", "float.tflite", "--quick", "--precision", "fp32,int8", "--format", "json").stdout)
    assert [(one["condition"]["runtime"], one["problem"]) for one in lines["lines"]] == [
        ("litert", ""), ("litert", "it is run as it is, and not made in other precisions"),
    ]  # fmt: skip
