"""Keeping what a command found: looked at before the work, written after it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import CostlensError, UsageError, most_severe_code
from costlens.errors.packages import DISTRIBUTION
from costlens.sources._source import Model
from costlens.storage.cache import versions
from costlens.storage.files import kept_elsewhere
from costlens.tasks.history import place

if TYPE_CHECKING:
    from costlens.results.history import Recorded
    from costlens.sources._word import Word
    from costlens.storage.history.database import Database


@dataclass(frozen=True, slots=True)
class Kept:
    """A run that was kept: its number, and where."""

    number: int
    database: str

    @property
    def said(self) -> str:
        """What to tell of it."""
        return f"recorded as run {self.number} of {self.database}"


@dataclass(frozen=True, slots=True)
class Recorder:
    """Keeps a result of a command in a database; without a database it keeps nothing.

    told: takes what is to be told of a run that was kept.
    """

    command: str = ""
    words: Sequence[str | Word] = ()
    database: Database | None = None
    told: Callable[[str], object] = str

    def keep(
        self, result: Any, failures: Iterable[CostlensError] = (), models: Callable[[], Sequence[Model]] = list
    ) -> list[CostlensError]:
        """Keep a result, and return the error of a database that did not take it: what was found is to be shown first.

        failures: what the command ends with. models: those that the result is about, where it does not say all of them.
        """
        if self.database is None:
            return []
        run, document = made(self.command, self.words, result, failures, models)
        if not run.entries:
            return []  # of a spec with errors there is nothing to remember
        try:
            self.told(add(self.database, run, document).said)
        except CostlensError as error:
            lost = kept_elsewhere({Path(f"{self.command}.json"): document})
            return [type(error)(f"not recorded: {error}{lost}{_AGAIN if lost else ''}")]
        return []


_AGAIN = ": costlens history import takes it"


def recorder(
    command: str,
    words: Sequence[str | Word],
    *,
    record: bool | None,
    db: str | Path | None,
    told: Callable[[str], object] = str,
    is_read: bool = False,
) -> Recorder:
    """Return what keeps the result of a command, where that is wanted: by an option, else by a project's settings.

    The database is opened, and made where there is none, before the work is done. UsageError where that fails.
    is_read: the command reads the database, whether it records or not.
    """
    said = place.settings(words)
    if not (said.record if record is None else record):
        if db is not None and not is_read:
            raise UsageError(f"--db {db}: says where to record, and nothing is recorded; add --record, or leave it out")
        return Recorder()
    found = place.database(db, said)
    with found.writing():
        pass
    return Recorder(command, words, found, told)


def made(
    command: str,
    words: Sequence[str | Word],
    result: Any,
    failures: Iterable[CostlensError] = (),
    models: Callable[[], Sequence[Model]] = list,
) -> tuple[Recorded, str]:
    """Return a result as a run with its document, which has no number yet."""
    from costlens.results.history import Recorded
    from costlens.tasks.history.entries import Facts, entries
    from costlens.tasks.history.origin import origin

    document, known = _document(result), list(models()) or _models(result)
    found = origin(words)
    run = Recorded(
        number=0,
        key=uuid.uuid4().hex,
        command=command,
        at=found.at,
        recorded=datetime.now(UTC),
        costlens=versions([DISTRIBUTION])[DISTRIBUTION],
        commit=found.commit,
        dirty=found.dirty,
        exit_code=most_severe_code(error.exit_code for error in failures),
        schema=_schema(document),
        entries=entries(result, Facts(found, known)),
    )
    return run, document


def add(database: Database, run: Recorded, document: str) -> Kept:
    """Keep a run."""
    from costlens.storage.history import runs

    with database.writing() as connection:
        (number,) = runs.add(connection, [(run, document)])
    return Kept(number or 0, database.shown)


def _models(result: Any) -> list[Model]:
    return [one for one in result if isinstance(one, Model)] if isinstance(result, list | tuple) else []


def _document(result: Any) -> str:
    """Return the JSON text of a result: of models their counts, of several results a list."""
    from costlens.results.counts import counts_document
    from costlens.results.stored import to_json

    if models := _models(result):
        return json.dumps(counts_document([one.count for one in models], [one.knobs for one in models]))
    if isinstance(result, list | tuple):
        return "[" + ",\n".join(to_json(one) for one in result) + "]"
    return to_json(result)


def _schema(document: str) -> str:
    held = json.loads(document)
    first = held[0] if isinstance(held, list) and held else held
    return str(first.get("schema", "")) if isinstance(first, dict) else ""
