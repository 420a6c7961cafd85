"""The command line as a user meets it: outputs, errors in one line, exit codes."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from costlens.analysis.budgets import judge
from costlens.network.variants import kind_names
from costlens.spec.paths import files_in
from tests.cases.counted import models
from tests.fakes.command_line import Run
from tests.places import ROOT

YAMNET = str(ROOT / "specs" / "yamnet.yaml")
EXAMPLE = str(ROOT / "specs" / "separable_example.yaml")


def costlens(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, 80 columns wide."""
    return subprocess.run(
        [sys.executable, "-m", "costlens", *arguments],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_count_prints_the_totals_and_every_row(run: Run) -> None:
    done = run("count", YAMNET)
    assert (done.returncode, done.stderr) == (0, "")
    assert "3,751,369" in done.stdout
    assert "69,165,056" in done.stdout
    assert "stage13.pointwise" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_count_is_the_same_bytes_in_every_process() -> None:
    arguments = ("count", YAMNET, "--variant", "all", "--format", "json")
    runs = {costlens(*arguments, PYTHONHASHSEED=seed).stdout for seed in ("0", "1")}
    assert len(runs) == 1


@pytest.mark.many
def test_count_takes_folders_and_several_variants(run: Run) -> None:
    done = run("count", str(ROOT / "specs"), "--variant", "as-written", "--variant", "standard", "--format", "json")
    models = json.loads(done.stdout)["models"]
    assert {model["name"] for model in models} == {path.stem for path in files_in(ROOT / "specs")}


def test_settings_change_knobs_and_batch_multiplies_macs_not_parameters(run: Run) -> None:
    one = json.loads(run("count", YAMNET, "--format", "json").stdout)["models"][0]["totals"]
    done = run("count", YAMNET, "--set", "classes=10", "--batch", "3", "--format", "json")
    changed = json.loads(done.stdout)["models"][0]["totals"]
    assert changed["params"] == one["params"] - 511 * 1025
    assert changed["macs"] == 3 * (one["macs"] - 511 * 1024)


def test_new_writes_a_spec_that_counts(run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "mine.yaml"
    spec.write_text(run("new", "mine").stdout, encoding="utf-8")
    done = run("count", str(spec))
    assert done.returncode == 0
    assert "stem" in done.stdout


def test_new_writes_a_file_that_is_not_there_and_names_a_schema_that_is(run: Run, tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    assert run("new", "mine", "-o", str(one)).returncode == 0
    (tmp_path / "schema.json").write_text("{}", encoding="utf-8")
    assert run("new", "mine", "--output", str(other)).returncode == 0
    first, *rest = one.read_text(encoding="utf-8").splitlines()
    assert other.read_text(encoding="utf-8").splitlines() == ["# yaml-language-server: $schema=schema.json", *rest]
    assert "costlens schema > schema.json" in first
    again = run("new", "mine", "-o", str(one))
    assert (again.returncode, again.stderr) == (2, f"{one}: is already there; name another file with -o\n")
    assert run("new", "mine", "-o", str(tmp_path / "no" / "x.yaml")).returncode == 2


def test_schema_is_the_one_checked_in(run: Run) -> None:
    assert run("schema").stdout == (ROOT / "specs" / "schema.json").read_text(encoding="utf-8")


PAGE = (ROOT / "docs" / "specs.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
WHOLE = [text for text in EXAMPLES if "\nexpect:" in text]


@pytest.mark.parametrize("text", WHOLE, ids=[text.split("\n")[0] for text in WHOLE])
def test_a_spec_of_the_documentation_counts_what_it_expects(text: str, run: Run, tmp_path: Path) -> None:
    spec = tmp_path / "small.yaml"
    spec.write_text(text, encoding="utf-8")
    (model,) = models(spec)
    assert model.limits
    assert all(judge(limit, model.count, None).verdict == "kept" for limit in model.limits)
    assert run("count", str(spec)).returncode == 0


def test_the_sections_of_the_documentation_count(run: Run, tmp_path: Path) -> None:
    assert len(WHOLE) == 3
    (text,) = (text for text in EXAMPLES if "sections:" in text)
    spec = tmp_path / "small.yaml"
    spec.write_text("name: small\n" + text, encoding="utf-8")
    assert "Σ head" in run("count", str(spec)).stdout


def test_kinds_lists_layers_and_convolutions(run: Run) -> None:
    done = run("kinds")
    assert all(word in done.stdout for word in ("conv", "residual", "squeeze_excite", *kind_names()[1:]))
    assert "MACs ÷ standard: 1/N + 1/(K_h·K_w)" in run("kinds", "separable").stdout


# arguments, words of the message
MISTAKES = [
    (("count", "nothing.yaml"), ("nothing.yaml", "no such file")),
    (("count", YAMNET, "--variant", "seperable"), ("seperable", 'did you mean "separable"')),
    (("count", YAMNET, "--set", "clases=3"), ("clases", 'did you mean "classes"')),
    (("count", YAMNET, "--set", "classes"), ("--set classes", "NAME=VALUE")),
    (("count", YAMNET, "--batch", "0"), ("batch",)),
    (("count", str(ROOT / "tests" / "perf")), ("perf", "holds nothing to read", ".yaml")),
    (("count",), ("MODEL",)),
    (("kinds", "cnv"), ('did you mean "conv"',)),
    (("new", "not a name"), ("not a name",)),
    (("export", EXAMPLE), ("output",)),
    (("export", EXAMPLE, "--variant", "all", "-o", "x.onnx"), ("one variant", "as-written")),
    (("report", EXAMPLE, "-o", "/proc/nowhere"), ("/proc/nowhere", "-o")),
    (("count", YAMNET, "--format", "terminl"), ('did you mean "terminal"',)),
    (("bench", EXAMPLE, "--device", "tpu"), ("tpu",)),
    (("bench", EXAMPLE, "--time-budget", "9" * 400), ("--time-budget", "90s or 4m")),
    (("count", ""), ("an empty word names nothing",)),
    (("count", EXAMPLE, ""), ("an empty word names nothing",)),
    (("report", EXAMPLE, "-o", ""), ("--output: an empty text is not a path",)),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKES)
def test_a_mistake_is_named_without_a_traceback(run: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    done = run(*arguments)
    said = done.stdout + done.stderr
    assert done.returncode == 2, said
    assert "Traceback" not in said
    assert all(word.lower() in said.lower() for word in words), said


def test_a_mistake_of_ours_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("costlens.commands.count.models", lambda *_, **__: 1 / 0)
    done = run("count", YAMNET)
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.tensorflow
def test_export_writes_a_proven_file(tmp_path: Path) -> None:
    target = tmp_path / "new" / "example.onnx"
    done = costlens("export", EXAMPLE, "--variant", "standard", "-o", str(target), COSTLENS_CACHE=str(tmp_path / "c"))
    assert done.returncode == 0, done.stderr
    assert "checks agree" in done.stdout
    assert target.stat().st_size > 4 * 19_200
    assert [path.name for path in target.parent.iterdir()] == [target.name]


@pytest.mark.tensorflow
def test_report_without_bench_uses_the_cache_the_second_time(tmp_path: Path) -> None:
    environment = {"COSTLENS_CACHE": str(tmp_path / "cache")}
    arguments = ("report", EXAMPLE, "--no-bench", "-o", str(tmp_path / "reports"))
    assert costlens(*arguments, **environment).returncode == 0
    folder = tmp_path / "reports" / "separable_example"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(first) == {"layers.csv", "report.html", "report.json", "report.md", "report.svg"}
    again = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "costlens", *arguments],
        cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert not [line for line in again.stderr.splitlines() if line.endswith((" tensorflow", " keras", " onnxruntime"))]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert (tmp_path / "reports" / "README.md").exists()


@pytest.mark.tensorflow
@pytest.mark.measures
def test_report_times_the_variants_side_by_side(tmp_path: Path) -> None:
    done = costlens("report", EXAMPLE, "--quick", "--time-budget", "5", "-o", str(tmp_path), "--no-rows")
    assert done.returncode == 0, done.stderr
    latency = json.loads((tmp_path / "separable_example" / "report.json").read_text(encoding="utf-8"))["latency"]
    assert {model["label"] for model in latency["models"]} == {"as-written", "standard", "bottleneck", "factorized"}
    assert all(model["samples_ms"] and model["median_ms"] > 0 for model in latency["models"])
    assert {ratio["baseline"] for ratio in latency["ratios"]} == {"standard"}


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="a graphics card may be there")
def test_cuda_asked_for_and_absent_names_the_extra() -> None:
    done = costlens("bench", EXAMPLE, "--device", "cuda", "--variant", "separable", "--quick")
    assert done.returncode == 5, done.stderr
    assert "costlens-nn[gpu]" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.tensorflow
@pytest.mark.measures
def test_an_interrupted_report_leaves_the_last_whole_one_and_no_process(tmp_path: Path) -> None:
    arguments = ("report", EXAMPLE, "-o", str(tmp_path), "--no-rows")
    assert costlens(*arguments, "--no-bench").returncode == 0
    folder = tmp_path / "separable_example"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    running = subprocess.Popen(
        [sys.executable, "-m", "costlens", *arguments],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_until(lambda: len(processes_of_session(running.pid)) > 1)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=300)
    assert running.returncode == 130, said
    assert "Traceback" not in said
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    wait_until(lambda: processes_of_session(running.pid) == [])


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


def processes_of_session(session: int) -> list[int]:
    """Return the living processes of a session (Linux)."""
    living = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, found = stat.read_text().rpartition(")")[2].split()[:4]
        except OSError:
            continue
        if int(found) == session and state != "Z":
            living.append(int(stat.parent.name))
    return living


def test_networks_of_one_name_are_told_apart(run: Run, tmp_path: Path) -> None:
    copied = tmp_path / "copy.yaml"
    copied.write_text(Path(EXAMPLE).read_text(encoding="utf-8"), encoding="utf-8")
    done = run("count", EXAMPLE, str(copied), "--format", "markdown")
    assert f"separable_example ({EXAMPLE})" in done.stdout
    assert f"separable_example ({copied})" in done.stdout
    knobs = run("count", f"{YAMNET}?classes=10", f"{YAMNET}?classes=2", "--format", "markdown")
    assert "yamnet (classes=10)" in knobs.stdout
    assert "yamnet (classes=2)" in knobs.stdout


def test_the_document_of_a_count_says_which_knobs_were_set(run: Run) -> None:
    done = run("count", f"{YAMNET}?classes=10", YAMNET, "--format", "json")
    assert [model["knobs"]["classes"] for model in json.loads(done.stdout)["models"]] == [10, 521]
