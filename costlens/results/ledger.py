"""The ledger: each number that was counted independently more than once, and whether the counts agree."""

from __future__ import annotations

from dataclasses import dataclass

Number = str | int | float


@dataclass(frozen=True, slots=True)
class Entry:
    """One check: what each count found, as (source, number), whether they agree, and what the numbers do not say."""

    name: str
    roads: tuple[tuple[str, Number], ...]
    agrees: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ledger:
    """All checks of one variant of one model."""

    model: str
    variant: str
    entries: tuple[Entry, ...]

    @property
    def ok(self) -> bool:
        """Whether every check agrees; a ledger without checks proves nothing."""
        return bool(self.entries) and all(entry.agrees for entry in self.entries)

    @property
    def failures(self) -> tuple[Entry, ...]:
        """The checks that do not agree."""
        return tuple(entry for entry in self.entries if not entry.agrees)

    @property
    def disagreement(self) -> str:
        """What does not agree, in one sentence; nothing where all does."""
        if self.ok:
            return ""
        wrong = "; ".join(f"{entry.name}: {entry.note}" if entry.note else entry.name for entry in self.failures)
        return f"its verification FAILED: {wrong or 'nothing was checked'}"
