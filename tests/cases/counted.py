"""Specs as tests name them: read, counted in variants, and as the models that tasks work on; those that are shipped."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from costlens.results.counts import ModelCount
from costlens.sources._source import Asked, Model
from costlens.sources._variants import variant_names
from costlens.sources.find import models as found
from costlens.spec.loading import load
from costlens.spec.model import Spec
from costlens.spec.paths import files_in
from tests.cases.networks import count_variants
from tests.places import ROOT

__all__ = ["FILES", "counts", "load", "models", "variants_of"]

FILES = sorted(path.relative_to(ROOT).as_posix() for path in files_in(ROOT / "specs"))
"""The shipped specs."""


def counts(spec: Spec, variants: Sequence[str] = ("as-written",)) -> list[ModelCount]:
    """Count a spec's variants; equal ones once, under all their names."""
    return count_variants(spec.graph, variant_names(variants), title=spec.title)


def models(word: str | Path, *variants: str, **settings: object) -> list[Model]:
    """Return the models of one word."""
    return found([str(word)], Asked(variants, settings))


@cache
def variants_of(file: str) -> tuple[ModelCount, ...]:
    """Return the counts of a shipped spec's variants: as written first, equal ones once."""
    return tuple(counts(load(ROOT / file), ("all",)))
