"""Runs written to a database and read from it."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from costlens.errors import UsageError
from costlens.results.comparison import FIGURES, Figures
from costlens.results.history import Entry, Recorded
from costlens.storage.history.tables import ENTRIES, RUNS, row_of, storable

_AT_ONCE = 500
"""Rows of one statement."""
_COLUMNS = tuple(column for column in RUNS.c if column.name != "document")
_PLAIN = tuple(each.name for each in fields(Entry) if each.name != "figures")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which runs are read: those of networks by name, of a variant, since a time, the newest ``last`` of them.

    accepted: only those whose command ended well.
    """

    names: tuple[str, ...] = ()
    variant: str = ""
    since: datetime | None = None
    last: int | None = None
    accepted: bool = False


def add(connection: Connection, new: Sequence[tuple[Recorded, str]]) -> list[int | None]:
    """Keep runs with their documents and return their numbers; None of one whose key is there already."""
    numbers: list[int | None] = []
    for start in range(0, len(new), _AT_ONCE):
        some = new[start : start + _AT_ONCE]
        keys = [run.key for run, _ in some]
        there = set(connection.execute(select(RUNS.c.key).where(RUNS.c.key.in_(keys))).scalars())
        fresh = {run.key: (run, document) for run, document in some if run.key not in there}
        given = _insert(connection, list(fresh.values()))
        numbers += [given.pop(key, None) for key in keys]  # of two equal keys the first is kept
    return numbers


def _insert(connection: Connection, new: Sequence[tuple[Recorded, str]]) -> dict[str, int]:
    if not new:
        return {}
    rows = [_row(run, document) for run, document in new]
    made = connection.execute(insert(RUNS).returning(RUNS.c.key, RUNS.c.number), rows)
    numbers = {key: int(number) for key, number in made}
    entries = [row_of(one, numbers[run.key], place) for run, _ in new for place, one in enumerate(run.entries)]
    if entries:
        connection.execute(insert(ENTRIES), entries)
    return numbers


def _row(run: Recorded, document: str) -> dict[str, Any]:
    return {
        "key": run.key,
        "command": storable(run.command),
        "at": run.at,
        "recorded": run.recorded,
        "costlens": storable(run.costlens),
        "commit_hash": storable(run.commit),
        "dirty": run.dirty,
        "exit_code": run.exit_code,
        "schema": storable(run.schema),
        "document": zlib.compress(document.encode("utf-8", "surrogatepass")),
    }


def find(connection: Connection, wanted: Wanted) -> list[Recorded]:
    """Return the runs that are wanted with their entries, the oldest first.

    Where networks or a variant are named, a run has the entries of these only.
    """
    asked = _selected(select(*_COLUMNS), wanted).order_by(RUNS.c.at.desc(), RUNS.c.number.desc())
    if wanted.last is not None:
        asked = asked.limit(wanted.last)
    runs = [_run(row) for row in connection.execute(asked)][::-1]
    entries = _entries(connection, wanted, [run.number for run in runs])
    return [replace(run, entries=tuple(entries.get(run.number, ()))) for run in runs]


def count(connection: Connection) -> int:
    """Return how many runs there are."""
    return int(connection.execute(select(func.count()).select_from(RUNS)).scalar_one())


def names(connection: Connection) -> list[str]:
    """Return the names of all networks."""
    return list(connection.execute(select(ENTRIES.c.name).distinct().order_by(ENTRIES.c.name)).scalars())


def one(connection: Connection, number: int) -> tuple[Recorded, str]:
    """Return a run and its document; UsageError where there is none of this number."""
    row = connection.execute(select(*RUNS.c).where(RUNS.c.number == number)).first()
    if row is None:
        raise UsageError(f"run {number}: no such run; costlens history list shows those that there are")
    entries = _entries(connection, Wanted(), [number])
    return replace(_run(row), entries=tuple(entries.get(number, ()))), text_of(row.document)


def documents(connection: Connection, numbers: Sequence[int]) -> Iterator[tuple[Recorded, str]]:
    """Yield runs with all their entries and their documents."""
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        entries = _entries(connection, Wanted(), some)
        rows = {row.number: row for row in connection.execute(select(*RUNS.c).where(RUNS.c.number.in_(some)))}
        for number in some:
            row = rows[number]
            yield replace(_run(row), entries=tuple(entries.get(number, ()))), text_of(row.document)


def moments(connection: Connection) -> list[tuple[int, datetime]]:
    """Return the numbers of all runs and their times, the oldest first."""
    asked = select(RUNS.c.number, RUNS.c.at).order_by(RUNS.c.at, RUNS.c.number)
    return [(number, at) for number, at in connection.execute(asked)]


def remove(connection: Connection, numbers: Sequence[int]) -> None:
    """Remove runs and their entries."""
    for start in range(0, len(numbers), _AT_ONCE):
        some = numbers[start : start + _AT_ONCE]
        connection.execute(delete(ENTRIES).where(ENTRIES.c.run.in_(some)))
        connection.execute(delete(RUNS).where(RUNS.c.number.in_(some)))


def text_of(document: bytes) -> str:
    """Return the JSON text of a stored document."""
    return zlib.decompress(document).decode("utf-8", "surrogatepass")


def _selected(asked: Select[Any], wanted: Wanted) -> Select[Any]:
    """Keep to the runs that are wanted."""
    if wanted.since is not None:
        asked = asked.where(RUNS.c.at >= wanted.since)
    if wanted.accepted:
        asked = asked.where(RUNS.c.exit_code == 0)
    held = select(ENTRIES.c.run).where(ENTRIES.c.run == RUNS.c.number)
    if wanted.names:
        held = held.where(ENTRIES.c.name.in_(wanted.names))
    if wanted.variant:
        held = held.where(ENTRIES.c.variant == wanted.variant)
    return asked.where(held.exists()) if wanted.names or wanted.variant else asked


def _entries(connection: Connection, wanted: Wanted, numbers: Sequence[int]) -> dict[int, list[Entry]]:
    """Return the entries of runs by the run's number."""
    found: dict[int, list[Entry]] = {}
    asked = select(*ENTRIES.c).order_by(ENTRIES.c.run, ENTRIES.c.place)
    if wanted.names:
        asked = asked.where(ENTRIES.c.name.in_(wanted.names))
    if wanted.variant:
        asked = asked.where(ENTRIES.c.variant == wanted.variant)
    for start in range(0, len(numbers), _AT_ONCE):
        some = asked.where(ENTRIES.c.run.in_(numbers[start : start + _AT_ONCE]))
        for row in connection.execute(some).mappings():
            found.setdefault(row["run"], []).append(_entry(row))
    return found


def _entry(row: Mapping[Any, Any]) -> Entry:
    plain = {name: row[name] for name in _PLAIN}
    return Entry(figures=Figures(**{name: row[name] for name in FIGURES}), **plain)


def _run(row: Row[Any]) -> Recorded:
    return Recorded(
        number=row.number,
        key=row.key,
        command=row.command,
        at=row.at,
        recorded=row.recorded,
        costlens=row.costlens,
        commit=row.commit_hash,
        dirty=row.dirty,
        exit_code=row.exit_code,
        schema=row.schema,
    )
