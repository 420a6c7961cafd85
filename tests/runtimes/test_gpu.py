"""A card that does not exist: comparisons in processes that find a fake library, and the script for real cards."""

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from costlens.bench import bounds
from costlens.bench.protocol import Protocol
from costlens.bench.run import bench
from costlens.formats.pages import latency as pages
from tests.cases.onnx_drafts import write_net
from tests.cases.tiny_sizes import TINY
from tests.places import ROOT

pytestmark = pytest.mark.measures

SCRIPT = ROOT / "tests/perf/gpu.py"
QUICK = {"processes": 3, "looks": 1, "blocks": 3, "warmup_s": 0.05, "time_budget_s": 20.0}


def imported(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, name, module)  # where its dataclasses look for themselves
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def fake_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give this process and those that it starts the fake library."""
    folder = ROOT / "tests/fakes/fake_cuda"
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setitem(sys.modules, "onnxruntime", imported(folder / "onnxruntime.py", "onnxruntime"))


@pytest.mark.parametrize(("device", "first", "shown"), [
    ("cuda", "CUDAExecutionProvider", "onnxruntime 9.9 on cuda, "),
    ("tensorrt", "TensorrtExecutionProvider", "onnxruntime 9.9 on cuda (TensorRT), "),
])  # fmt: skip
def test_on_a_card_copies_are_figures_of_their_own(
    device: Any, first: str, shown: str, fake_card: None, tmp_path: Path
) -> None:
    models = {}
    for label, call_ms in (("fast", 1.0), ("slow", 4.0)):
        (tmp_path / label).mkdir()  # each in a folder of its own, as the cache keeps them
        models[label] = tmp_path / label / "model.onnx"
        models[label].write_text(str(call_ms))
    report = bench(models, Protocol(device=device, **QUICK), baseline="slow")
    assert (report.runtime.device, report.runtime.providers[0]) == ("cuda", first)
    for model, call_ms in zip(report.models, (1.0, 4.0), strict=True):
        assert call_ms < model.median_ms
        fastest = min(ms for process in model.samples_ms for block in process for ms in block)
        assert fastest < 40.0 < model.copy_in_ms, "the copies are not part of it"
        assert model.copy_out_ms > 80.0
    assert "copies to and from it are not part of a run" in report.note
    assert shown in pages.measured(report)


def test_on_a_processor_there_are_no_copies(fake_card: None, tmp_path: Path) -> None:
    model = tmp_path / "model.onnx"
    model.write_text("1.0")
    (found,) = bench({"m": model}, Protocol(device="cpu", **QUICK)).models
    assert (found.copy_in_ms, found.copy_out_ms) == (None, None)


@pytest.fixture
def script() -> ModuleType:
    return imported(SCRIPT, "gpu")


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="this machine may have a card")
def test_the_script_says_that_there_is_no_card(tmp_path: Path) -> None:
    environment = {**os.environ, "COSTLENS_CACHE": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--quick", "-o", str(tmp_path / "gpu")],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr.startswith("tests/perf/gpu.py: no NVIDIA card here: ")
    assert not (tmp_path / "gpu").exists()


def test_the_script_says_what_was_not_exported(script: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(script.Unavailable, match=r"models.json: .*; write it with --export"):
        script.exported(tmp_path, ["net"])
    (tmp_path / "models.json").write_text("[]")
    with pytest.raises(script.Unavailable, match="net not exported there"):
        script.exported(tmp_path, ["net"])


def test_the_script_writes_its_report(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run all of it on the processor, in place of the card."""
    monkeypatch.setenv("COSTLENS_CACHE", str(tmp_path / "cache"))
    models = []
    for variant, convolutions in (("standard", 4), ("separable", 1)):
        file = write_net(tmp_path / f"net-{variant}.onnx", convolutions).name
        models.append({"spec": "net", "variant": variant, "also": [], "file": file, "macs": 10**6 * convolutions,
                       "peak_activation_bytes": 10**5})  # fmt: skip
    (tmp_path / "models.json").write_text(json.dumps(models))
    measure = bounds.measure
    monkeypatch.setattr(bounds, "measure", lambda device: measure("cpu", seconds=0.05, sizes=TINY))
    asked = argparse.Namespace(device="cpu", batch=1, quick=True, specs=["net"], output=tmp_path / "gpu")
    script.run("Card One, 1.2.3", tmp_path, asked)
    page = (tmp_path / "gpu/gpu-card-one-cpu.md").read_text()
    for text in ("# Card One", "driver 1.2.3", "- fp32: a peak of ", "## net", "| standard ", "| separable "):
        assert text in page
    document = json.loads((tmp_path / "gpu/gpu-card-one-cpu.json").read_text())
    assert [model["label"] for model in document["latency"]["net"]["cpu"]["models"]] == ["standard", "separable"]
    assert document["failed"] == {}
