"""The options of what is kept in the history, and what they make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._options import console
from costlens.commands._output import TERMINAL

if TYPE_CHECKING:
    from costlens.sources._word import Word
    from costlens.tasks.history.accepted import Accepted
    from costlens.tasks.history.record import Recorder

Record = Annotated[
    bool | None,
    Option("--record/--no-record", help="Keep the result in the history; the project's settings say so otherwise."),
]
Database = Annotated[
    str | None,
    Option("--db", metavar="DATABASE", help="The history: an SQLite file, or postgresql://… Default: COSTLENS_DB."),
]


def recorder(
    command: str, words: Sequence[str | Word], record: bool | None, db: str | None, name: str, *, is_read: bool = False
) -> Recorder:
    """Return what keeps the result of a command, and on a terminal says where; its database is opened now."""
    from costlens.tasks.history.record import recorder as made

    told = partial(console().print, soft_wrap=True) if name == TERMINAL else partial(echo, err=True)
    return made(command, words, record=record, db=db, told=told, is_read=is_read)


def accepted_runs(words: Sequence[str | Word], db: str | None) -> Accepted:
    """Return the accepted runs of the history; UsageError where there is none."""
    from costlens.tasks.history import place

    database = place.database(db, place.settings(words))
    from costlens.tasks.history.accepted import Accepted

    return Accepted(database)
