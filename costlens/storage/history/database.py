"""The history's database: one SQLite file, or PostgreSQL by its URL; opened, made and migrated, or refused."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import disk_usage
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.pool import NullPool

from costlens.errors import RuntimeUnavailable, UsageError, first_line, not_installed
from costlens.storage.files import reason, scratch, write_whole
from costlens.storage.history.tables import HEAD, VERSION_TABLE
from costlens.storage.lock import PATIENCE_S, alone

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Connection", "Database"]
_POSTGRESQL = "postgresql"
_SERVERS = ("postgresql", "postgres", "postgresql+psycopg")
_HELD = 0x636F7374  # the advisory lock of whoever changes the schema: "cost"
_CONNECT_S = 10
_FULL, _READ_ONLY, _CORRUPT, _NO_DATABASE, _IO, _BUSY = 13, 8, 11, 26, 10, 5
_ROOM_BYTES = 2**20
_WHY = {
    _FULL: "the disk is full; free space",
    _READ_ONLY: "it cannot be written; correct its rights, or name another file with --db",
    _CORRUPT: "the file is damaged; restore it, or name another file with --db",
    _NO_DATABASE: "is not a database; name another file with --db",
    _BUSY: f"another process has held it for {PATIENCE_S:.0f} s; end that one",
}
"""What SQLite's error codes say, with the remedy."""


