"""``costlens count``: words → models → their counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costlens.sources.find import models

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.sources._source import Asked


def count(words: Sequence[str], asked: Asked) -> list[ModelCount]:
    """Return the counts of all models that words name; UsageError with all that is wrong with them."""
    return [model.count for model in models(words, asked)]
