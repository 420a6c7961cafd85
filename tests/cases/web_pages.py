"""The pages of real networks that a browser is shown, as commands find them: the six of ``reports/screenshots/``."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import costlens
from costlens.formats.pages import comparison, count, diff, report, sweep
from costlens.results.page import Page
from costlens.results.report import Report
from costlens.results.sweep import Sweep
from tests.cases.counted import models
from tests.places import ROOT

FIVE = ("yamnet", "crepe", "mobilenet_v1", "mobilenet_v2", "resnet18")


def stored_report() -> Report:
    """Return the committed report of YAMNet: all kinds, with times."""
    return Report.from_json((ROOT / "reports" / "yamnet" / "report.json").read_text(encoding="utf-8"))


def stored_sweep() -> Sweep:
    """Return the committed sweep of YAMNet over threads and batches."""
    return Sweep.from_json((ROOT / "reports/sweeps/yamnet-batches/sweep.json").read_text(encoding="utf-8"))


def an_onnx_file() -> Path:
    """Return the file of Inception v1 that the package onnx ships; its weights are sizes alone."""
    found = find_spec("onnx")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "backend/test/data/light/light_inception_v1.onnx"


def counted(word: str, *variants: str) -> Page:
    """Return the page of what ``costlens count`` finds."""
    return count.page([model.count for model in models(word, *variants)])


SIX: dict[str, Callable[[], Page]] = {
    "yamnet": lambda: report.page(stored_report()),
    "resnet152": lambda: counted("resnet152", "all"),
    "onnx": lambda: counted(str(an_onnx_file())),
    "comparison-of-five": lambda: comparison.page(costlens.compare(*FIVE)),
    "diff-of-two": lambda: diff.page(costlens.diff("resnet34", "resnet50")),
    "sweep-of-batches": lambda: sweep.page(stored_sweep()),
}
"""Each page by its name."""
