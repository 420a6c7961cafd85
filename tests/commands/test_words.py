"""One grammar of words for every command: what each makes of each kind of word, as a table."""

import shutil
from pathlib import Path

import pytest

from costlens import frameworks
from costlens.results.report import Report
from costlens.sources._source import Asked
from costlens.sources.find import models
from tests.cases.onnx_cases import node, save, weight
from tests.cases.small import ONE, TWO, write_report
from tests.cases.tflite_files import Op, T, net, w, x
from tests.fakes.command_line import Run
from tests.fakes.fake_exports import Exports
from tests.fakes.fake_tools import Workshop
from tests.fakes.git_repository import commit, git

WORDS = {
    "spec": "one.yaml",
    "folder": "specs",
    "glob": "specs/*.yaml",
    "blocks": "specs/relu.blocks.yaml",
    "knobs": "one.yaml?width=8",
    "variant": "one.yaml:separable",
    "shipped": "separable_example",
    "revision": "HEAD:one.yaml",
    "report": "report/report.json",
    "its folder": "report",
    "model file": "net.onnx",
    "keras": "net.keras",
    "code": "python:net_made:make",
    "TFLite file": "lite.tflite",
}
COMMANDS = {
    "count": ("count",),
    "report": ("report", "-o", "out"),
    "verify": ("verify",),
    "check": ("check",),
    "bench": ("bench",),
    "profile": ("profile",),
    "sweep": ("sweep",),
    "compare": ("compare", "--bench"),
    "diff": ("diff", "one.yaml"),
    "explain": ("explain",),
    "export": ("export", "-o", "out.onnx"),
    "plot": ("plot", "-o", "out.svg"),
}
"""How each command is run on a word, which stands at the end."""

# ✓ works; a letter: refused, for the reason below
TABLE = """
             count report verify check bench profile sweep compare diff explain export plot
spec         ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
folder       ✓     ✓      ✓      ✓     ✓     ✓       N     ✓       N    N       N      ✓
glob         ✓     ✓      ✓      ✓     ✓     ✓       N     ✓       N    N       N      ✓
blocks       ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
knobs        ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
variant      ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
shipped      ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
revision     ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
report       ✓     F      F      ✓     F     F       F     T       ✓    G       G      ✓
its_folder   ✓     F      F      ✓     F     F       F     T       ✓    G       G      ✓
model_file   ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       M      ✓
keras        ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
code         ✓     ✓      ✓      ✓     ✓     ✓       ✓     ✓       ✓    ✓       ✓      ✓
TFLite_file  ✓     ✓      ✓      ✓     ✓     P       ✓     ✓       ✓    ✓       Q      ✓
"""
REASONS = {
    "F": "report/report.json: a report holds no file to run; name its spec: {task}",
    "G": "report/report.json: a report holds no graph to build; name its spec: {task}",
    "Q": "lite.tflite: a TensorFlow Lite file has no graph that Keras can build: {task}",
    "M": "net.onnx: an ONNX file has no graph that Keras can build: {task}",
    "T": "--bench: there is nothing to time: a report holds no file to run; name its spec",
    "N": "{task}",
    "P": "lite.tflite: litert, which alone runs it, does not report the time of its kernels; profile the spec or the "
    "ONNX file that it was made from",
}
UNAVAILABLE = {"P": 5}
"""The exit code of a reason that is not about words."""
WHY = {
    "report": "report proves and times networks",
    "verify": "verify compares a network with its export, or a model file with a run of it",
    "bench": "bench runs model files",
    "profile": "profile runs model files",
    "sweep": "sweep runs model files",
    "explain": "explain shows the layers of specs and of models",
    "export": "export writes what Keras builds, or a variant of a model file",
}
SEVERAL = {
    "diff": "{word}: holds 2 networks; name one, or compare all with --base REVISION {word}",
    **dict.fromkeys(
        ("sweep", "explain", "export"),
        "{command} takes one network, received 2: specs/three.yaml, specs/two.yaml…; name one of them",
    ),
}


MADE = """
import keras

def make():
    return keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, use_bias=False)])
"""


