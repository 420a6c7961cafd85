"""A git repository with a few specs, and the heads that a pull request may bring."""

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.fakes.git_repository import commit, git

NET = """\
name: net
title: A small network
include: parts.blocks.yaml
knobs: {width: 1.0, classes: 10}
input: [32, 32, 3]
defaults:
  conv: {bias: false, norm: batch, activation: relu, padding: same}
layers:
  - conv: {name: stem, filters: 8 * width, kernel: 3, stride: 2, fixed: true}
  - separable: {name: block1, filters: 16 * width, kernel: 3}
  - separable: {name: block2, filters: 32 * width, kernel: 3, stride: 2}
  - separable: {name: block3, filters: 32 * width, kernel: 3}
  - head: {units: classes}
"""
PARTS = """\
blocks:
  head:
    params: {units: required}
    layers:
      - global_avg_pool: {name: pool}
      - dense: {name: classifier, units: units}
"""
TINY = """\
name: tiny
include: parts.blocks.yaml
input: [8, 8, 3]
layers:
  - conv: {name: stem, filters: 4, kernel: 3}
  - head: {units: 3}
"""
ALONE = """\
name: alone
input: [8, 8, 3]
layers:
  - conv: {name: stem, filters: 4, kernel: 3}
  - conv: {name: top, filters: 4, kernel: 3}
"""
BASE: Mapping[str, str | None] = {
    "specs/net.yaml": NET,
    "specs/parts.blocks.yaml": PARTS,
    "specs/tiny.yaml": TINY,
    "specs/deep/alone.yaml": ALONE,
}
HEADS: Mapping[str, Mapping[str, str | None]] = {
    "swapped": {"specs/net.yaml": NET.replace("separable: {name: block3", "conv: {name: block3")},
    "knob": {"specs/net.yaml": NET.replace("width", "alpha")},
    "broken": {
        "specs/net.yaml": NET.replace("kernel: 3, stride: 2}", "kernal: 3, stride: 2}"),
        "specs/tiny.yaml": TINY.replace("filters: 4", "filters: 6"),
    },
    "no_yaml": {"specs/tiny.yaml": TINY.replace("layers:", "layers: [")},
    "deleted": {"specs/tiny.yaml": None},
    "blocks": {"specs/parts.blocks.yaml": PARTS.replace("name: classifier,", "name: classifier, bias: false,")},
    "moved": {
        "specs/deep/alone.yaml": None,
        "specs/lonely.yaml": ALONE.replace("name: top, filters: 4", "name: top, filters: 5"),
    },
    "added": {"specs/new.yaml": ALONE.replace("name: alone", "name: new")},
    "untouched": {"README.md": "Nothing about specs.\n"},
}
"""What each head changes: file → text, None where it is deleted."""


def repository(place: Path, base: Mapping[str, str | None] = BASE) -> Path:
    """Make a repository whose branch main holds the base, on a branch of its own."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "--template=", "--quiet")
    commit(place, base, "base")
    git(place, "switch", "--quiet", "--create", "work")
    return place


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repository(tmp_path_factory.mktemp("base") / "repository")


@pytest.fixture
def place(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Copy the repository, and work in it."""
    made = Path(shutil.copytree(base, tmp_path / "repository"))
    monkeypatch.chdir(made)
    for name in ("GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    return made
