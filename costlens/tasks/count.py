"""``costlens count``: words → models → their counts, and what each network is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costlens.sources.find import models

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.sources._source import Asked


def count(words: Sequence[str], asked: Asked) -> tuple[list[ModelCount], list[str]]:
    """Return the counts of all models that words name, and for each the name of its network.

    Networks of one name have their knobs or their file after it. UsageError with all that is wrong with the words.
    """
    found = models(words, asked)
    files: dict[str, set[str]] = {}
    for model in found:
        files.setdefault(model.count.name, set()).add(model.word.text)
    labels = [
        f"{model.count.name} ({model.word.knobs or model.word.name})"
        if len(files[model.count.name]) > 1
        else model.count.name
        for model in found
    ]
    return [model.count for model in found], labels
