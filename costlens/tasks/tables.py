"""``costlens tables``: a document of published figures → each beside what the specs count."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis import published
from costlens.network.count import count
from costlens.network.variants import rewrite
from costlens.spec.loading import load

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.results.published import PublishedDocument


def tables(path: Path) -> PublishedDocument:
    """Count what a document quotes, and compare; UsageError with file, line and field."""
    return published.compare(published.read(path), _counted)


def _counted(spec: Path, settings: Mapping[str, object], kind: str) -> ModelCount:
    read = load(spec, settings)
    return count(rewrite(read.graph, read.variant(kind)))
