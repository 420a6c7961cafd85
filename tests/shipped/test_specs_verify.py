"""Small specs: spec = Keras = ONNX, in one form, which changes from commit to commit.

Every spec and kind stands in ``reports/verification.md``; here the code of today proves a part of them again. As
written, the smallest are proven in ``test_specs_tflite.py``.
"""

import json
import subprocess
from pathlib import Path

import pytest

from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from tests.cases.small_specs import forms_by_turns
from tests.fakes.command_line import Run
from tests.places import ROOT


def turn() -> int:
    """Return a number that the commit decides; 0 where there is none."""
    asked = ["git", "rev-parse", "HEAD"]
    try:
        commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(commit, 16)


def chosen(index: int) -> dict[str, str]:
    """Return the form that each small spec has in a turn."""
    return {file: forms[(index + place) % len(forms)] for place, (file, forms) in enumerate(forms_by_turns().items())}


def test_every_small_spec_has_its_turn_in_every_form() -> None:
    turns = [chosen(index) for index in range(60)]
    assert len(forms_by_turns()) > 40
    for file, forms in forms_by_turns().items():
        assert {turn[file] for turn in turns} == set(forms)


@pytest.mark.tensorflow
@pytest.mark.parametrize("form", [AS_WRITTEN, *kind_names()])
def test_small_specs_pass_verify_in_the_form_of_this_turn(
    form: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = [file for file, chosen_form in chosen(turn()).items() if chosen_form == form]
    if not specs:
        pytest.skip("no spec has this form in this turn")
    page = tmp_path / "verification.md"
    monkeypatch.chdir(ROOT)
    done = run("verify", *specs, "--variant", form, "--output", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["specs"]
    assert sorted(spec["file"] for spec in found) == sorted(specs)
    assert all([line["variant"] for line in spec["variants"]] == [form] for spec in found)
    assert all(line["verdict"] == "agrees" for spec in found for line in spec["variants"])
