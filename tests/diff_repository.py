"""A git repository with a few specs, and the heads that a pull request may bring."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

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

_IDENTITY = {f"GIT_{who}_{what}": "a@b.c" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
_DATES = {"GIT_AUTHOR_DATE": "2026-01-01T00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00Z"}
_ALONE = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def git(place: Path, *arguments: str) -> str:
    """Run git without the settings of this machine; return what it printed."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "-C", str(place), "-c", "init.defaultBranch=main", *arguments]
    environment = kept | _IDENTITY | _DATES | _ALONE
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def write(place: Path, files: Mapping[str, str | None]) -> None:
    for name, text in files.items():
        path = place / name
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def commit(place: Path, files: Mapping[str, str | None], message: str = "files") -> str:
    """Write and commit files; return the commit."""
    write(place, files)
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(place, "rev-parse", "HEAD")


def repository(place: Path, base: Mapping[str, str | None] = BASE) -> Path:
    """Make a repository whose branch main holds the base, on a branch of its own."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "--template=", "--quiet")
    commit(place, base, "base")
    git(place, "switch", "--quiet", "--create", "work")
    return place
