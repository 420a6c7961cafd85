"""What counting does not import, asked of a fresh process."""

import subprocess
import sys
from pathlib import Path

import pytest

import costlens
from costlens.prediction import Conditions, Table, Times
from costlens.prediction.kernels import kernels
from costlens.prediction.table import store
from costlens.sources._source import Asked
from costlens.sources.find import models
from costlens.tasks._kernels import here
from tests.cases.tflite_files import Op, T, net, w, x
from tests.places import ROOT

SPEC = "specs/mobilenet_v1.yaml"
DENSE = Op("FULLY_CONNECTED", ["x", "w", None], ["y"])
CONV = ["explain", "conv", "--input", "8x8x3", "--kernel", "5x5", "--filters", "256"]
LIBRARIES = ("rich", "pydantic", "ruamel", "simpleeval")
FRAMEWORKS = (
    "tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "pandas", "numpy", "jinja2", "graphlay", "matplotlib",
    "costlens.formats.html",
)  # fmt: skip

COUNT = """
from costlens.network.count import count, counted_variants
from costlens.spec.loading import load
from costlens.network.variants import kind_names
graph = load({spec!r}).graph
assert count(graph).totals.macs == 568740352
assert len(counted_variants(graph, ("as-written", *kind_names()))) == len(kind_names())
"""
API = """
import costlens
assert costlens.load({spec!r}).variant("standard").count(batch=2).totals.macs == 2 * 4867293184
"""
COMMAND = """
from costlens.__main__ import main
sys.argv = ["costlens", *{arguments!r}]
try:
    main()
except SystemExit as end:
    assert end.code in (0, None), end.code
"""
LOADED = """
print('loaded:', *sorted(name if name.startswith('costlens') else name.partition('.')[0] for name in sys.modules))
"""
MEASUREMENTS = ("costlens.results.report", "costlens.bench")


def run(code: str) -> tuple[str, set[str]]:
    """Run code in a fresh interpreter; return what it printed, the packages it ended with, and our modules."""
    command = [sys.executable, "-c", f"import sys\n{code}{LOADED}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    printed, _, loaded = done.stdout.rpartition("loaded:")
    return printed, set(loaded.split())


def test_the_question_can_be_answered_with_yes() -> None:
    _, loaded = run("import numpy")
    assert "numpy" in loaded


@pytest.mark.parametrize("code", [COUNT, API], ids=["count", "api"])
def test_counting_a_spec_imports_no_framework(code: str) -> None:
    _, loaded = run(code.format(spec=SPEC))
    assert "costlens" in loaded
    assert loaded.isdisjoint(FRAMEWORKS)


@pytest.mark.onnx
def test_counting_a_tensorflow_lite_file_imports_no_package_that_reads_it(tmp_path: Path) -> None:
    path = net(tmp_path / "net.tflite", [x(1, 4), w("w", 3, 4), T("y", (1, 3))], DENSE)
    printed, loaded = run(COMMAND.format(arguments=["count", str(path), "--format", "csv"]))
    assert ",FULLY_CONNECTED," in printed
    assert loaded.isdisjoint((*FRAMEWORKS, "flatbuffers", "ai_edge_litert", "pydantic", "ruamel"))


def test_the_package_shows_its_interface_before_it_is_imported() -> None:
    printed, loaded = run("import costlens; print(dir(costlens), 'costlens.api' in sys.modules)")
    shown = sorted(costlens.__all__)
    assert printed.split("\n")[0] == f"{shown} False"
    assert loaded.isdisjoint(LIBRARIES)


@pytest.mark.parametrize(("arguments", "absent"), [
    (["--version"], LIBRARIES),
    (["--help"], LIBRARIES),
    (["count", "--help"], ("pydantic", "ruamel", "simpleeval")),
    (["new", "mine"], LIBRARIES),
    (["count", SPEC], ("pydantic", *MEASUREMENTS)),
    (["count", SPEC, "--variant", "all", "--depth", "1", "--set", "alpha=0.5", "--batch", "2"], ()),
    (["count", SPEC, "--variant", "all", "--format", "json"],
     ("pydantic", "rich", "costlens.results.latency", *MEASUREMENTS)),
    (["count", SPEC, "--format", "markdown"], ()),
    (["count", SPEC, "--format", "csv"], ()),
    (["check", SPEC, "specs/mobilenet.blocks.yaml"], ()),
    (["check", SPEC, "--format", "json"], ("rich",)),
    (["check", SPEC, "--format", "junit"], ("rich",)),
    (["check", SPEC, "--budget", "macs=1G", "--format", "github"], ("pydantic", "rich", *MEASUREMENTS)),
    (["diff", SPEC, f"{SPEC}?alpha=0.5", "--why"], ()),
    (["diff", SPEC, f"{SPEC}?alpha=0.5", "--format", "github"], ()),
    (["diff", SPEC, SPEC, "--format", "markdown"], ("rich",)),
    (["compare", SPEC, f"{SPEC}?alpha=0.5", "reports/yamnet"], ()),
    (["compare", SPEC, "--format", "markdown"], ("rich",)),
    (["explain", SPEC], ()),
    (["explain", SPEC, "--layer", "stage3"], ()),
    ([*CONV, "--padding", "valid"], ()),
    ([*CONV, "--format", "markdown"], ("rich",)),
    (["kinds"], ()),
    (["tables", "--check"], ()),
    (["schema"], ()),
], ids=" ".join)  # fmt: skip
def test_commands_that_only_count_import_no_framework_and_only_the_libraries_they_need(
    arguments: list[str], absent: tuple[str, ...]
) -> None:
    printed, loaded = run(COMMAND.format(arguments=arguments))
    assert printed.strip(), "the command prints what it found"
    assert loaded.isdisjoint((*FRAMEWORKS, *absent))


def test_predicting_with_known_kernels_imports_no_framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path))
    (model,) = models([SPEC], Asked())
    assert model.graph
    times = {one.operation.text: Times(10.0, 10.0) for one in kernels(model.graph, block=8)}
    store(Table(Conditions(*here(1), 1, 8)), times)
    printed, loaded = run(COMMAND.format(arguments=["predict", SPEC]))
    assert "100% " in printed
    assert loaded.isdisjoint((*FRAMEWORKS, "pydantic", "sklearn"))
