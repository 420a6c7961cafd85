"""Every shipped spec in every variant: spec = Keras = ONNX, in a process of its own each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NAMES = sorted(path.stem for path in (ROOT / "specs").glob("*.yaml"))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_variant_passes_verify(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "costlens", "verify", f"specs/{name}.yaml", "--variant", "all"],
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verified: every check agrees" in done.stdout
    assert done.stdout.count("all agree") == 3  # as-written is equal to one of the three kinds in each of them
