"""Points of a family that were timed: what was predicted beside what was measured, and how far the one was off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages._family import of_axis
from costlens.results.columns import EXACT, INTERVAL_MS, MS, PERCENT, TIMES, WORD, Column
from costlens.results.exploration import Exploration, ExploredPoint
from costlens.results.page import Block, Heading, Items, Say, Table, by_text
from costlens.results.point_times import PointTime, PointTimes, ordered_alike, typical_off
from costlens.results.verdict import conclusion

_Timed = tuple[PointTime, ExploredPoint]


def blocks(found: Exploration) -> list[Block]:
    """Return the points that were timed and what must be known of them; nothing where none was to be."""
    times = found.times
    if times is None:
        return []
    return [
        Heading("Measured"),
        table(found, times),
        Say(*answer(times), tone="strong"),
        Items([*_problems(times)], "bad"),
        Items([*_doubts(times)], "warn"),
        Items(_conditions(times), "dim"),
    ]


def table(found: Exploration, times: PointTimes) -> Table:
    """Return a row a point, the one that takes the least time first."""
    timed = [(one, found.points[one.point - 1]) for one in times.points if one.measured_ms is not None]
    chosen = [
        Column(axis.name, axis.header, axis.unit, _of_point(axis), priority=5)
        for axis in (of_axis(name, place) for place, name in enumerate(found.axes))
    ]
    return Table([*_LEADING, *chosen, *_FIGURES], sorted(timed, key=_by_time))


def _by_time(row: _Timed) -> tuple[float, int]:
    return row[0].measured_ms or 0.0, row[0].point


def _of_point(axis: Column[Any]) -> Any:
    return lambda row: axis.raw((row[0].point, row[1]))


def _ratio(row: _Timed) -> float | str | None:
    one = row[0]
    return one.ratio[0] if one.ratio else "baseline" if one.written_ms == one.measured_ms else None


_LEADING: tuple[Column[_Timed], ...] = (Column("point", "point", EXACT, lambda row: row[0].point),)
_FIGURES: tuple[Column[_Timed], ...] = (
    Column("predicted_ms", "predicted", MS, lambda row: row[0].predicted.milliseconds if row[0].predicted else None),
    Column(
        "predicted_interval", "its interval", INTERVAL_MS,
        lambda row: (row[0].predicted.low, row[0].predicted.high) if row[0].predicted else None, 4,
    ),
    Column("measured_ms", "measured", MS, lambda row: row[0].measured_ms),
    Column("measured_interval", "interval", INTERVAL_MS, lambda row: row[0].interval_ms, 3),
    Column("off", "off by", PERCENT, lambda row: row[0].off),
    Column("within", "predicted\ninterval", WORD, lambda row: row[0].within, 2),
    Column("ratio", "÷ as written", TIMES, _ratio),
    Column("verdict", "verdict", WORD, lambda row: conclusion(row[0].verdict, row[0].confidence), 1),
)  # fmt: skip


def answer(times: PointTimes) -> list[str]:
    """Say how far predictions were off, whether their intervals hold, and whether they order networks alike."""
    known = [one for one in times.points if one.off is not None]
    off = typical_off(known)
    if off is None:
        return []
    inside = sum(one.within == "within" for one in known)
    alike, apart = ordered_alike(known)
    lie = f"{inside} of {units.plural(len(known), 'measured time')} {'lies' if inside == 1 else 'lie'}"
    several = f" in the median, by {units.percent(off[1])} at most" if len(known) > 1 else ""
    lines = [f"Predictions were off by {units.percent(off[0])}{several}; {lie} within the predicted interval."]
    if apart:
        lines.append(f"Of {units.plural(apart, 'pair')} that measuring tells apart, prediction orders {alike} alike.")
    return lines


def _problems(times: PointTimes) -> Iterator[str]:
    pairs = [(f"point {one.point}", one.problem) for one in times.points if one.problem]
    yield from (f"Not timed: {line}" for line in by_text(pairs))


def _doubts(times: PointTimes) -> Iterator[str]:
    noisy = [f"{one.point}" for one in times.points if one.noisy]
    if noisy:
        yield (
            f"The machine was too noisy at {units.plural(len(noisy), 'point')} ({', '.join(noisy)}): a copy of the "
            "network timed as another one. Repeat it: these are measured again, the others are kept for a day."
        )
    yield from (f"Not predicted: {line}" for line in by_text(_unpredicted(times)))


def _unpredicted(times: PointTimes) -> list[tuple[str, str]]:
    lacking = [one for one in times.points if one.predicted is None and one.unpredicted]
    every = len(lacking) == len(times.points) > 1
    return [("" if every else f"point {one.point}", one.unpredicted) for one in lacking]


def _conditions(times: PointTimes) -> list[str]:
    timed = [one for one in times.points if one.measured_ms is not None]
    if not timed:
        return []
    resolved = [one.resolution for one in timed if one.resolution is not None]
    told = f" A/A control: differences of {units.percent(max(resolved))} can be told." if resolved else ""
    fewest, most = min(one.processes for one in timed), max(one.processes for one in timed)
    processes = units.plural(most, "process", "es") if fewest == most else f"{fewest} to {most} processes"
    pinned = f" pinned to {units.plural(times.threads, 'core')}" if times.pinned else ""
    return [
        "Each point was exported, proven and timed beside the network as written, in the same processes: "
        f"{times.cpu}, {times.runtime}, {times.device}, {units.plural(times.threads, 'thread')}{pinned}, "
        f"batch {times.batch}, {processes} a point.{told}",
    ]
