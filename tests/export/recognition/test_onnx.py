"""ONNX files → specs: the statements that each family becomes, and what is said where there are none."""

from pathlib import Path

import pytest

from costlens.errors import UsageError, VerificationError
from costlens.export.recognition.onnx.families import activations
from costlens.sources._source import Asked
from costlens.spec.loading import loads
from costlens.tasks.new import model_as_spec
from tests.cases.onnx_cases import node
from tests.cases.onnx_specs import IN_PARTS, SAID, UNSAID, WRITTEN_OUT, Written
from tests.fakes.command_line import Run

pytestmark = pytest.mark.tensorflow


def as_spec(written: Written, folder: Path) -> str:
    """Return the text of a file's spec, which is proven."""
    return model_as_spec(str(written.save(folder / "made.onnx")), Asked()).text


@pytest.mark.parametrize("title", SAID)
def test_a_file_is_said_by_these_statements(title: str, tmp_path: Path) -> None:
    written, expected = SAID[title]
    text = as_spec(written, tmp_path)
    said = text[text.index("layers:") :].splitlines()[1:]
    assert tuple(line.removeprefix("  - ") for line in said if line.startswith("  - ")) == expected
    assert loads(text).name == "made"


def statements(text: str) -> list[str]:
    """Return the kinds of a spec's statements."""
    return [line.removeprefix("  - ").partition(":")[0] for line in text.splitlines() if line.startswith("  - ")]


@pytest.mark.parametrize("title", WRITTEN_OUT)
def test_a_layer_in_several_nodes_is_one_statement(title: str, tmp_path: Path) -> None:
    written, kind = WRITTEN_OUT[title]
    assert statements(as_spec(written, tmp_path)) == [kind]


@pytest.mark.parametrize("title", IN_PARTS)
def test_nodes_that_only_look_like_a_layer_stay_apart(title: str, tmp_path: Path) -> None:
    written, kinds = IN_PARTS[title]
    assert statements(as_spec(written, tmp_path)) == [*kinds]


@pytest.mark.parametrize("title", UNSAID)
def test_nodes_without_a_kind_are_named(title: str, tmp_path: Path) -> None:
    written, parts = UNSAID[title]
    with pytest.raises(UsageError) as caught:
        as_spec(written, tmp_path)
    message = str(caught.value)
    assert "nothing was written" in message
    for part in parts:
        assert part in message


def test_a_wrong_kind_is_found_by_the_outputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(activations.OPERATORS, "Tanh", activations.OPERATORS["Softsign"])
    from costlens.export.recognition.onnx import families

    families._families.cache_clear()
    try:
        with pytest.raises(VerificationError, match="output y, model to spec, with the file's weights: off by"):
            as_spec(Written([node("Tanh", ["x"], ["y"])], {"x": [1, 40]}), tmp_path)
    finally:
        families._families.cache_clear()


def test_a_file_without_weights_of_its_own_is_proven_with_random_ones(tmp_path: Path) -> None:
    import numpy as np

    ones = Written(
        [node("Conv", ["x", "w"], ["y"], "c")], {"x": [1, 3, 5, 5]}, {}, {"w": np.ones((4, 3, 3, 3), np.float32)}
    )
    assert "108 parameters and 972 MACs, as the file has; outputs agree to" in as_spec(ones, tmp_path)


def test_a_bias_that_several_layers_share_is_one_of_each(tmp_path: Path) -> None:
    nodes = [node("Identity", ["b"], ["again"], "copy"), node("Conv", ["x", "v", "b"], ["c"], "one"),
             node("Conv", ["c", "w", "again"], ["y"], "other")]  # fmt: skip
    text = as_spec(Written(nodes, {"x": [1, 4, 5, 5]}, {"v": [4, 4, 1, 1], "w": [4, 4, 3, 3], "b": [4]}), tmp_path)
    assert "168 parameters and 1,696 MACs, as the file has (it stores 4 of the parameters once for several" in text


def test_new_writes_the_spec_of_a_file(tmp_path: Path, run: Run) -> None:
    path = SAID["a gate"][0].save(tmp_path / "net.onnx")
    target = tmp_path / "own.yaml"
    done = run("new", "--from", str(path), "-o", str(target))
    assert (done.returncode, done.stderr) == (0, "")
    assert "12 parameters and 576 MACs, as the file has; outputs agree to" in done.stdout
    assert loads(target.read_text(encoding="utf-8")).name == "net"


def test_a_free_size_is_asked_for(tmp_path: Path, run: Run) -> None:
    free = Written([node("Conv", ["x", "w"], ["y"], "c")], {"x": [1, 3, 5, "width"]}, {"w": [4, 3, 1, 1]})  # type: ignore[list-item]
    path = free.save(tmp_path / "net.onnx")
    done = run("new", "--from", str(path))
    assert done.returncode == UsageError.exit_code
    assert "width has no size, and a spec needs one: name ?width=224" in done.stderr
    assert run("new", "--from", f"{path}?width=6").returncode == 0
