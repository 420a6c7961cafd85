"""The history: 10,000 points written and read, a trend of 10,000 runs, and writers that are killed.

Points are those of one exploration. PostgreSQL is a server that this script starts, where it is installed; its figures
are left out elsewhere. Run from the project's root: python tests/perf/history.py [--full]
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import _frame

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from costlens.results.comparison import Figures
from costlens.results.history import Entry, Recorded
from costlens.storage.history import runs
from costlens.storage.history.database import Database
from costlens.storage.history.runs import Wanted
from tests.cases.recorded import entry, noisy, recorded
from tests.fakes import postgresql
from tests.fakes.history_writers import storm

MOST_S = {"SQLite": 5.0, "PostgreSQL": 20.0}
MOST_PLOT_S = 3.0


@contextmanager
def places() -> Iterator[dict[str, Callable[[str], str]]]:
    """Yield what names a new place of each kind of database."""
    with tempfile.TemporaryDirectory() as folder:
        kinds: dict[str, Callable[[str], str]] = {"SQLite": lambda name: str(Path(folder) / f"{name}.db")}
        if postgresql.reason():
            yield kinds
            return
        with postgresql.server() as url:

            def made(name: str) -> str:
                place = url.replace("@/postgres", f"@/{name}")
                from sqlalchemy import create_engine

                engine = create_engine(url.replace("postgresql", "postgresql+psycopg"), isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    connection.exec_driver_sql(f"CREATE DATABASE {name}")
                engine.dispose()
                return place

            yield {**kinds, "PostgreSQL": made}


def exploration(points: int) -> Recorded:
    """Return the run of an exploration of so many points."""
    figures = (Figures(*(1000 * number + place for place in range(12))) for number in range(points))
    entries = [Entry("net", f"alpha={number}", "separable", figures=each) for number, each in enumerate(figures)]
    return recorded(0, *entries, command="explore", schema="costlens.exploration/1")


def written_and_read(place: str, run: Recorded) -> tuple[float, float]:
    """Return the seconds that it takes to keep a run in a new database, and to read it again; both must agree."""
    document = '{"schema": "x", "points": [' + ",".join(f'{{"macs": {n}}}' for n in range(len(run.entries))) + "]}"
    database, start = Database(place), time.perf_counter()
    with database.writing() as connection:
        runs.add(connection, [(run, document)])
    middle = time.perf_counter()
    with database.reading() as connection:
        (found,) = runs.find(connection, Wanted())
        (_, text) = runs.one(connection, found.number)
    end = time.perf_counter()
    if found.entries != run.entries or text != document:
        raise SystemExit("what was read is not what was written")
    return middle - start, end - middle


def plotted(place: str, number: int) -> float:
    """Return the seconds of ``costlens history plot`` as a page of HTML, the whole process, over so many runs."""
    times = noisy([(number // 2, 3.0), (number - number // 2, 3.3)], 0.02)
    with Database(place).writing() as connection:
        runs.add(connection, [(recorded(day, entry(latency_ms=ms)), "{}") for day, ms in enumerate(times)])
    command = [*_frame.COSTLENS, "history", "plot", "--db", place, "--format", "html"]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, "COLUMNS": "100"})
    took = time.perf_counter() - start
    if "1 change of level" not in done.stdout:
        raise SystemExit("the change of level is not on the page")
    return took


def measure(full: bool) -> tuple[list[str], bool]:
    points, writers, records, kills = (10_000, 8, 500, 100) if full else (500, 4, 20, 5)
    run = exploration(points)
    timed, storms, missed = [], [], False
    with places() as kinds, tempfile.TemporaryDirectory() as folder:
        for kind, place in kinds.items():
            write_s, read_s = written_and_read(place("points"), run)
            plot_s = plotted(place("plot"), points)
            missed |= write_s + read_s > MOST_S[kind] or plot_s > MOST_PLOT_S
            timed.append((kind, f"{write_s:.2f}", f"{read_s:.2f}", f"{MOST_S[kind]:.0f}", f"{plot_s:.2f}"))
            _frame.progress(timed[-1])
            logs = Path(folder) / kind
            logs.mkdir()
            start = time.perf_counter()
            found = storm(place("storm"), logs, writers, records, kills=kills)
            took = time.perf_counter() - start
            missed |= bool(found.lost or found.broken) or found.there != found.said
            lost = str(len(found.lost))
            storms.append((kind, f"{found.said:,}", f"{found.there:,}", lost, str(found.kills), f"{took:.0f}"))
            _frame.progress(storms[-1])
    headers = ("database", "written, s", "read, s", "both at most, s", f"plot of {points:,} runs, s")
    return [
        f"{points:,} points of one exploration, written with their document and read again; `costlens history plot` of",
        f"as many runs to HTML, the whole process ({MOST_PLOT_S:.0f} s at most).",
        "",
        *_frame.table(headers, timed),
        "",
        f"{writers} processes record {records} runs each into one new database at once, a transaction a run. One of",
        "them is killed by SIGKILL at random moments, started again, and records until it was killed so often. A run",
        "that a writer was told is kept must be there, with its entries.",
        "",
        *_frame.table(("database", "told as kept", "there", "lost", "kills", "seconds"), storms),
        *(["", f"PostgreSQL: not measured, {postgresql.reason()}."] if postgresql.reason() else []),
    ], missed


if __name__ == "__main__":
    _frame.run("history", "The history: points, a trend, and writers that are killed", measure)
