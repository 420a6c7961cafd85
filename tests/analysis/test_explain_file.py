"""A convolution of a model file is explained in every kind; its own form is what the file holds."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from costlens.analysis.explain import convolution_of
from costlens.readers.onnx import read
from costlens.results.counts import CountRow, Layout
from tests.cases.onnx_cases import node, save, weight
from tests.fakes.command_line import Run

# title: weights, attributes, input; the kind of the file's own form, its MACs
CONVOLUTIONS: dict[str, tuple[tuple[int, ...], dict[str, Any], list[int], int]] = {
    "zeros on both sides": ((8, 3, 3, 3), {"pads": [1] * 4}, [1, 3, 16, 16], 216 * 256),
    "no zeros": ((8, 3, 5, 5), {}, [1, 3, 16, 16], 600 * 144),
    "wide zeros and a stride": ((8, 3, 7, 7), {"pads": [3] * 4, "strides": [2, 2]}, [1, 3, 32, 32], 1176 * 256),
    "zeros at the end": ((8, 3, 3, 3), {"pads": [0, 0, 1, 1], "strides": [2, 2]}, [1, 3, 16, 16], 216 * 64),
    "one axis": ((8, 3, 3), {"pads": [1, 1]}, [1, 3, 50], 72 * 50),
    "grouped": ((8, 2, 3, 3), {"group": 4, "pads": [1] * 4}, [1, 8, 6, 6], 144 * 36),
    "depthwise": ((8, 1, 3, 3), {"group": 8, "pads": [1] * 4}, [1, 8, 6, 6], 72 * 36),
    "a batch of three": ((8, 3, 3, 3), {"pads": [1] * 4}, [3, 3, 16, 16], 216 * 256),
}


@pytest.mark.parametrize("title", CONVOLUTIONS)
def test_the_layer_has_the_sizes_and_the_macs_of_the_row(title: str, tmp_path: Path) -> None:
    sizes, attributes, image, macs = CONVOLUTIONS[title]
    nodes = [node("Conv", ["x", "w"], ["y"], **attributes)]
    (row,) = read(save(tmp_path / "m.onnx", nodes, {"x": image}, [weight("w", *sizes)])).rows
    explained = convolution_of(row, "NCS")
    assert explained is not None
    assert (explained.input, explained.kernel, explained.bias) == ((*image[2:], image[1]), sizes[2:], False)
    assert (explained.output[-1], explained.groups) == (sizes[0], attributes.get("group", 1))
    assert macs * image[0] == row.macs


def test_what_is_no_convolution_has_no_kinds() -> None:
    assert convolution_of(CountRow("a", "MatMul", input=(1, 8), output=(1, 5), macs=40), "NCS") is None
    dilated = CountRow(
        "a", "Conv", "standard", input=(1, 3, 9, 9), output=(1, 8, 1, 9), kernel=(3, 3), stride=(1, 1), groups=1,
        deployed_params=216, macs=216 * 9,
    )  # fmt: skip
    assert convolution_of(dilated, "NCS") is None


# title: the row as its reader writes it, the layout of its shapes, the batch; what it reads, its zeros and its bias
ROWS: dict[str, tuple[CountRow, Layout, int, tuple[tuple[int, ...], str, bool]]] = {
    "of a TensorFlow Lite file": (
        CountRow("a", "CONV_2D", "standard", input=(2, 32, 32, 3), output=(2, 16, 16, 8), kernel=(3, 3), stride=(2, 2),
                 groups=1, deployed_params=224, macs=2 * 216 * 256), "NSC", 1, ((32, 32, 3), "same", True)),
    "of a Keras model": (
        CountRow("a", "Conv2D", "standard", input=(32, 32, 3), output=(30, 30, 8), kernel=(3, 3), stride=(1, 1),
                 groups=1, params=216, macs=4 * 216 * 900), "SC", 4, ((32, 32, 3), "valid", False)),
    "two convolutions in one layer": (
        CountRow("a", "SeparableConv2D", "separable", input=(8, 8, 4), output=(8, 8, 6), kernel=(3, 3), stride=(1, 1),
                 groups=1, params=36 + 24 + 6, macs=(36 + 24) * 64), "SC", 1, ((8, 8, 4), "same", False)),
}  # fmt: skip


@pytest.mark.parametrize("title", ROWS)
def test_every_reader_s_rows_are_explained(title: str) -> None:
    row, layout, batch, found = ROWS[title]
    explained = convolution_of(row, layout, batch)
    assert explained is not None
    assert (explained.input, explained.padding, explained.bias) == found
    assert convolution_of(replace(row, macs=(row.macs or 0) + 1), layout, batch) is None


@pytest.fixture
def net(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    nodes = [node("Conv", ["x", "w"], ["a"], name="stem", pads=[1] * 4), node("Relu", ["a"], ["y"], name="act")]
    save(tmp_path / "net.onnx", nodes, {"x": ["N", 3, "H", 16]}, [weight("w", 8, 3, 3, 3)])
    return "net.onnx?H=16"


def test_the_command_shows_a_row_and_its_kinds(net: str, run: Run) -> None:
    done = run("explain", net, "--layer", "stem", "--picture", "stem.svg")
    assert "3·3·3·8 = 216, × 16·16 = 55,296 MACs" in done.stdout
    for kind in ("standard", "separable", "factorized", "bottleneck"):
        assert kind in done.stdout
    assert Path("stem.svg").read_text(encoding="utf-8").startswith("<svg")
    assert max(map(len, done.stdout.splitlines())) <= 80
    counted, explained = json.loads(run("explain", net, "--layer", "stem", "--format", "json").stdout)
    assert [row["name"] for row in counted["models"][0]["rows"]] == ["stem"]
    assert (explained["input"], explained["output"], explained["kernel"]) == ([16, 16, 3], [16, 16, 8], [3, 3])


def test_the_command_names_what_can_be_asked_for(net: str, run: Run) -> None:
    assert "--layer stem" in run("explain", net).stdout
    assert "'net.onnx?H=16'" in run("explain", net).stdout
    plain = run("explain", net, "--layer", "act")
    assert "kind Relu" in plain.stdout
    assert "separable" not in plain.stdout
    wrong = run("explain", net, "--layer", "stm")
    assert (wrong.returncode, 'net has no row of this name (did you mean "stem"?)' in wrong.stderr) == (2, True)
    drawn = run("explain", net, "--layer", "act", "--picture", "a.svg")
    assert (drawn.returncode, "act has one form only" in drawn.stderr) == (2, True)
