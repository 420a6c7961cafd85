"""``costlens diff`` where history was cut off, and what a base is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from costlens.results.diff import Diff
from tests.fakes.command_line import Run
from tests.fakes.diff_repository import HEADS, TINY, repository
from tests.fakes.git_repository import commit, git, write


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository, and work in it."""
    made = repository(tmp_path / "repository")
    monkeypatch.chdir(made)
    return made


def test_a_cut_history_is_an_error_and_no_diff_of_the_base(
    place: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(place, HEADS["swapped"], "swap")
    git(place, "switch", "--quiet", "main")
    commit(place, {"specs/tiny.yaml": TINY.replace("units: 3", "units: 9")}, "later")
    git(tmp_path, "clone", "--quiet", "--depth=1", "--branch=work", place.as_uri(), "clone")
    git(tmp_path / "clone", "fetch", "--quiet", "--depth=1", "origin", "main:main")
    monkeypatch.chdir(tmp_path / "clone")
    done = run("diff", "--base", "main")
    assert (done.returncode, done.stdout) == (2, "")
    assert "main: where its history and that of HEAD parted is not known" in done.stderr
    assert "fetch-depth: 0" in done.stderr
    git(tmp_path / "clone", "fetch", "--quiet", "--unshallow", "origin", "main", "work")
    (spec,) = Diff.from_json(run("diff", "--base", "main", "--format", "json").stdout).specs
    assert spec.path == "specs/net.yaml"


def test_a_commit_s_number_is_shown_by_its_beginning(place: Path, run: Run) -> None:
    base = git(place, "rev-parse", "main")
    write(place, HEADS["swapped"])
    diff = Diff.from_json(run("diff", "--base", base, "--format", "json").stdout)
    assert (diff.base.name, diff.base.commit) == (base[:12], base)
