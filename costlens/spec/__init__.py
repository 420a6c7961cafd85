"""YAML text → a validated, expanded graph; every error knows its file, line, column and field."""

from __future__ import annotations

from costlens.spec.loading import load, loads
from costlens.spec.model import Budget, Expect, Spec
from costlens.spec.outline import including
from costlens.spec_paths import SUFFIX, files_in

__all__ = ["SUFFIX", "Budget", "Expect", "Spec", "files_in", "including", "load", "loads"]
