"""Sizes of a model file's inputs: given with its name or for all files, used for the count and for the time alike."""

from pathlib import Path

import onnx
import pytest

import costlens as cl
from costlens.bench.protocol import Protocol
from costlens.errors import UsageError
from costlens.runtimes import Input
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.spec import project
from costlens.tasks._timing import inputs_of, prepare
from costlens.tasks._tools import Tools
from tests.cases.onnx_cases import node, save, weight


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of a product over a free time, and of one over free rows."""
    monkeypatch.chdir(tmp_path)
    product = [node("MatMul", ["x", "w"], ["y"])]
    save(tmp_path / "asr.onnx", product, {"x": ["N", "time", 8]}, [weight("w", 8, 5)])
    save(tmp_path / "rows.onnx", product, {"x": ["rows", "cols", 8]}, [weight("w", 8, 5)])
    return tmp_path


# words, what is set, MACs by model
GIVEN: list[tuple[tuple[str, ...], dict[str, str], list[int | None]]] = [
    (("asr.onnx",), {}, [None]),
    (("asr.onnx",), {"time": "100"}, [4_000]),
    (("asr.onnx?time=100",), {}, [4_000]),
    (("asr.onnx?x:1=100",), {}, [4_000]),
    (("asr.onnx?x=2x100x8",), {}, [8_000]),
    (("asr.onnx?x=2,100,8",), {}, [8_000]),
    (("asr.onnx?N=3&time=10",), {}, [1_200]),
    (("asr.onnx?time=7",), {"time": "100"}, [280]),
    (("asr.onnx", "rows.onnx"), {"time": "100", "rows": "2", "cols": "3"}, [4_000, 240]),
    (("asr.onnx", "rows.onnx?rows=1&cols=1"), {"time": "100"}, [4_000, 40]),
]


@pytest.mark.parametrize(("words", "settings", "macs"), GIVEN, ids=str)
def test_sizes_decide_the_count(
    words: tuple[str, ...], settings: dict[str, str], macs: list[int | None], here: Path
) -> None:
    assert [one.count.totals.macs for one in models(words, Asked(settings=settings))] == macs


# word, what is set, what is said
WRONG = [
    ("asr.onnx", {"tiem": "3"}, r"--set tiem=3: no model here has an axis or an input tiem \(did you mean \"time\""),
    ("asr.onnx", {"x:2": "9"}, r"--set x:2=9: no model here has an axis or an input x:2"),
    ("asr.onnx?x:2=9", {}, r"axis x:2 is 8 in the file, received 9; only a free axis has a size to give"),
    ("asr.onnx?tiem=9", {}, r"asr\.onnx: the model has no axis tiem \(did you mean \"time\""),
    ("asr.onnx", {"time": "0"}, r"asr\.onnx: time=0: expected the size of an axis \(time=100\) or the shape of an"),
    ("asr.onnx", {"time": "-1"}, "in whole numbers of 1 or more"),
    ("asr.onnx", {"x": "1x2"}, r"asr\.onnx: input x has 3 axes, received 2 sizes: \[1, 2\]"),
]


@pytest.mark.parametrize(("word", "settings", "said"), WRONG, ids=str)
def test_sizes_that_cannot_be(word: str, settings: dict[str, str], said: str, here: Path) -> None:
    with pytest.raises(UsageError, match=said):
        models([word], Asked(settings=settings))


def test_the_batch_is_an_axis_that_is_known_to_be_one(here: Path) -> None:
    (model,) = models(["asr.onnx?time=100"], Asked(batch=4))
    assert (model.count.batch, model.count.totals.macs, model.macs) == (4, 16_000, 4_000)
    (other,) = models(["rows.onnx?rows=2&cols=3"], Asked(batch=4))
    assert (other.count.batch, other.count.totals.macs) == (1, 240)


def test_a_model_is_timed_with_the_shapes_that_it_was_counted_for(here: Path) -> None:
    (model,) = models(["asr.onnx?time=100"], Asked(batch=2))
    assert inputs_of(model) == {"x": Input((2, 100, 8), "float32")}


def test_what_has_no_sizes_to_be_timed_with_is_said_and_the_others_go_on(here: Path) -> None:
    found = models(["asr.onnx?time=100", "asr.onnx", "rows.onnx?rows=2&cols=3"], Asked(batch=2))
    ready = prepare(found, Tools(), Protocol(batch=2))
    assert [one.label for one in ready.models] == [found[0].label]
    free, fixed = (one.reason for one in ready.failed)
    assert free == "the size of its axis time is not known; give it: asr.onnx?time=64"
    assert fixed.startswith("the model's inputs have a fixed batch of 1, but --batch is 2; use --batch 1, or export")


def test_a_model_of_this_process_is_counted_with_sizes(here: Path) -> None:
    proto = onnx.load(here / "asr.onnx")
    model = cl.from_onnx(proto, name="my/asr", time=100)
    assert (model.count(batch=2).totals.macs, model.count().name) == (8_000, "my_asr")
    assert cl.load(here / "asr.onnx", time=7).count().totals.macs == 280
    with pytest.raises(cl.CostlensError, match=r"the model has no axis|no model here has an axis or an input tiem"):
        cl.from_onnx(proto, tiem=3)
    with pytest.raises(cl.CostlensError, match=r"from_onnx: expected an onnx.ModelProto, received str"):
        cl.from_onnx("asr.onnx")


# sizes in pyproject.toml, word, what is set, MACs
SETTINGS = [
    ('"*.onnx" = {time = 10, rows = 3}', "asr.onnx", {}, 400),
    ('"asr.onnx" = {x = "2x10x8"}', "asr.onnx", {}, 800),
    ('"*.onnx" = {time = 10}\n"asr*.onnx" = {time = 20}', "asr.onnx", {}, 800),
    ('"*.onnx" = {time = 10}', "asr.onnx?time=5", {}, 200),
    ('"*.onnx" = {time = 10}', "asr.onnx", {"time": "3"}, 120),
    ('"rows.onnx" = {rows = 10, cols = 2}', "asr.onnx", {}, None),
    ('"*.onnx" = {time = 1.5}', "asr.onnx", {}, None),
]


@pytest.mark.parametrize(("sizes", "word", "settings", "macs"), SETTINGS, ids=str)
def test_a_project_gives_its_files_sizes(
    sizes: str, word: str, settings: dict[str, str], macs: int | None, here: Path
) -> None:
    Path("pyproject.toml").write_text(f"[tool.costlens.sizes]\n{sizes}\n", encoding="utf-8")
    (model,) = models([word], Asked(settings=settings))
    assert model.count.totals.macs == macs


def test_wrong_sizes_of_a_project_are_told_with_their_line(here: Path) -> None:
    path = Path("pyproject.toml")
    wrong = '"asr.onnx" = {time = 1.5}\n"none*.onnx" = {a = 1}\nx = 3\n'
    path.write_text(f"[tool.costlens.sizes]\n{wrong}", encoding="utf-8")
    found = [(problem.line, problem.message) for problem in project.read(path.resolve()).problems]
    assert [line for line, _ in found] == [2, 3, 4, 4]
    assert found[0][1] == 'expected 100 or "1x3x224x224", received 1.5'
    assert "matches no spec (*.yaml) and no model file" in found[1][1]
    assert "expected sizes of axes, such as {time = 100}, received 3" in found[2][1]
