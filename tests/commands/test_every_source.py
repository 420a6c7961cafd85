"""Every command takes every source: it works with the right figures, or says in one sentence why not and what to do.

The network is one 3×3 convolution 3 → 4 on 8×8 without padding, whose figures are known by heart.
"""

import json
from pathlib import Path

import pytest

import costlens as cl
from costlens import frameworks
from tests.cases.onnx_cases import node, save, weight
from tests.cases.small import ONE, write_report
from tests.cases.tflite_files import Op, T, net, w, x
from tests.fakes.command_line import Run

MACS = 108 * 36
SOURCES = ("one.yaml", "one.onnx", "one.tflite", "one.keras", "one.h5", "saved", "python:made:one", "reports/one")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the network as each source has it."""
    root = tmp_path_factory.mktemp("sources")
    spec = ONE.replace("filters: width, kernel: 3", "name: conv, filters: width, kernel: 3, padding: valid")
    (root / "one.yaml").write_text(spec, encoding="utf-8")
    nodes = [node("Conv", ["x", "w"], ["y"], name="conv")]
    save(root / "one.onnx", nodes, {"x": [1, 3, 8, 8]}, [weight("w", 4, 3, 3, 3)])
    options = {"padding": 1, "strideW": 1, "strideH": 1}
    tensors = [x(1, 8, 8, 3), w("w", 4, 3, 3, 3), w("b", 4), T("conv", (1, 6, 6, 4)), T("y", (1, 6, 6, 4))]
    convolution = Op("CONV_2D", ["x", "w", "b"], ["conv"], options)
    net(root / "one.tflite", tensors, convolution, Op("RELU", ["conv"], ["y"]))
    keras = frameworks.keras()
    given = keras.Input((8, 8, 3), name="x")
    model = keras.Model(given, keras.layers.Conv2D(4, 3, use_bias=False, name="conv")(given), name="one")
    for name in ("one.keras", "one.h5"):
        model.save(root / name)
    model.export(root / "saved", verbose=False)
    (root / "made.py").write_text("import keras\none = keras.models.load_model('one.keras')\n", encoding="utf-8")
    write_report(root / "reports" / "one", root / "one.yaml", first="as-written")
    return root


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)


@pytest.mark.parametrize("source", SOURCES)
def test_count(source: str, run: Run) -> None:
    done = run("count", source, "--format", "json", "--strict")
    (model,) = json.loads(done.stdout)["models"]
    assert (done.returncode, model["totals"]["macs"], model["status"]["macs"]) == (0, MACS, "complete")


def test_compare_of_all_at_once(run: Run) -> None:
    found = json.loads(run("compare", *SOURCES, "--format", "json").stdout)["models"]
    assert [one["figures"]["macs"] for one in found] == [MACS] * len(SOURCES)
    assert [one["origin"] for one in found] == ["spec", "onnx", "tflite", "keras", "keras", "keras", "keras", "report"]


@pytest.mark.parametrize("source", SOURCES)
def test_plot(source: str, run: Run, tmp_path: Path) -> None:
    done = run("plot", source, "-o", str(tmp_path / "out.svg"))
    assert (done.returncode, done.stderr) == (0, "")
    assert f": MACs {MACS:,}, " in (tmp_path / "out.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES)
def test_diff_with_the_spec(source: str, run: Run) -> None:
    done = run("diff", "one.yaml", source, "--why", "--format", "json")
    (found,) = json.loads(done.stdout)["specs"]
    assert (done.returncode, {one["figure"]: one["delta"] for one in found["totals"]}["macs"]) == (0, 0)


@pytest.mark.parametrize("source", SOURCES)
def test_check_with_a_budget(source: str, run: Run) -> None:
    kept, missed = (run("check", source, "--budget", f"macs={MACS - short}") for short in (0, 1))
    assert (kept.returncode, missed.returncode) == (0, 3), kept.stderr
    noun = "spec" if source.endswith(".yaml") else "model"
    assert kept.stdout.splitlines()[-1].startswith(f"1 {noun}, ")


@pytest.mark.parametrize("source", [one for one in SOURCES if not one.startswith("reports")])
def test_explain(source: str, run: Run) -> None:
    name = next(row["name"] for row in counted(run, source)["rows"] if row["macs"])
    done = run("explain", source, "--layer", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{MACS:,}" in done.stdout
    assert ("separable" in done.stdout) == (source != "saved")  # a SavedModel tells no kernels
    assert f"--layer {name}" in run("explain", source).stdout


def counted(run: Run, source: str) -> dict[str, list[dict[str, object]]]:
    (model,) = json.loads(run("count", source, "--format", "json").stdout)["models"]
    return dict(model)


@pytest.mark.parametrize("source", ["one.onnx", "one.tflite", "one.keras", "one.h5", "python:made:one"])
def test_verify(source: str, run: Run) -> None:
    done = run("verify", source, "--format", "json")
    (found,) = json.loads(done.stdout)["specs"]
    (line,) = found["variants"]
    assert (done.returncode, line["verdict"], line["macs"], line["problem"]) == (0, "agrees", MACS, "")


@pytest.mark.parametrize("source", ["one.onnx", "one.tflite", "one.keras"])
def test_report(source: str, run: Run, tmp_path: Path) -> None:
    done = run("report", source, "--no-bench", "-o", str(tmp_path), "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert [one["totals"]["macs"] for one in found["counts"]] == [MACS]
    (ledger,) = found["ledgers"]
    assert all(entry["agrees"] for entry in ledger["entries"])
    page = (tmp_path / "one" / "report.md").read_text(encoding="utf-8")
    assert "one: 108 parameters, 3.89k MACs." in page or "deployed parameters, 3.89k MACs." in page
    assert "**Verified: all" in page
    assert "\n- : " not in page
    assert "<summary>: " not in page


@pytest.mark.parametrize("source", ["one.yaml", "one.onnx", "one.keras", "one.h5", "python:made:one"])
def test_advise(source: str, run: Run, tmp_path: Path) -> None:
    output = tmp_path / ("slim.yaml" if source == "one.yaml" else "slim.onnx")
    done = run("advise", source, "--budget", "macs=2k", "--kinds", "separable", "-o", str(output), "--format", "json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["written"]["macs"], found["planned"]["macs"]) == (MACS, (27 + 12) * 36)
    done = run("count", str(output), "--format", "json")
    assert json.loads(done.stdout)["models"][0]["totals"]["macs"] == (27 + 12) * 36


def test_advise_on_a_variant_of_a_keras_model() -> None:
    found = cl.advise("one.keras", budget={"macs": "2k"}, variant="standard", kinds="separable")
    assert (found.kinds, found.planned["macs"]) == ({found.layers[0].label: "separable"}, (27 + 12) * 36)


# command, source, what is said
REFUSED = [
    ("verify", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("verify", "reports/one", "a report holds no file to run; name its spec"),
    ("profile", "one.tflite", "does not report the time of its kernels; profile the spec or the ONNX file"),
    ("profile", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("profile", "reports/one", "a report holds no file to run; name its spec"),
    ("report", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("report", "reports/one", "a report holds no file to run; name its spec"),
    ("bench", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("bench", "reports/one", "a report holds no file to run; name its spec"),
    ("sweep", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("sweep", "reports/one", "a report holds no file to run; name its spec"),
    ("explain", "reports/one", "a report holds no graph to build; name its spec"),
    ("advise", "saved", "a SavedModel is counted only; save the model as .keras to export it"),
    ("advise", "one.tflite", "a TensorFlow Lite file has no graph that Keras can build"),
    ("advise", "reports/one", "a report holds no graph to build; name its spec"),
    ("export", "one.onnx", "an ONNX file has no graph that Keras can build"),
    ("export", "one.tflite", "a TensorFlow Lite file has no graph that Keras can build"),
    ("export", "reports/one", "a report holds no graph to build; name its spec"),
]


@pytest.mark.parametrize(("command", "source", "said"), REFUSED)
def test_what_cannot_be_is_one_sentence_with_a_remedy(command: str, source: str, said: str, run: Run) -> None:
    output = {"export": ["-o", "out.onnx"], "advise": ["--budget", "macs=1"]}.get(command, [])
    done = run(command, source, *output)
    assert done.returncode in (2, 5)
    assert (done.stdout, said in " ".join(done.stderr.split())) == ("", True), done.stderr


@pytest.mark.measures
@pytest.mark.parametrize("source", ["one.yaml", "one.onnx", "one.tflite", "one.keras", "python:made:one"])
def test_bench_and_sweep(source: str, run: Run) -> None:
    for command in ("bench", "sweep"):
        done = run(command, source, "--quick", "--format", "json")
        assert done.returncode in (0, 7), done.stderr
        assert json.loads(done.stdout)


@pytest.mark.measures
@pytest.mark.parametrize("source", ["one.yaml", "one.onnx", "one.keras"])
def test_profile(source: str, run: Run) -> None:
    done = run("profile", source, "--format", "json")
    assert done.returncode == 0, done.stderr
    assert f'"macs": {MACS}' in done.stdout


@pytest.mark.parametrize("source", ["none.onnx", "none.tflite", "none.keras", "python:none:one"])
@pytest.mark.parametrize("command", ["count", "verify", "explain", "check", "report", "diff"])
def test_a_source_that_is_not_there(command: str, source: str, run: Run) -> None:
    done = run(command, source, *(["one.yaml"] if command == "diff" else []))
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert source.removeprefix("python:").partition(":")[0] in done.stderr
