"""Processes that record into one history at once, one of which is killed again and again."""

import itertools
import multiprocessing
import os
import random
import signal
import time
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from costlens.storage.history import runs
from costlens.storage.history.database import Database
from costlens.storage.history.runs import Wanted
from tests.cases.recorded import entry, recorded

_CONTEXT = multiprocessing.get_context("fork")
_LONGEST_S = 900.0


@dataclass(frozen=True)
class Outcome:
    """What was said to be kept, what is there, runs without their entries, and how often a writer was killed."""

    said: int
    there: int
    lost: tuple[str, ...]
    broken: tuple[str, ...]
    kills: int


def _write(place: str, name: str, records: int, log: Path, enough: Path | None = None) -> None:
    """Record what the log does not have yet, and more until ``enough`` is there.

    A key is in the log once its run is kept.
    """
    database = Database(place)
    done = log.read_text().count("\n") if log.exists() else 0
    for number in itertools.count(done):
        if number >= records and (enough is None or enough.exists()):
            break
        key = f"{name}-{number}"
        with database.writing() as connection:
            runs.add(connection, [(recorded(number, entry(), entry("other"), key=key), '{"schema": "x"}')])
        with log.open("a") as stream:
            stream.write(f"{key}\n")
    os._exit(0)  # what the parent opened is not the child's to close


def storm(place: str, folder: Path, writers: int, records: int, *, kills: int, seed: int = 1) -> Outcome:
    """Let writers record so many runs each; the first is killed so often, at random moments, and records meanwhile."""
    drawn = random.Random(seed)
    logs = [folder / f"writer{number}.log" for number in range(writers)]
    enough = folder / "enough"
    processes = [
        _started(place, number, records, logs[number], None if number else enough) for number in range(writers)
    ]
    killed, start = 0, time.monotonic()
    while any(process.is_alive() for process in processes) and time.monotonic() - start < _LONGEST_S:
        time.sleep(drawn.uniform(0.0, 0.1))
        if killed == kills:
            enough.touch()
        elif processes[0].is_alive():
            os.kill(processes[0].pid or 0, signal.SIGKILL)
            processes[0].join()
            killed += 1
            processes[0] = _started(place, 0, records, logs[0], enough)
    ended = [process.exitcode for process in processes]
    if ended != [0] * writers:
        for process in processes:
            process.kill()
        raise RuntimeError(f"writers ended with {ended}")
    said = [key for log in logs for key in log.read_text().split()]
    with Database(place).reading() as connection:
        found = runs.find(connection, Wanted())
    there = {run.key for run in found}
    lost = tuple(key for key in said if key not in there)
    broken = tuple(run.key for run in found if [one.name for one in run.entries] != ["net", "other"])
    return Outcome(len(said), len(found), lost, broken, killed)


def _started(place: str, number: int, records: int, log: Path, enough: Path | None) -> BaseProcess:
    process = _CONTEXT.Process(target=_write, args=(place, f"writer{number}", records, log, enough))
    process.start()
    return process
