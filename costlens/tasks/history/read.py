"""What the history holds: runs, one of them with its result, and the difference of two."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from costlens.errors import UsageError, did_you_mean
from costlens.results.history import KNOWN, TIME, Entry, History, Recorded, StoredRun, labels
from costlens.results.history_diff import ChangedFigure, HistoryDiff
from costlens.storage.history import runs
from costlens.storage.history.runs import Wanted

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.storage.history.database import Connection, Database

_NAMED = 10
"""Names of one sentence at most."""


def listed(database: Database, wanted: Wanted) -> History:
    """Return runs; UsageError for a network that none of them has."""
    with database.reading() as connection:
        found = runs.find(connection, wanted)
        require_known(connection, wanted, found)
        return History(History.SCHEMA, database.shown, runs.count(connection), tuple(found))


def require_known(connection: Connection, wanted: Wanted, found: Sequence[Recorded]) -> None:
    """Raise UsageError for a network that the history does not have."""
    if found or not wanted.names:
        return
    known = runs.names(connection)
    for name in wanted.names:
        if name not in known:
            few = ", ".join(known[:_NAMED]) + (", …" if len(known) > _NAMED else "")
            guess = did_you_mean(name, known) or (f"; it holds {few}" if few else "")
            raise UsageError(f"{name}: the history holds no network of this name{guess}")


def shown(database: Database, number: int) -> StoredRun:
    """Return a run with its result; UsageError where there is none of this number."""
    with database.reading() as connection:
        run, document = runs.one(connection, number)
    return StoredRun(run, tuple(results_of(json.loads(document), f"run {number}")))


def results_of(held: Any, what: str) -> Iterable[Any]:
    """Return the results that a document holds: counts, or what a command wrote; UsageError of another version's."""
    from costlens.results.stored import document_of

    if isinstance(held, list):
        return [each for one in held for each in results_of(one, what)]
    counts = counts_of(held, what)
    if counts is not None:
        return counts
    found = document_of(held, what)
    if found is None:
        raise UsageError(f"{what}: holds no result of costlens")
    return [found]


def counts_of(held: Any, what: str) -> list[ModelCount] | None:
    """Return the counts of a document of counts; None of another one."""
    from pydantic import TypeAdapter, ValidationError

    from costlens.results.counts import SCHEMA, ModelCount

    if not isinstance(held, dict) or held.get("schema") != SCHEMA:
        return None
    try:
        return TypeAdapter(list[ModelCount]).validate_python(_as_json(held["models"]))
    except (ValidationError, KeyError) as error:
        raise UsageError(f"{what}: is not whole: {str(error).splitlines()[0]}; count the network again") from None


def _as_json(models: Any) -> Any:
    return [{name: value for name, value in one.items() if name != "knobs"} for one in models]


def differing(database: Database, before: int, after: int) -> HistoryDiff:
    """Compare the figures of two runs, network by network.

    Times stand beside each other, and have a ratio only where machine, runtime and conditions are equal.
    """
    with database.reading() as connection:
        (first, _), (second, _) = runs.one(connection, before), runs.one(connection, after)
    theirs = {_who(entry): entry for entry in first.entries}
    ours = {_who(entry): entry for entry in second.entries}
    called = labels([*first.entries, *second.entries])
    figures = [each for who, entry in theirs.items() if who in ours for each in _figures(called, entry, ours[who])]
    apart = sorted({one.fingerprint for run in (first, second) for one in run.entries if one.fingerprint})
    notes = []
    if len(apart) > 1:
        notes.append(f"Times of different machines or runtimes ({', '.join(apart)}) are not compared.")
    for number, own, others in ((before, theirs, ours), (after, ours, theirs)):
        alone = list(dict.fromkeys(_label(called, entry) for who, entry in own.items() if who not in others))
        if alone:
            more = f" and {len(alone) - _NAMED:,} more" if len(alone) > _NAMED else ""
            notes.append(f"Only in run {number}: {', '.join(alone[:_NAMED])}{more}.")
    return HistoryDiff(HistoryDiff.SCHEMA, _head(first), _head(second), tuple(figures), tuple(notes))


def _head(run: Recorded) -> Recorded:
    return replace(run, entries=())


def _who(entry: Entry) -> tuple[object, ...]:
    return (entry.name, entry.knobs, entry.variant, _conditions(entry))


def _label(called: Mapping[tuple[str, str], str], entry: Entry) -> str:
    network = called[entry.name, entry.knobs]
    return f"{network}:{entry.variant}" if entry.variant else network


def _conditions(entry: Entry) -> str:
    quarter = entry.statistic if entry.latency_ms is not None else ""
    return " ".join(map(str, filter(None, (entry.threads, entry.batch, entry.precision, quarter))))


def _figures(called: Mapping[tuple[str, str], str], before: Entry, after: Entry) -> Iterable[ChangedFigure]:
    alike = (before.fingerprint, before.condition) == (after.fingerprint, after.condition)
    for name in KNOWN:
        one, other = before.figure(name), after.figure(name)
        if one is not None or other is not None:
            yield ChangedFigure(_label(called, before), name, one, other, name != TIME or alike)
