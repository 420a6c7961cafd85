"""A convolution of a model file is explained in every kind; its own form is what the file holds."""

import json
from pathlib import Path
from typing import Any

import pytest

from costlens.analysis.explain import convolution_of
from costlens.readers.onnx import read
from costlens.results.counts import CountRow
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
    explained = convolution_of(row, channels_first=True)
    assert explained is not None
    assert (explained.input, explained.kernel, explained.bias) == ((*image[2:], image[1]), sizes[2:], False)
    assert (explained.output[-1], explained.groups) == (sizes[0], attributes.get("group", 1))
    assert macs * image[0] == row.macs


def test_what_is_no_convolution_has_no_kinds() -> None:
    assert convolution_of(CountRow("a", "MatMul", input=(1, 8), output=(1, 5), macs=40), channels_first=True) is None
    dilated = CountRow(
        "a", "Conv", "standard", input=(1, 3, 9, 9), output=(1, 8, 1, 9), kernel=(3, 3), stride=(1, 1), groups=1,
        deployed_params=216, macs=216 * 9,
    )  # fmt: skip
    assert convolution_of(dilated, channels_first=True) is None


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
