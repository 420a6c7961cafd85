"""The shipped specs with all their variants, counted once for all tests that ask."""

from __future__ import annotations

from functools import cache

from costlens.results.counts import ModelCount
from costlens.spec.paths import files_in
from tests.cases.counted import counts, load
from tests.places import ROOT

FILES = sorted(path.relative_to(ROOT).as_posix() for path in files_in(ROOT / "specs"))


@cache
def variants_of(file: str) -> tuple[ModelCount, ...]:
    """Return the counts of a spec's variants: as written first, equal ones once."""
    return tuple(counts(load(ROOT / file), ("all",)))
