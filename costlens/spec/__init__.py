"""YAML text → a validated, expanded graph; every error knows its file, line, column and field."""

from __future__ import annotations

from costlens.spec.loading import load, loads
from costlens.spec.model import Budget, Expect, Spec
from costlens.spec.source import files_in

__all__ = ["Budget", "Expect", "Spec", "files_in", "load", "loads"]
