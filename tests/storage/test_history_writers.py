"""Several writers at once, one of them killed again and again: what was said to be kept is there, whole."""

import sys
from pathlib import Path

import pytest

from costlens.storage.history.database import Database
from costlens.storage.history.tables import METADATA, VERSION_TABLE
from tests.fakes.history_writers import storm
from tests.fakes.postgresql import postgresql

__all__ = ["postgresql"]
WRITERS, RECORDS, KILLS = 4, 12, 8

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")


def test_a_file_loses_nothing(tmp_path: Path) -> None:
    """The file is new: the writers make it at the same time."""
    outcome = storm(str(tmp_path / "history.db"), tmp_path, WRITERS, RECORDS, kills=KILLS)
    assert (outcome.lost, outcome.broken) == ((), ())
    assert outcome.kills == KILLS
    assert outcome.said == outcome.there >= WRITERS * RECORDS


def test_a_server_loses_nothing(postgresql: str, tmp_path: Path) -> None:
    with Database(postgresql).writing() as connection:
        METADATA.drop_all(connection)
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    outcome = storm(postgresql, tmp_path, WRITERS, RECORDS, kills=KILLS)
    assert (outcome.lost, outcome.broken) == ((), ())
    assert outcome.kills == KILLS
    assert outcome.said == outcome.there >= WRITERS * RECORDS
