"""Two runs of the history, figure by figure. ``costlens.history-diff/1``."""

from __future__ import annotations

from dataclasses import dataclass

from costlens.results.history import Recorded
from costlens.results.stored import Document


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A figure of a network in two runs; None where it is not known. comparable: whether their ratio says something."""

    network: str
    figure: str
    before: int | float | None
    after: int | float | None
    comparable: bool

    @property
    def ratio(self) -> float | None:
        """After ÷ before; None where that says nothing."""
        if not self.comparable or not self.before or self.after is None:
            return None
        return self.after / self.before

    @property
    def changed(self) -> bool:
        """Whether the two differ."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class HistoryDiff(Document):
    """Both runs without their entries, and the figures of all networks in them."""

    SCHEMA = "costlens.history-diff/1"
    REMEDY = "compare the runs again"

    before: Recorded
    after: Recorded
    figures: tuple[ChangedFigure, ...]
    notes: tuple[str, ...] = ()
