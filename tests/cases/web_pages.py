"""The pages of real networks that a browser is shown, as commands find them: the seven of ``reports/screenshots/``."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import costlens
from costlens.formats.pages import comparison, count, diff, exploration, report, sweep
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


def family() -> Page:
    """Return the page of a family of MobileNets; more width and resolution is better, as they cost accuracy."""
    knobs = {"alpha": "0.25:1:0.125", "resolution": "96:256:32"}
    kinds = {"*": ("as-written", "standard", "grouped")}
    front = ("macs", "alpha:max", "resolution:max")
    found = costlens.explore("mobilenet_v1", knobs=knobs, kind=kinds, front=front, where="macs < 2G", workers=1)
    return exploration.page(found, "macs", "params")


SEVEN: dict[str, Callable[[], Page]] = {
    "yamnet": lambda: report.page(stored_report()),
    "resnet152": lambda: counted("resnet152", "all"),
    "onnx": lambda: counted(str(an_onnx_file())),
    "comparison-of-five": lambda: comparison.page(costlens.compare(*FIVE)),
    "diff-of-two": lambda: diff.page(costlens.diff("resnet34", "resnet50")),
    "sweep-of-batches": lambda: sweep.page(stored_sweep()),
    "family": family,
}
"""Each page by its name."""
