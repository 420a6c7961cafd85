"""Small specs: spec = Keras = ONNX, as written and as one other kind, which changes from commit to commit.

Every spec and kind stands in ``reports/verification.md``; here the code of today proves a part of them again.
"""

import json
import subprocess
from pathlib import Path

import pytest

from costlens.network.variants import kind_names
from costlens.results.counts import AS_WRITTEN
from tests.cases.counted import FILES, variants_of
from tests.fakes.command_line import Run
from tests.places import ROOT

SMALL, LIGHT = 10_000_000, 2_000_000_000
"""Parameters and MACs as written."""


def kinds_of_small() -> dict[str, list[str]]:
    """Return the kinds that change a spec, by the file of each small one."""
    totals = {file: variants_of(file)[0].totals for file in FILES}
    small = [file for file, each in totals.items() if each.params < SMALL and each.macs < LIGHT]
    return {file: [model.variant for model in variants_of(file)[1:]] for file in small}


def turn() -> int:
    """Return a number that the commit decides; 0 where there is none."""
    asked = ["git", "rev-parse", "HEAD"]
    try:
        commit = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return 0
    return int(commit, 16)


def chosen(index: int) -> dict[str, str]:
    """Return the kind that each small spec has in a turn; as written where no kind changes it."""
    specs = enumerate(kinds_of_small().items())
    return {file: kinds[(index + place) % len(kinds)] if kinds else AS_WRITTEN for place, (file, kinds) in specs}


def test_every_small_spec_has_its_turn_with_every_kind() -> None:
    turns = [chosen(index) for index in range(60)]
    assert kinds_of_small()
    for file, kinds in kinds_of_small().items():
        assert {turn[file] for turn in turns} == set(kinds or (AS_WRITTEN,))


@pytest.mark.tensorflow
@pytest.mark.parametrize("kind", [AS_WRITTEN, *kind_names()])
def test_small_specs_pass_verify_as_written_and_as_one_other_kind(
    kind: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = [file for file, chosen_kind in chosen(turn()).items() if chosen_kind == kind]
    if not specs:
        pytest.skip("no spec has this kind in this turn")
    page = tmp_path / "verification.md"
    variants = dict.fromkeys((AS_WRITTEN, kind))
    asked = [word for name in variants for word in ("--variant", name)]
    monkeypatch.chdir(ROOT)
    done = run("verify", *specs, *asked, "--output", str(page))
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))["specs"]
    assert sorted(spec["file"] for spec in found) == sorted(specs)
    assert all([line["variant"] for line in spec["variants"]] == list(variants) for spec in found)
    assert all(line["verdict"] == "agrees" for spec in found for line in spec["variants"])
