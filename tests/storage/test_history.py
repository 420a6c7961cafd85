"""The history's database: what is written is read again, and what is no history of ours is refused and left."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from costlens.errors import CostlensError, RuntimeUnavailable, UsageError
from costlens.results.comparison import Figures
from costlens.results.history import Entry, Recorded
from costlens.storage.history import database as opening
from costlens.storage.history import runs
from costlens.storage.history.database import Database
from costlens.storage.history.runs import Wanted
from costlens.storage.history.tables import HEAD, METADATA, MOST, VERSION_TABLE
from tests.cases.recorded import START, entry, recorded
from tests.fakes.postgresql import postgresql
from tests.places import ROOT

__all__ = ["postgresql"]
KINDS = ("sqlite", "postgresql")


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """Return an empty database of each kind."""
    if request.param == "sqlite":
        return Database(tmp_path / "history.db")
    found = Database(request.getfixturevalue("postgresql"))
    with found.writing() as connection:
        METADATA.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    return found


def added(place: Database, *new: Recorded, document: str = '{"schema": "x"}') -> list[int | None]:
    with place.writing() as connection:
        return runs.add(connection, [(run, document) for run in new])


def found(place: Database, wanted: Wanted = Wanted()) -> list[Recorded]:  # noqa: B008  # a value
    with place.reading() as connection:
        return runs.find(connection, wanted)


FULL = Entry(
    "net", "alpha=0.5, size=8", "mixed: *=separable", "ab12", 2, "onnxruntime 1", "cpu", 2, 4, "int8", "median", "f",
    "m", Figures(*range(1, 13)), 1.5, 1.4, 1.6, 0.98, too_noisy=True,
)  # fmt: skip


def test_a_run_is_read_as_it_was_written(place: Database) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    run = recorded(0, FULL, entry(latency_ms=2.0), at=datetime(2026, 3, 1, 9, 5, 1, 250, zone), dirty=True, exit_code=3)
    (number,) = added(place, run, document='{"ä": "\\ud800 \\u0000"}')
    assert found(place) == [replace(run, number=number)]
    assert found(place)[0].at.tzinfo == UTC
    with place.reading() as connection:
        assert runs.one(connection, number or 0) == (replace(run, number=number), '{"ä": "\\ud800 \\u0000"}')


HOSTILE = ["'; DROP TABLE costlens_run; --", "a\0b", "caf\udce9", "🦀" * 500, ""]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_names_of_others_are_text(name: str, place: Database) -> None:
    added(place, recorded(0, entry(name)))
    (run,) = found(place)
    assert run.entries[0].name == name.replace("\0", "\\x00").encode("utf-8", "backslashreplace").decode()


def test_a_count_beyond_what_a_column_holds_is_not_known(place: Database) -> None:
    added(place, recorded(0, entry(macs=MOST), entry(macs=MOST + 1)))
    assert [one.figures.macs for one in found(place)[0].entries] == [MOST, None]


def test_a_key_is_kept_once(place: Database) -> None:
    assert [number is None for number in added(place, recorded(0), recorded(1), recorded(0))] == [False, False, True]
    assert [number is None for number in added(place, recorded(1), recorded(2))] == [True, False]
    assert [run.key for run in found(place)] == ["key 0", "key 1", "key 2"]


def test_numbers_are_never_given_again(place: Database) -> None:
    first, second = added(place, recorded(0), recorded(1))
    with place.writing() as connection:
        runs.remove(connection, [first or 0, second or 0])
    (third,) = added(place, recorded(0))
    assert (third or 0) > (second or 0)
    assert [run.number for run in found(place)] == [third]


# what is wanted, the days of the runs that are found
WANTED: list[tuple[Wanted, list[int]]] = [
    (Wanted(), [0, 1, 2, 3]),
    (Wanted(("net",)), [0, 1, 3]),
    (Wanted(("net", "other")), [0, 1, 2, 3]),
    (Wanted(("none",)), []),
    (Wanted(variant="fast"), [3]),
    (Wanted(since=START + timedelta(days=2)), [2, 3]),
    (Wanted(last=2), [2, 3]),
    (Wanted(("net",), last=2), [1, 3]),
    (Wanted(accepted=True), [0, 2, 3]),
]


@pytest.mark.parametrize(("wanted", "days"), WANTED, ids=str)
def test_runs_are_found_by_what_is_asked(wanted: Wanted, days: list[int], place: Database) -> None:
    fast = recorded(3, entry(), entry(variant="fast"))
    new = [recorded(0), recorded(1, exit_code=3), recorded(2, entry("other")), fast]
    added(place, *new[::-1])
    assert [(run.at - START).days for run in found(place, wanted)] == days
    assert all(one.variant == "fast" for run in found(place, Wanted(variant="fast")) for one in run.entries)


def interrupted(place: Database) -> None:
    with place.writing() as connection:
        runs.add(connection, [(recorded(1), "{}")])
        raise ZeroDivisionError


def test_what_fails_in_the_middle_is_not_there(place: Database) -> None:
    added(place, recorded(0))
    with pytest.raises(ZeroDivisionError):
        interrupted(place)
    assert len(found(place)) == 1


def test_migrations_make_the_tables_and_undo_them(place: Database) -> None:
    from alembic import command

    added(place, recorded(0))
    with place.writing() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        ours = [one for one in compare_metadata(context, METADATA) if "costlens" in str(one)]
        assert ours == []
        command.downgrade(opening._migrations(connection), "base")
    with pytest.raises(UsageError, match="holds no history"):
        found(place)
    assert added(place, recorded(0)) != []


def test_the_newest_migration_is_the_version_that_is_written() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(opening.__file__).parent / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def set_version(place: Database, version: str) -> None:
    with place.writing() as connection:
        connection.exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = '{version}'")


def test_a_newer_schema_is_refused_with_the_remedy(place: Database) -> None:
    added(place, recorded(0))
    set_version(place, "0007")
    for act in (lambda: found(place), lambda: added(place, recorded(1))):
        with pytest.raises(UsageError, match=r"newer costlens \(schema 0007, this one knows 0001\); upgrade it"):
            act()


def text_file(path: Path) -> None:
    path.write_text("no database at all, but long enough to look at\n" * 100)


def damaged(path: Path) -> None:
    added(Database(path), *(recorded(day) for day in range(50)))
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


def of_others(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE song (title TEXT)")


# what lies there, what is said
WRONG: list[tuple[Callable[[Path], object], str]] = [
    (text_file, "is not a database; name another file with --db"),
    (damaged, "the file is damaged; restore it, or name another file with --db"),
    (of_others, r"is the database of another program \(song\); name another with --db"),
    (Path.mkdir, "is a folder; name a file with --db"),
]


@pytest.mark.parametrize(("make", "says"), WRONG, ids=[make.__name__ for make, _ in WRONG])
def test_what_is_no_history_is_refused_and_left(make: Callable[[Path], object], says: str, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    make(path)
    before = path.read_bytes() if path.is_file() else b""
    with pytest.raises(UsageError, match=says) as raised:
        added(Database(path), recorded(1))
    assert str(raised.value).startswith(f"{path}: ")
    if path.is_file():
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(before).digest()


def test_what_is_only_read_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such history; record a run first: costlens count MODEL --record"):
        found(Database(tmp_path / "none" / "history.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("url", "error", "says"), [
    ("postgresql://nobody@127.0.0.1:1/none", RuntimeUnavailable, "the server cannot be reached: "),
    ("mysql://me@here/db", UsageError, r"expected a file, or postgresql://user@host/database"),
    ("postgresql+asyncpg://me:secret@here/db", UsageError, r"expected a file, or postgresql://user@host/database"),
])  # fmt: skip
def test_a_server_that_is_none_is_refused(url: str, error: type[CostlensError], says: str) -> None:
    with pytest.raises(error, match=says) as raised:
        found(Database(url))
    assert "secret" not in str(raised.value)


def test_a_wrong_database_of_a_server_is_said_without_the_password(postgresql: str) -> None:
    url = postgresql.replace("postgres@/postgres", "postgres:secret@/none")
    with pytest.raises(CostlensError, match='database "none" does not exist') as raised:
        found(Database(url))
    assert "secret" not in str(raised.value)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, own = tmp_path / "history.db", opening._own_transactions
    added(Database(path), recorded(0))

    def small(connection: Any, record: object) -> None:  # SQLite says of a full file what it says of a full disk
        own(connection, record)
        connection.execute("PRAGMA max_page_count = 20")

    monkeypatch.setattr(opening, "_own_transactions", small)
    with pytest.raises(UsageError, match="the disk is full; free space"):
        added(Database(path), recorded(1), document=os.urandom(2**20).hex())
    assert [run.key for run in found(Database(path))] == ["key 0"]


WRITE = """
from tests.storage.test_history import Database, added, found, recorded
try:
    print([run.key for run in found(Database({path!r}))])
    added(Database({path!r}), recorded(1))
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() == 0, reason="root may write anything")
def test_a_file_that_is_only_readable_is_read_and_not_written() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "history.db"
        added(Database(path), recorded(0))
        path.chmod(0o444)
        path.parent.chmod(0o555)
        code = f"import sys; sys.path.insert(0, {str(ROOT)!r}){WRITE.format(path=str(path))}"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)
        path.parent.chmod(0o755)
        says = "it cannot be written; correct its rights, or name another file with --db"
        assert done.stdout.splitlines() == ["['key 0']", f"UsageError {path}: {says}"], done.stderr
