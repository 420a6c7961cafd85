"""Runs that come from files, go to a file, or go for good."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import UsageError, most_severe_code, not_installed
from costlens.errors.packages import DISTRIBUTION
from costlens.results.counts import SCHEMA
from costlens.results.history import Entry, Recorded
from costlens.results.history_change import HistoryChange, Skipped
from costlens.sources.git.revisions import Commit, here
from costlens.storage.cache import versions
from costlens.storage.files import reason, require_room, utf8, write_whole, writing
from costlens.storage.history import runs
from costlens.storage.history.runs import Wanted
from costlens.tasks.history.entries import Facts, entries, of_counts
from costlens.tasks.history.origin import Origin
from costlens.tasks.history.read import results_of

if TYPE_CHECKING:
    from costlens.storage.history.database import Database

LINES, CSV, PARQUET = ".jsonl", ".csv", ".parquet"
_RUN = "costlens.history-run/1"
_MOST = 2**28
_AT_ONCE = 1000
_New = tuple[Recorded, str]


def exported(database: Database, wanted: Wanted, output: Path) -> HistoryChange:
    """Write runs to a file: whole as ``.jsonl``, which is imported again; figures alone as ``.csv`` or ``.parquet``."""
    if output.suffix not in (LINES, CSV, PARQUET):
        raise UsageError(f"-o {output}: expected a name that ends in {LINES}, {CSV} or {PARQUET}")
    require_room(output)
    with database.reading() as connection:
        found = runs.find(connection, wanted)
        total = runs.count(connection)
        if output.suffix == LINES:
            whole = runs.documents(connection, [run.number for run in found])
            content: str | bytes = "".join(_line(run, document) for run, document in whole)
        else:
            content = _figures(found, output.suffix)
    with writing(output, "choose another file with -o"):
        write_whole(output, content)
    numbers = tuple(run.number for run in found)
    return HistoryChange(HistoryChange.SCHEMA, "exported", database.shown, numbers, total, file=str(output))


def _figures(found: Sequence[Recorded], suffix: str) -> str | bytes:
    from costlens.formats import csv
    from costlens.formats.pages.history import RECORDED, records_of
    from costlens.results.page import Page, Records

    records = Records(RECORDED, [row for run in found for row in records_of(run)])
    if suffix == CSV:
        return csv.render(Page("", [], records=records))
    try:
        from costlens.formats._parquet import parquet

        return parquet(records)
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None


def _line(run: Recorded, document: str) -> str:
    from pydantic import TypeAdapter

    held = {
        "schema": _RUN,
        "run": TypeAdapter(Recorded).dump_python(run, mode="json"),
        "document": json.loads(document),
    }
    return json.dumps(held, ensure_ascii=False) + "\n"


def pruned(database: Database, before: datetime | None, last: int | None) -> HistoryChange:
    """Remove runs older than a time, or all but the newest ``last``; UsageError where neither is given."""
    if before is None and last is None:
        raise UsageError(
            "history prune: which runs? --before 2026-01-01 or --before 90d, or --last 1000 to keep so many"
        )
    with database.reading():
        pass  # a history that is not there is not made to be emptied
    with database.writing() as connection:
        found = runs.moments(connection)
        kept = len(found) - last if last is not None else 0
        gone = [
            number for place, (number, at) in enumerate(found)
            if (before is None or at < before) and (last is None or place < kept)
        ]  # fmt: skip
        runs.remove(connection, gone)
    if gone:
        database.compact()
    return HistoryChange(HistoryChange.SCHEMA, "pruned", database.shown, tuple(gone), len(found) - len(gone))


def imported(database: Database, files: Sequence[str]) -> HistoryChange:
    """Add the results in files and folders: reports, runs, what ``--format json`` and ``history export`` write.

    What was imported before is not there twice. UsageError for a file that was named and holds no result.
    """
    if not files:
        raise UsageError("history import: name files or folders: reports/, run.json, history.jsonl")
    new: list[_New] = []
    skipped: list[Skipped] = []
    for path, is_named in _paths(files):
        try:
            new += _runs_of(path)
        except UsageError as error:
            if is_named:
                raise
            skipped.append(Skipped(utf8(str(path)), str(error).removeprefix(f"{path}: ")))
    with database.writing() as connection:
        numbers: list[int | None] = []
        for start in range(0, len(new), _AT_ONCE):
            numbers += runs.add(connection, new[start : start + _AT_ONCE])
        total = runs.count(connection)
    added = tuple(number for number in numbers if number is not None)
    known = len(numbers) - len(added)
    return HistoryChange(HistoryChange.SCHEMA, "imported", database.shown, added, total, known, skipped=tuple(skipped))


def _paths(files: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    for name in files:
        path = Path(name)
        if not path.is_dir():
            yield path, True
            continue
        inside = (each for each in path.rglob("*") if each.suffix in (".json", LINES) and each.is_file())
        yield from ((each, False) for each in sorted(inside))


def _runs_of(path: Path) -> list[_New]:
    """Return the runs that a file holds; UsageError where it holds none."""
    try:
        if path.stat().st_size > _MOST:
            raise UsageError(f"{path}: is larger than {_MOST:,} bytes; export fewer runs")
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"{path}: no such file or folder") from None
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: cannot be read: {why}") from None
    if path.suffix == LINES:
        return [_of_line(line, f"{path}:{number}") for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    try:
        held = json.loads(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{path}: is not JSON; name a report.json, or what --format json wrote") from None
    return [_of_document(held, path)]


def _of_line(line: str, where: str) -> _New:
    from pydantic import TypeAdapter, ValidationError

    try:
        held = json.loads(line)
        if held["schema"] != _RUN:
            raise UsageError(f"{where}: expected schema {_RUN}, received {held['schema']!r}; export the history again")
        run = TypeAdapter(Recorded).validate_python(_with_times(held["run"]))
        return run, json.dumps(held["document"], ensure_ascii=False)
    except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
        raise UsageError(f"{where}: holds no run of a history; name what costlens history export wrote") from None


def _with_times(run: dict[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(run[name]).astimezone(UTC) for name in ("at", "recorded")}
    return {**run, **times}


def _of_document(held: Any, path: Path) -> _New:
    results = results_of(held, str(path))
    document = json.dumps(held, sort_keys=True)
    commit = _commit_of(path)
    at = commit.made if commit else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    networks = _entries(held, results, at)
    if not networks:
        raise UsageError(f"{path}: holds no network: it is of {_schema(held)}")
    failures = [error for one in results for error in getattr(one, "failures", ())]
    run = Recorded(
        number=0,
        key=hashlib.sha256(document.encode("utf-8", "surrogatepass")).hexdigest(),
        command=_command(held),
        at=at,
        recorded=datetime.now(UTC),
        costlens=versions([DISTRIBUTION])[DISTRIBUTION],
        commit=commit.hash if commit else "",
        dirty=False,
        exit_code=most_severe_code(error.exit_code for error in failures),
        schema=_schema(held),
        entries=networks,
    )
    return run, document


def _entries(held: Any, results: Iterable[Any], at: datetime) -> tuple[Entry, ...]:
    if isinstance(held, dict) and held.get("schema") == SCHEMA:
        return of_counts([*results], [one.get("knobs", {}) for one in held["models"]])
    return entries([*results], Facts(Origin(at)))


def _schema(held: Any) -> str:
    first = held[0] if isinstance(held, list) and held else held
    return str(first.get("schema", "")) if isinstance(first, dict) else ""


def _command(held: Any) -> str:
    """Return the command that writes such a document."""
    name = _schema(held).partition("/")[0].removeprefix("costlens.")
    return {"run": "bench", "latency": "bench", "comparison": "compare", "layer-times": "profile",
            "exploration": "explore"}.get(name, name)  # fmt: skip


def _commit_of(path: Path) -> Commit | None:
    """Return the last commit that changed a file as it is; None where the file is in none."""
    with suppress(UsageError, FileNotFoundError):
        repository = here()
        place, root = Path(os.path.realpath(path)), repository.root.resolve()
        if place.is_relative_to(root):
            name = place.relative_to(root).as_posix()
            if repository.commit("HEAD").read(name, _MOST) == path.read_bytes():
                return repository.last_change(name)
    return None