class Database:
    """Where a history is: a file, or a server's database. Nothing is opened before it is used."""

    def __init__(self, place: str | Path) -> None:
        """Read a path, or a URL; UsageError for another server than PostgreSQL."""
        self.url = _url(str(place))
        self.is_file = self.url.get_backend_name() == "sqlite"
        self.path = Path(self.url.database or "") if self.is_file else None

    @property
    def shown(self) -> str:
        """The place as messages name it; a password is not shown."""
        return str(self.path) if self.path else self.url.set(drivername=_POSTGRESQL).render_as_string()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are kept together at the end, or not at all.

        The database is made where there is none, and migrated where it is older. UsageError where it cannot be
        written, is none of ours, or is of a newer costlens; RuntimeUnavailable where a server is not there.
        """
        with self._explained():
            if self.path:
                self._make(self.path)
            engine = _engine(self.url, writes=True)
            with engine.begin() as connection:
                if self._version(connection) == HEAD:
                    yield connection
                    return
            self._upgrade(engine)
            with engine.begin() as connection:
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that reads; UsageError where there is no database yet. Otherwise as ``writing``."""
        with self._explained():
            if self.path and not self.path.exists():
                raise UsageError(f"{self.shown}: no such history; record a run first: costlens count MODEL --record")
            engine = _engine(self.url, writes=False, path=self.path)
            with engine.connect() as connection:
                found = self._version(connection)
                if found is None:
                    raise UsageError(f"{self.shown}: holds no history; record a run first, or name another with --db")
                if found == HEAD:
                    yield connection
                    return
            self._upgrade(_engine(self.url, writes=True))
            with engine.connect() as connection:
                yield connection

    def compact(self) -> None:
        """Give the room of what was removed back to the disk; a server does that by itself."""
        if self.path:
            with self._explained(), closing(sqlite3.connect(self.path, PATIENCE_S, isolation_level=None)) as connection:
                connection.execute("VACUUM")

    def _make(self, path: Path) -> None:
        """Make a file that is not there: aside, and then whole in its place, since others may be looking for it.

        While SQLite makes a file of its own, those who find it are refused instead of waiting.
        """
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; name a file with --db")
        if _is_there(path):
            return
        with alone(path.parent), scratch() as folder:
            if _is_there(path):
                return
            made = Database(folder / path.name)
            with closing(sqlite3.connect(folder / path.name)) as first:
                first.execute("PRAGMA journal_mode=WAL")
            made._upgrade(_engine(made.url, writes=True))
            write_whole(path, (folder / path.name).read_bytes())

    def _upgrade(self, engine: Engine) -> None:
        from alembic import command

        with engine.begin() as connection:
            if connection.dialect.name == _POSTGRESQL:
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_HELD})"))
            if self._version(connection) != HEAD:
                command.upgrade(_migrations(connection), "head")

    def _version(self, connection: Connection) -> str | None:
        """Return the version of the schema, None where it has no tables; UsageError for one that is not ours to use."""
        names = set(inspect(connection).get_table_names())
        if VERSION_TABLE not in names:
            if self.is_file and names:
                other = ", ".join(sorted(names)[:3])
                raise UsageError(f"{self.shown}: is the database of another program ({other}); name another with --db")
            return None
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608  # a constant
        if found is not None and str(found) > HEAD:
            raise UsageError(
                f"{self.shown}: was written by a newer costlens (schema {found}, this one knows {HEAD}); "
                "upgrade it: pip install -U costlens-nn, or name another database with --db"
            )
        return None if found is None else str(found)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Raise our errors for those of the database."""
        try:
            yield
        except ModuleNotFoundError as error:
            raise not_installed(error) or error from None
        except DBAPIError as error:
            raise self._error(error.orig or error, is_operational=isinstance(error, OperationalError)) from error
        except sqlite3.Error as error:
            raise self._error(error, is_operational=True) from error
        except OSError as error:
            raise UsageError(f"{self.shown}: {reason(error).lower()}; name another file with --db") from error

    def _error(self, error: BaseException, *, is_operational: bool) -> UsageError | RuntimeUnavailable:
        said = first_line(error)
        if not self.is_file:
            if is_operational and getattr(error, "sqlstate", None) is None:
                return RuntimeUnavailable(
                    f"{self.shown}: the server cannot be reached: {said}; start it, or correct --db"
                )
            return UsageError(f"{self.shown}: {said}; correct --db, or ask who runs the server")
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == _IO and self.path and disk_usage(self.path.parent).free < _ROOM_BYTES:
            code = _FULL  # there is no room for the file that its writers share
        why = _WHY.get(code) or f"cannot be used: {said}; name another file with --db"
        return UsageError(f"{self.shown}: {why}")


def _is_there(path: Path) -> bool:
    return path.exists() and path.stat().st_size > 0


def _url(place: str) -> URL:
    """Return the URL of a place; UsageError where it names no database that costlens writes."""
    if "://" not in place:
        return URL.create("sqlite", database=os.path.abspath(os.path.expanduser(place)))
    try:
        url = make_url(place)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in (*_SERVERS, "sqlite"):
        shown = place.partition("://")[0]
        raise UsageError(f"--db {shown}://…: expected a file, or postgresql://user@host/database")
    if url.drivername == "sqlite":
        return url.set(database=os.path.abspath(url.database or ""))
    return url.set(drivername="postgresql+psycopg")


def _engine(url: URL, *, writes: bool, path: Path | None = None) -> Engine:
    """Return what connects; each connection is closed after its use, so that no process of a pool inherits one."""
    if url.get_backend_name() != "sqlite":
        return create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _CONNECT_S})
    made = create_engine(
        _read_only(path) if path and not writes else url, poolclass=NullPool, connect_args={"timeout": PATIENCE_S}
    )
    event.listen(made, "connect", _own_transactions)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"  # who may write waits at once, and never in the middle
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql(begin))
    return made


def _own_transactions(connection: Any, record: object) -> None:
    """Let us begin transactions: Python's sqlite3 would end them at each change of the schema."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")


def _read_only(path: Path) -> URL:
    """Return the URL of a file that is only read; where its folder cannot be written, SQLite makes no file."""
    alone_in_it = not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists()
    options = {"uri": "true", "mode": "ro", **({"immutable": "1"} if alone_in_it else {})}
    return URL.create("sqlite", database=f"file:{quote(path.as_posix())}", query=options)


def _migrations(connection: Connection) -> Config:
    """Return alembic's settings for a connection."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
