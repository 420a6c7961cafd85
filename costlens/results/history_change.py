"""What was written to the history, or removed from it. ``costlens.history-change/1``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from costlens.results.stored import Document

What = Literal["imported", "exported", "pruned"]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, or a run, that was left out, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryChange(Document):
    """The runs that something was done with, in the history ``database``; ``total``: how many it holds then.

    file: where they were exported to. known: how many runs of an import were there already.
    """

    SCHEMA = "costlens.history-change/1"
    REMEDY = "another version of costlens may have written it"

    what: What
    database: str
    runs: tuple[int, ...]
    total: int
    known: int = 0
    file: str = ""
    skipped: tuple[Skipped, ...] = ()
