"""Sweeps that measure: the command line end to end, and each runtime through a comparison."""

import sys
from pathlib import Path
from typing import Any

import pytest

from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.export import conversions as conversion
from costlens.results.sweep import Sweep, measured
from tests.cases.exported import exported
from tests.fakes.command_line import Run
from tests.places import SPECS

pytestmark = [pytest.mark.tensorflow, pytest.mark.measures]

SPEC = SPECS / "separable_example.yaml"


@pytest.fixture(scope="module", autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COSTLENS_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def source() -> conversion.Source:
    return exported(SPEC)


def test_a_quick_sweep_over_batches(run: Run, tmp_path: Path) -> None:
    done = run("sweep", str(SPEC), "--batch", "1,64", "--quick", "--device", "cpu", "--output", str(tmp_path))
    assert done.returncode in (0, 7), done.stderr  # 7: another load made the machine too noisy
    assert max(map(len, done.stdout.splitlines()[1:])) <= 80
    sweep = Sweep.from_json((tmp_path / "sweep.json").read_text())
    single, many = measured(sweep).values()
    assert [each.line.condition.batch for each in (single, many)] == [1, 64]
    assert 0 < single.latency.median_ms < many.latency.median_ms  # by far, so that no other load turns it round
    assert many.to_first == pytest.approx(many.latency.median_ms / 64 / single.latency.median_ms)
    assert [report.protocol.batch for report in sweep.comparisons] == [1, 64]
    assert "sweep.svg" in (tmp_path / "sweep.md").read_text()


def test_precisions_of_an_onnx_file_in_one_comparison_and_a_runtime_without_its_extra(
    run: Run, source: conversion.Source, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in [name for name in sys.modules if name.startswith("ai_edge_litert")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ai_edge_litert", None)
    runtimes = ["--runtime", "onnxruntime,litert,tensorflow"]
    conditions = [*runtimes, "--precision", "fp32,int8", "--quick", "--device", "cpu"]
    done = run("sweep", str(source.onnx), *conditions, "--output", str(tmp_path))
    assert done.returncode in (0, 7), done.stderr
    sweep = Sweep.from_json((tmp_path / "sweep.json").read_text())
    (report,) = sweep.comparisons
    assert [model.label for model in report.models] == [f"{source.onnx.stem} {word}" for word in ("fp32", "int8")]
    problems = [line.problem for line in sweep.lines if line.problem]
    assert len(problems) == 4
    assert problems[0] == problems[1]
    remedy = 'install it with: pip install "costlens-nn[litert]"'
    assert problems[0].endswith(f"needs ai-edge-litert, which is not installed; {remedy}")
    assert "its file is made from a spec" in problems[2]
    assert problems[3] == "tensorflow has no files in int8 here; it has fp32"


@pytest.mark.parametrize("runtime", ["tensorflow", "litert"])
def test_another_runtime_is_measured_like_onnxruntime(runtime: str, source: conversion.Source) -> None:
    path = conversion.model_file(source, runtime, "fp32")
    report = bench({"net": path}, Protocol.quick(runtime=runtime, processes=1, time_budget_s=30.0))
    assert report.models[0].median_ms > 0
    assert (report.runtime.name, report.runtime.threads, report.runtime.device) == (runtime, 1, "cpu")
