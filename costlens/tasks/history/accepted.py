"""The last accepted run of a network: what ``costlens check --against history`` compares it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from costlens.analysis.budgets import Base
from costlens.arithmetic.units import plural
from costlens.results.check import Timing
from costlens.results.history import MEDIAN, Entry, Recorded
from costlens.storage.history import runs
from costlens.storage.history.runs import Wanted
from costlens.tasks.history.entries import Facts, of_model
from costlens.tasks.history.origin import Origin

if TYPE_CHECKING:
    from costlens.sources._source import Model
    from costlens.storage.history.database import Database


class Accepted:
    """The runs of a history whose command ended well; counts are those of any, times of the same fingerprint alone."""

    def __init__(self, database: Database) -> None:
        """Look at the history; UsageError where there is none."""
        self._database = database
        with database.reading() as connection:
            held = runs.count(connection)
        self.notes: tuple[str, ...] = (f"compared with the last accepted of {plural(held, 'run')} in {database.shown}",)

    def base(self, model: Model, timing: Timing | None) -> Base:
        """Return the figures of the last accepted run of a network with its knobs, and its time there."""
        from datetime import UTC, datetime

        now = of_model(model, Facts(Origin(datetime.now(UTC))))
        with self._database.reading() as connection:
            found = runs.find(connection, Wanted((now.name,), accepted=True))
        same = [(run, one) for run in reversed(found) for one in run.entries if _is_same(one, now)]
        if not same:
            return Base("history", reason="the history has no accepted run of it with these knobs")
        run, entry = same[0]
        figures = {name: figure for name, figure in _figures(entry).items() if figure is not None}
        if timing is None:
            return Base(_name(run), figures)
        timed = [one for one in same if one[1].latency_ms is not None and one[1].statistic == MEDIAN]
        comparable = [one for one in timed if _is_comparable(one[1], timing)]
        if not comparable:
            others = f"; {plural(len(timed), 'run')} of other machines or conditions do not count" if timed else ""
            return Base(_name(run), figures, f"no accepted run has its time here ({timing.fingerprint}){others}")
        then, own = comparable[0]
        return Base(_name(then), figures, timing=_timing(own))


def _is_same(entry: Entry, now: Entry) -> bool:
    return (entry.knobs, entry.variant, entry.examples) == (now.knobs, now.variant, now.examples)


def _is_comparable(entry: Entry, timing: Timing) -> bool:
    return not entry.too_noisy and (entry.fingerprint, entry.batch) == (timing.fingerprint, timing.batch)


def _figures(entry: Entry) -> dict[str, int | None]:
    figures = entry.figures
    own = {name: getattr(figures, name) for name in figures.__slots__ if name != "file_bytes"}
    if figures.params is not None and figures.trainable is not None:
        own["non_trainable"] = figures.params - figures.trainable
    return own


def _name(run: Recorded) -> str:
    commit = f", {run.commit_shown}" if run.commit else ""
    return f"run {run.number} of {run.at:%Y-%m-%d}{commit}"


def _timing(entry: Entry) -> Timing:
    median = entry.latency_ms or 0.0
    return Timing(
        median_ms=median,
        interval_ms=(entry.low_ms or median, entry.high_ms or median),
        confidence=entry.confidence or 0.0,
        processes=0,
        too_noisy=entry.too_noisy,
        runtime=entry.runtime,
        device=entry.device,
        cpu=entry.machine,
        threads=entry.threads or 1,
        batch=entry.batch or 1,
        fingerprint=entry.fingerprint,
    )
