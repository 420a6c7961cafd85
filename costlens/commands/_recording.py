"""The options of what is kept in the history, and what they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Protocol

from costlens.commands._cli import Option, echo
from costlens.commands._options import console
from costlens.commands._output import TERMINAL

if TYPE_CHECKING:
    from costlens.errors import CostlensError
    from costlens.sources._source import Model
    from costlens.sources._word import Word
    from costlens.tasks.history.accepted import Accepted

Record = Annotated[
    bool | None,
    Option("--record/--no-record", help="Keep the result in the history; the project's settings say so otherwise."),
]
Database = Annotated[
    str | None,
    Option("--db", metavar="DATABASE", help="The history: an SQLite file, or postgresql://… Default: COSTLENS_DB."),
]
_SETTING = b"record"


class Keeper(Protocol):
    """What keeps the result of a command, where that is wanted."""

    def keep(
        self, result: Any, failures: Iterable[CostlensError] = (), models: Callable[[], Sequence[Model]] = list
    ) -> list[CostlensError]:
        """Keep a result, and return what prevented that."""
        ...


class _Nothing:
    """Keeps nothing, and imports nothing for it."""

    def keep(self, *given: object, **named: object) -> list[CostlensError]:
        """Return no error."""
        return []


def recorder(
    command: str, words: Sequence[str | Word], record: bool | None, db: str | None, name: str, *, is_read: bool = False
) -> Keeper:
    """Return what keeps the result of a command, and on a terminal says where; its database is opened now.

    is_read: the command reads the database, whether it records or not.
    """
    if not record and (db is None or is_read) and (record is False or not _may_be_set(words)):
        return _Nothing()
    from costlens.tasks.history.record import recorder as made

    told = partial(console().print, soft_wrap=True) if name == TERMINAL else partial(echo, err=True)
    return made(command, words, record=record, db=db, told=told, is_read=is_read)


def _may_be_set(words: Sequence[str | Word]) -> bool:
    """Say whether settings near the files may record; to read them properly takes a tenth of the time of a count."""
    named = (Path(one.partition("?")[0]) if isinstance(one, str) else one.path for one in words)
    with suppress(FileNotFoundError):  # a working directory that has been deleted
        return any(map(_says_so, {Path.cwd(), *(path.absolute().parent for path in named)}))
    return False


def _says_so(start: Path) -> bool:
    files = {folder / "pyproject.toml" for folder in (start, *start.parents)}
    for file in files:
        with suppress(OSError, ValueError):
            if _SETTING in file.read_bytes():
                return True
    return False


def accepted_runs(words: Sequence[str | Word], db: str | None) -> Accepted:
    """Return the accepted runs of the history; UsageError where there is none."""
    from costlens.tasks.history import place

    database = place.database(db, place.settings(words))
    from costlens.tasks.history.accepted import Accepted

    return Accepted(database)
