"""The scripts of the action, imported: the fixture ``scripts``."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.actions_runner import ROOT

FOLDER = ROOT / ".github" / "action"
Scripts = Callable[[str], Any]


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripts]:
    """Return the scripts by their names, told about a job as the runner tells them."""
    for name, file in (("GITHUB_OUTPUT", "outputs.txt"), ("GITHUB_STEP_SUMMARY", "summary.md"), ("RUNNER_TEMP", "")):
        monkeypatch.setenv(name, str(tmp_path / "runner" / file))
    (tmp_path / "runner").mkdir()
    for name in ("GITHUB_EVENT_PATH", "GITHUB_REF", "GITHUB_SHA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    yield importlib.import_module
    for path in FOLDER.glob("*.py"):
        sys.modules.pop(path.stem, None)


def handed_on(tmp_path: Path) -> dict[str, str]:
    """Return the last values of the outputs of a step."""
    lines = (tmp_path / "runner" / "outputs.txt").read_text(encoding="utf-8").splitlines()
    return {line.partition("<<")[0]: lines[at + 1] for at, line in enumerate(lines) if "<<" in line}
