"""Specs as tests name them: read, counted in variants, and as the models that tasks work on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from costlens.results.counts import ModelCount
from costlens.sources._source import Asked, Model
from costlens.sources.find import models as found
from costlens.sources.spec import variant_names
from costlens.spec.loading import load
from costlens.spec.model import Spec
from tests.cases.networks import count_variants

__all__ = ["counts", "load", "models"]


def counts(spec: Spec, variants: Sequence[str] = ("as-written",)) -> list[ModelCount]:
    """Count a spec's variants; equal ones once, under all their names."""
    return count_variants(spec.graph, variant_names(variants), title=spec.title)


def models(word: str | Path, *variants: str, **settings: object) -> list[Model]:
    """Return the models of one word."""
    return found([str(word)], Asked(variants, settings))
