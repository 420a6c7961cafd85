"""The tables of the history: a run is a result as a command found it, its entries are the networks in it.

``migrations/versions/`` makes them; a test compares both. Names begin with ``costlens_``, so that a database of others
can hold them.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)

from costlens.results.comparison import FIGURES
from costlens.results.history import Entry

VERSION_TABLE = "costlens_version"
HEAD = "0001"
"""The version of the schema that this costlens writes; versions are numbers, which grow."""
MOST = 2**63 - 1
"""The largest count that a column holds; of a larger one the document alone tells."""


class Moment(TypeDecorator[datetime]):
    """A time in UTC, with its zone in every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a time as the database keeps it."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a time in UTC."""
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()
_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

RUNS = Table(
    "costlens_run",
    METADATA,
    Column("number", _NUMBER, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("command", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("recorded", Moment, nullable=False),
    Column("costlens", Text, nullable=False),
    Column("commit_hash", Text, nullable=False),
    Column("dirty", Boolean, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("schema", Text, nullable=False),
    Column("document", LargeBinary, nullable=False),
    sqlite_autoincrement=True,  # a number that was removed is never given again
)
"""document: the JSON text, compressed by zlib."""

ENTRIES = Table(
    "costlens_entry",
    METADATA,
    Column("run", _NUMBER, ForeignKey("costlens_run.number", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("knobs", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("runtime", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("threads", Integer),
    Column("batch", Integer),
    Column("precision", Text, nullable=False),
    Column("statistic", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("machine", Text, nullable=False),
    *(Column(name, BigInteger) for name in FIGURES),
    Column("latency_ms", Double),
    Column("low_ms", Double),
    Column("high_ms", Double),
    Column("confidence", Double),
    Column("too_noisy", Boolean, nullable=False),
    Index("costlens_entry_name", "name", "variant"),
)

_PLAIN = tuple(each.name for each in fields(Entry) if each.name not in ("figures",))


def row_of(entry: Entry, run: int, place: int) -> dict[str, Any]:
    """Return an entry as a row of its table."""
    row: dict[str, Any] = {"run": run, "place": place}
    for name in _PLAIN:
        value = getattr(entry, name)
        row[name] = storable(value) if isinstance(value, str) else value
    for name in FIGURES:
        figure = getattr(entry.figures, name)
        row[name] = figure if figure is not None and figure <= MOST else None
    return row


def storable(text: str) -> str:
    r"""Return a text that every database can keep: without zero bytes, and with what is not UTF-8 written out.

    >>> storable("a\0b")
    'a\\x00b'
    """
    return text.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()
