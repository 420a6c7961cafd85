"""Runs for the history: a few networks, machines and levels, whose figures are known by heart."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from costlens.results.comparison import Figures
from costlens.results.counts import ModelCount, counts_document
from costlens.results.history import MEDIAN, Entry, History, Recorded, StoredRun
from costlens.results.history_change import HistoryChange, Skipped
from costlens.results.history_diff import HistoryDiff
from costlens.results.trend import Trend
from costlens.storage.history import runs
from costlens.storage.history.database import Database
from costlens.storage.history.runs import Wanted
from costlens.tasks.history import read
from costlens.tasks.history.trend import trend

START = datetime(2026, 1, 1, tzinfo=UTC)
CPU, OTHER = "a1b2c3d4e5f60718", "ffffffffffffffff"


def entry(name: str = "net", macs: int | None = 1000, latency_ms: float | None = None, **more: Any) -> Entry:
    """Return a network that was counted and, where it has a latency, timed."""
    if latency_ms is None:
        return Entry(name, figures=Figures(macs=macs, params=10), **more)
    timed = {
        "runtime": "onnxruntime 1.31.1", "device": "cpu", "threads": 1, "batch": 1, "precision": "fp32",
        "statistic": MEDIAN, "fingerprint": CPU, "machine": "a processor, 2 cores", "confidence": 0.98,
        "low_ms": latency_ms * 0.99, "high_ms": latency_ms * 1.01, **more,
    }  # fmt: skip
    return Entry(name, figures=Figures(macs=macs, params=10), latency_ms=latency_ms, **timed)


def recorded(place: int, *entries: Entry, **more: Any) -> Recorded:
    """Return the run of a day, at a commit of its number."""
    at = START + timedelta(days=place)
    given = {
        "number": 0, "key": f"key {place}", "command": "bench", "at": at, "recorded": at, "costlens": "0.1.0",
        "commit": f"{place % 256:02x}" * 20, "dirty": False, "exit_code": 0, "schema": "costlens.run/1", **more,
    }  # fmt: skip
    return Recorded(entries=entries or (entry(),), **given)


def noisy(levels: Sequence[tuple[int, float]], noise: float = 0.01, seed: int = 1) -> list[float]:
    """Return times around levels, each given with how many there are of it."""
    random = Random(seed)
    return [level * (1 + random.gauss(0, noise)) for number, level in levels for _ in range(number)]


def of_runs(document: str, ask: Callable[[Database], Any], *new: Recorded) -> Any:
    """Return what a history of these runs says, as if it were in ``history.db``."""
    with TemporaryDirectory() as folder:
        place = Database(Path(folder) / "history.db")
        with place.writing() as connection:
            runs.add(connection, [(run, document) for run in new])
        found = ask(place)
    return replace(found, database="history.db") if hasattr(found, "database") else found


def some_runs(each: int = 1) -> list[Recorded]:
    """Return runs of two networks on two machines: levels, a slow run, a noisy one, one that failed."""
    times = noisy([(14 * each, 3.0), (14 * each, 3.4), (12 * each, 2.2)], 0.008)
    times[5] *= 1.5
    made = [recorded(day, entry(latency_ms=ms, knobs="alpha=1"), dirty=day == 20) for day, ms in enumerate(times)]
    other = [recorded(day, entry(latency_ms=9.0, knobs="alpha=1", fingerprint=OTHER, machine="another, 8 cores"))
             for day in (5000, 5001)]  # fmt: skip
    noise = recorded(5002, entry(latency_ms=5.0, knobs="alpha=1", too_noisy=True))
    failed = recorded(5003, entry("small", latency_ms=0.5), entry("other"), exit_code=3, command="report", commit="")
    return [*made, *other, noise, failed]


def a_trend(each: int = 1) -> Trend:
    """Return the trend of times of these runs, ``each`` times as many."""
    found: Trend = of_runs("{}", lambda place: trend(place, Wanted()), *some_runs(each))
    return found


def a_trend_of_counts() -> Trend:
    """Return the trend of MACs, which changed at one commit."""
    new = [recorded(day, entry(macs=1000 + 200 * (day > 3), knobs="alpha=1", digest=str(day))) for day in range(8)]
    found: Trend = of_runs("{}", lambda place: trend(place, Wanted(), "macs"), *new)
    return found


def a_history() -> History:
    """Return the newest of these runs."""
    found: History = of_runs("{}", lambda place: read.listed(place, Wanted(last=6)), *some_runs())
    return found


def a_history_diff() -> HistoryDiff:
    """Return the difference of a run with one of another machine, which has a network more."""
    new = [recorded(0, entry(latency_ms=3.0)),
           recorded(1, entry(macs=900, latency_ms=2.0, fingerprint=OTHER), entry("more", latency_ms=1.0))]  # fmt: skip
    found: HistoryDiff = of_runs("{}", lambda place: read.differing(place, 1, 2), *new)
    return found


def a_history_change() -> HistoryChange:
    """Return what an import did."""
    skipped = (Skipped("reports/tour.json", "holds no result of costlens"),)
    return HistoryChange(HistoryChange.SCHEMA, "imported", "history.db", (3, 4), 9, known=1, skipped=skipped)


def a_stored_run(count: ModelCount) -> StoredRun:
    """Return a run that kept a count."""
    document = json.dumps(counts_document([count]))
    run = recorded(0, entry(), command="count", schema="costlens.count/1")
    found: StoredRun = of_runs(document, lambda place: read.shown(place, 1), run)
    return found