def save_keras(path: Path) -> None:
    """Save what MADE makes."""
    keras = frameworks.keras()
    keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, use_bias=False)]).save(path)


def cells() -> list[tuple[str, str, str]]:
    header, *lines = (line.split() for line in TABLE.strip().splitlines())
    assert header == list(COMMANDS)
    assert [name.replace("_", " ") for name, *_ in lines] == list(WORDS)
    marked = [(name.replace("_", " "), zip(header, marks, strict=True)) for name, *marks in lines]
    return [(command, word, mark) for word, row in marked for command, mark in row]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a repository that holds one of each: specs, blocks that one of them includes, a report, a model file."""
    place = tmp_path_factory.mktemp("made") / "repository"
    place.mkdir()
    git(place, "init", "--template=", "--quiet")
    two = TWO.replace("layers: [", "include: relu.blocks.yaml\nlayers: [{part: {}}, ")
    specs = {"one.yaml": ONE, "specs/two.yaml": two, "specs/three.yaml": ONE.replace("name: one", "name: three")}
    commit(place, {**specs, "specs/relu.blocks.yaml": "blocks: {part: {layers: [relu]}}\n"})
    write_report(place / "report", place / "one.yaml", first="as-written")
    (place / "net_made.py").write_text(MADE, encoding="utf-8")
    save_keras(place / "net.keras")
    save(place / "net.onnx", [node("Conv", ["x", "w"], ["y"])], {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    conv = Op("CONV_2D", ["x", "w", "b"], ["y"], {"padding": 1, "strideW": 1, "strideH": 1})
    net(place / "lite.tflite", [x(1, 8, 8, 3), w("w", 4, 3, 3, 3), w("b", 4), T("y", (1, 6, 6, 4))], conv)
    return place


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop, exports: Exports) -> Path:
    """Work in a copy of it, where exports and measurements are imitated."""
    place = Path(shutil.copytree(made, tmp_path / "repository"))
    monkeypatch.chdir(place)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    work.folder = place
    for name in ("one", "two", "three", "separable_example"):
        shutil.copy("net.onnx", f"{name}.onnx")

    return place


@pytest.mark.parametrize(("command", "word", "mark"), cells())
def test_what_a_command_makes_of_a_word(command: str, word: str, mark: str, here: Path, run: Run) -> None:
    name, *options = COMMANDS[command]
    done = run(name, *options, WORDS[word])
    if mark == "✓":
        assert (done.returncode, done.stderr) == (0, ""), done
        return
    task = SEVERAL[command] if mark == "N" else WHY.get(command, "")
    said = REASONS[mark].format(task=task.format(word=WORDS[word], command=command), word=WORDS[word])
    assert (done.returncode, done.stdout, done.stderr.strip()) == (UNAVAILABLE.get(mark, 2), "", said)


def test_every_word_names_what_it_says(here: Path) -> None:
    found = {word: [(one.count.name, one.macs) for one in models([text], Asked())] for word, text in WORDS.items()}
    two, three, one = ("two", 6_912), ("three", 6_912), ("one", 6_912)
    assert found == {
        "spec": [one],
        "folder": [three, two],
        "glob": [three, two],
        "blocks": [two],
        "knobs": [("one", 13_824)],
        "variant": [("one", 64 * 3 * (9 + 4))],
        "shipped": [("separable_example", 53_952)],
        "revision": [one],
        "report": [one],
        "its folder": [one],
        "model file": [("net", 3 * 4 * 9 * 6 * 6)],
        "keras": [("net", 3 * 4 * 9 * 6 * 6)],
        "code": [("make", 3 * 4 * 9 * 6 * 6)],
        "TFLite file": [("lite", 3 * 4 * 9 * 6 * 6)],
    }


def test_a_report_of_a_revision_is_of_that_revision(here: Path, run: Run) -> None:
    (here / "one.yaml").write_text(TWO, encoding="utf-8")
    assert run("report", "HEAD:one.yaml", "-o", "out", "--no-bench").returncode == 0
    assert Report.from_json((here / "out" / "one" / "report.json").read_text()).name == "one"
