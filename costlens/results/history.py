"""What the history holds: runs of commands, and in each the networks with their figures. ``costlens.history/1``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from costlens.results.comparison import FIGURES, Figures
from costlens.results.names import HASH_SHOWN
from costlens.results.shown import Shown
from costlens.results.stored import Document

TIME = "latency_ms"
"""The one figure that depends on the machine and on how a network was run."""
MEDIAN, QUARTER = "median", "quarter"
LISTED = 100
"""So many runs are listed, the newest, unless more are asked for."""
KNOWN = (*FIGURES, TIME)
"""The figures of an entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A network in a run: which one it is, how it was run where it was, and its figures.

    knobs: all of them, in order, as ``alpha=0.5, resolution=128``. digest: of the files that it was read from; empty
    where it is not known. figures: of so many ``examples``. runtime, device, threads, batch, precision, statistic,
    fingerprint and machine are of its time, and empty where there is none: ``median`` of all calls, or of the fastest
    ``quarter``, which a profile takes. low_ms, high_ms: the interval of the median over processes,
    which holds with ``confidence``. too_noisy: a copy of the baseline was timed as another network.
    """

    name: str
    knobs: str = ""
    variant: str = ""
    digest: str = ""
    examples: int = 1
    runtime: str = ""
    device: str = ""
    threads: int | None = None
    batch: int | None = None
    precision: str = ""
    statistic: str = ""
    fingerprint: str = ""
    machine: str = ""
    figures: Figures = field(default_factory=Figures)
    latency_ms: float | None = None
    low_ms: float | None = None
    high_ms: float | None = None
    confidence: float | None = None
    too_noisy: bool = False

    @property
    def condition(self) -> str:
        """How it was run, in words; empty where it has no time."""
        if self.latency_ms is None:
            return ""
        threads = "" if self.threads is None else f"{self.threads} thread{'' if self.threads == 1 else 's'}"
        batch = "" if self.batch is None else f"batch {self.batch}"
        quarter = "fastest quarter of calls" if self.statistic == QUARTER else ""
        return ", ".join(filter(None, (self.runtime, self.device, threads, batch, self.precision, quarter)))

    def figure(self, name: str) -> int | float | None:
        """Return a count by its name, or the time."""
        found: int | float | None = self.latency_ms if name == TIME else getattr(self.figures, name)
        return found


def labels(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    """Return what networks are called, by name and knobs: with the knobs in which those of one name differ.

    >>> labels([Entry("a", "alpha=1, size=8"), Entry("a", "alpha=2, size=8"), Entry("b", "size=8")])
    {('a', 'alpha=1, size=8'): 'a?alpha=1', ('a', 'alpha=2, size=8'): 'a?alpha=2', ('b', 'size=8'): 'b'}
    """
    knobs: dict[str, dict[str, None]] = {}
    for one in entries:
        knobs.setdefault(one.name, {})[one.knobs] = None
    found = {}
    for name, texts in knobs.items():
        split = {text: [pair for pair in text.split(", ") if pair] for text in texts}
        shared = set.intersection(*(set(pairs) for pairs in split.values()))
        for text, pairs in split.items():
            own = "&".join(pair for pair in pairs if pair not in shared)
            found[name, text] = f"{name}?{own}" if own else name
    return found


@dataclass(frozen=True, slots=True)
class Recorded:
    """A run of a command that was kept.

    number: by which it is named in one database. key: what it is called in all of them. at: the time of what was
    counted or measured: that of a revision is its commit's. recorded: when it was kept. costlens: its version. commit:
    empty where there is none; dirty: files of the repository differed from it. exit_code: how the command ended.
    schema: of its document.
    """

    number: int
    key: str
    command: str
    at: datetime
    recorded: datetime
    costlens: str
    commit: str
    dirty: bool
    exit_code: int
    schema: str
    entries: tuple[Entry, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the command ended well, so that others may be compared with it."""
        return self.exit_code == 0

    @property
    def commit_shown(self) -> str:
        """The commit as people read it: its first digits, with a plus where files differed from it."""
        return f"{self.commit[:HASH_SHOWN]}{'+' if self.dirty else ''}" if self.commit else ""


@dataclass(frozen=True, slots=True)
class History(Document):
    """Runs of a database, the oldest first; ``total``: how many it holds. database: where it is, without a password."""

    SCHEMA = "costlens.history/1"
    REMEDY = "list the history again"

    database: str
    total: int
    runs: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class StoredRun(Shown):
    """A run with the results that it kept."""

    run: Recorded
    results: tuple[Any, ...]
