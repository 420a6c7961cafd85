"""``costlens tables``: a document of published figures → each beside what the specs count."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis import published
from costlens.arithmetic.precision import BIAS, WIDTHS, together
from costlens.network.count import count
from costlens.network.deployed import deployed_params
from costlens.network.precisions import Precisions
from costlens.network.variants import rewrite
from costlens.spec.loading import load

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.results.counts import ModelCount
    from costlens.results.published import PublishedDocument


def tables(path: Path) -> PublishedDocument:
    """Count what a document quotes, and compare; UsageError with file, line and field."""
    return published.compare(published.read(path), _counted, _unscaled)


def _counted(spec: Path, settings: Mapping[str, object], kind: str, precision: Precision) -> ModelCount:
    read = load(spec, settings)
    return count(rewrite(read.graph, read.variant(kind)), precisions=Precisions.all(precision))


def _unscaled(spec: Path, settings: Mapping[str, object], kind: str, precision: Precision) -> int:
    """Return the bytes of weights and biases without scales; biases are as wide as in a sum."""
    read = load(spec, settings)
    graph = rewrite(read.graph, read.variant(kind)).graph
    stored = together(each.stored for each in deployed_params(graph).values())
    return WIDTHS[precision] * (stored.weights + stored.constants) + BIAS * stored.biases
