"""``costlens count``: words → models → their counts, and what each network is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens.sources.find import models

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.sources._source import Asked


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts, and for each the name of its network and the knobs it was counted with."""

    models: list[ModelCount]
    labels: list[str]
    knobs: list[Mapping[str, int | float | str]]


def count(words: Sequence[str], asked: Asked) -> Counted:
    """Return the counts of all models that words name.

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
    return Counted([model.count for model in found], labels, [model.knobs for model in found])
