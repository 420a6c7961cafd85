"""``--runtime`` of every command that times: which files are run by what, and what is refused before any work."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from costlens import runtimes
from costlens.bench.protocol import Protocol
from costlens.commands._measuring_options import Measuring
from costlens.errors import ExportError, RuntimeUnavailable
from costlens.export import conversions
from costlens.results.latency import LatencyReport
from costlens.results.report import Report
from tests.cases.onnx_cases import node, save
from tests.cases.small import ONE, TWO
from tests.fakes.command_line import Run
from tests.fakes.fake_tools import Workshop
from tests.places import SPECS

LIMITED = "budget: {latency_ms: 3}\n"
TIMED = {
    "bench": ("bench", "one.yaml", "two.yaml"),
    "compare": ("compare", "one.yaml", "two.yaml", "--bench"),
    "diff": ("diff", "one.yaml", "two.yaml", "--bench"),
    "check": ("check", "one.yaml", "two.yaml", "--bench"),
    "report": ("report", "one.yaml", "two.yaml", "--variant", "as-written", "-o", "out"),
}
LITERT = ("--runtime", "litert")

Made = list[tuple[str, str, int]]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: Workshop) -> None:
    """Work in a folder of two specs, whose exports are imitated."""
    monkeypatch.chdir(tmp_path)
    work.folder = tmp_path
    Path("one.yaml").write_text(ONE + LIMITED, encoding="utf-8")
    Path("two.yaml").write_text(TWO.replace("filters: width", "filters: 2 * width") + LIMITED, encoding="utf-8")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Have LiteRT here, and remember which files are made for which runtime and batch."""
    found: Made = []

    def model_file(source: conversions.Source, runtime: str, precision: str = "fp32", *, batch: int = 1) -> Path:
        found.append((source.onnx.name, runtime, batch))
        return source.onnx.with_suffix(".tflite")

    monkeypatch.setattr(conversions, "model_file", model_file)
    monkeypatch.setattr(runtimes.get("litert"), "require", lambda device: None)
    return found


@pytest.mark.parametrize("command", TIMED)
def test_specs_are_converted_for_the_runtime_that_times(command: str, made: Made, work: Workshop, run: Run) -> None:
    done = run(*TIMED[command], *LITERT, "--batch", "4")
    assert done.returncode in (0, 6), done.stderr
    assert made == [("one.onnx", "litert", 4), ("two.onnx", "litert", 4)]
    assert {(plan.runtime, plan.batch) for plan in work.plans} == {("litert", 4)}
    assert {path.suffix for files in work.timed for path in files.values()} == {".tflite"}


def test_the_runtime_of_every_day_runs_the_exports(made: Made, work: Workshop, run: Run) -> None:
    assert run(*TIMED["bench"], "--runtime", "onnxruntime").returncode == 0
    assert (made, work.plans[0].runtime) == ([], "onnxruntime")


@pytest.mark.parametrize("command", [*TIMED, "profile"])
def test_a_runtime_that_is_not_there_is_told_before_any_work(
    command: str, work: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(device: str) -> None:
        raise RuntimeUnavailable("the runtime litert needs ai-edge-litert")

    monkeypatch.setattr(runtimes.get("litert"), "require", missing)
    monkeypatch.setattr(runtimes.get("litert"), "profiler", lambda: None)
    done = run(*TIMED.get(command, ("profile", "one.yaml")), *LITERT)
    assert (done.returncode, work.exported) == (5, [])
    assert "the runtime litert needs ai-edge-litert\n" in done.stderr
    wrong = run(*TIMED.get(command, ("profile", "one.yaml")), "--runtime", "lite")
    said = "runtime 'lite' is unknown (did you mean \"litert\"?); known: litert, onnxruntime, tensorflow\n"
    assert (wrong.returncode, wrong.stderr) == (2, said)


def test_a_model_file_that_no_runtime_but_its_own_runs_is_told_before_any_work(
    work: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes.get("litert"), "require", lambda device: None)
    save(Path("net.onnx"), [node("Relu", ["x"], ["y"])], {"x": [1, 4]})
    done = run("bench", "one.yaml", "net.onnx", *LITERT)
    said = "litert cannot run net.onnx: its file is made from a spec\n"
    assert (done.returncode, done.stderr, work.exported) == (5, said, [])


def test_a_network_that_cannot_be_converted_leaves_the_others(
    made: Made, work: Workshop, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole: Callable[..., Path] = conversions.model_file

    def model_file(source: conversions.Source, *given: str, **more: int) -> Path:
        if source.onnx.stem == "one":
            raise ExportError("its outputs differ")
        return whole(source, *given, **more)

    monkeypatch.setattr(conversions, "model_file", model_file)
    done = run(*TIMED["bench"], *LITERT)
    assert (done.returncode, done.stderr) == (5, "not timed: one: its outputs differ\n")
    assert [list(files) for files in work.timed] == [["two"]]


def test_a_runtime_without_times_of_kernels_refuses_a_profile_and_leaves_it_out_of_a_report(
    made: Made, work: Workshop, run: Run
) -> None:
    reason = "the runtime litert does not report the time of its kernels; use --runtime onnxruntime"
    done = run("profile", "one.yaml", *LITERT)
    assert (done.returncode, done.stderr, work.exported) == (5, f"{reason}\n", [])
    assert run(*TIMED["report"], *LITERT).returncode == 0
    assert f"No time per layer of any variant: {reason}" in Path("out/one/report.md").read_text(encoding="utf-8")
    found = Report.from_json(Path("out/one/report.json").read_text(encoding="utf-8"))
    assert (found.layer_times, found.not_profiled) == ((), (f"any variant: {reason}",))
    assert found.latency is not None
    assert found.latency.protocol.runtime == "litert"


def test_a_runtime_that_starts_slowly_gets_that_time_besides_unless_the_time_is_given() -> None:
    usual, slow = Measuring().protocol(), Measuring(runtime="tensorflow").protocol()
    assert usual == Protocol()
    assert slow.time_budget_s == (usual.time_budget_s or 0) + 8 * (usual.processes + 1)
    assert Measuring(runtime="tensorflow", time_budget=30).protocol().time_budget_s == 30


@pytest.mark.tensorflow
@pytest.mark.measures
def test_a_spec_is_really_timed_by_another_runtime(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("ai_edge_litert")
    from costlens.commands import _options
    from costlens.tasks._tools import Tools

    monkeypatch.setattr(_options, "Tools", Tools)
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    spec = str(SPECS / "separable_example.yaml")
    done = run("bench", spec, "--variant", "as-written", "--quick", *LITERT, "--format", "json")
    assert done.returncode in (0, 7), done.stderr  # 7: another load made the machine too noisy
    assert done.stderr.startswith("exporting separable_example/as-written\ntiming separable_example/as-written\n")
    found = LatencyReport.from_json(done.stdout)
    assert (found.runtime.name, found.protocol.runtime) == ("litert", "litert")
    assert json.loads(done.stdout)["models"][0]["median_ms"] > 0
