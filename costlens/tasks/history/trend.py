"""A figure over the runs of the history: series of what may be compared, and where their level changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING

from costlens.analysis import levels
from costlens.arithmetic.units import plural
from costlens.errors import UsageError, did_you_mean
from costlens.results.history import KNOWN, TIME, Entry, Recorded, labels
from costlens.results.trend import Level, Series, Trend, TrendPoint
from costlens.storage.history import runs
from costlens.storage.history.runs import Wanted
from costlens.tasks.history.read import require_known

if TYPE_CHECKING:
    from costlens.storage.history.database import Database

MACS = "macs"


def trend(database: Database, wanted: Wanted, figure: str | None = None) -> Trend:
    """Return the trend of a figure: by itself of times where there are any, else of MACs.

    Counts depend on the network alone. Times are comparable where machine, runtime and condition are equal, too: each
    fingerprint has series of its own. UsageError for an unknown figure or network.
    """
    if figure is not None and figure not in KNOWN:
        guess = did_you_mean(figure, KNOWN) or f"; known: {', '.join(KNOWN)}"
        raise UsageError(f"--figure {figure}: unknown figure{guess}")
    with database.reading() as connection:
        found = runs.find(connection, wanted)
        require_known(connection, wanted, found)
    chosen = figure or (TIME if any(one.latency_ms is not None for run in found for one in run.entries) else MACS)
    groups: dict[tuple[object, ...], list[tuple[Recorded, Entry]]] = {}
    noisy = 0
    for run in found:
        for entry in run.entries:
            if entry.figure(chosen) is None:
                continue
            if chosen == TIME and entry.too_noisy:
                noisy += 1
                continue
            groups.setdefault(_key(entry, chosen), []).append((run, entry))
    called = labels(entry for points in groups.values() for _, entry in points)
    series = [_series(called, points, chosen) for points in groups.values()]
    series.sort(key=lambda one: (-len(one.points), one.label, one.condition, one.fingerprint))
    too_noisy = f"{plural(noisy, 'time')} of a machine that was too noisy: a copy timed as another network."
    return Trend(Trend.SCHEMA, database.shown, chosen, tuple(series), (too_noisy,) if noisy else ())


def _key(entry: Entry, figure: str) -> tuple[object, ...]:
    network = (entry.name, entry.knobs, entry.variant)
    if figure != TIME:
        return (*network, entry.examples)
    return (*network, entry.condition, entry.fingerprint)


def _series(called: Mapping[tuple[str, str], str], points: list[tuple[Recorded, Entry]], figure: str) -> Series:
    _, last = points[-1]
    timed = figure == TIME
    made = tuple(_point(run, entry, figure) for run, entry in points)
    values = [point.value for point in made]
    starts = levels.of_times(values) if timed else levels.of_counts(values)
    examples = f"{last.examples} examples" if last.examples > 1 else ""
    return Series(
        name=last.name,
        network=called[last.name, last.knobs],
        variant=last.variant,
        condition=last.condition if timed else examples,
        fingerprint=last.fingerprint if timed else "",
        machine=last.machine if timed else "",
        points=made,
        levels=tuple(_levels(values, starts) if timed else (Level(at, values[at - 1], values[at]) for at in starts)),
    )


def _point(run: Recorded, entry: Entry, figure: str) -> TrendPoint:
    value = entry.figure(figure)
    low, high = (entry.low_ms, entry.high_ms) if figure == TIME else (None, None)
    return TrendPoint(run.number, run.at, run.commit_shown, entry.digest, value or 0, low, high)


def _levels(values: list[int | float], starts: list[int]) -> Iterable[Level]:
    ends = [0, *starts, len(values)]
    middles = [median(values[one:other]) for one, other in pairwise(ends)]
    for place, (before, after) in zip(starts, pairwise(middles), strict=True):
        yield Level(place, before, after)
