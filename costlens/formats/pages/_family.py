"""The networks of an exploration as its charts draw them: all of the front, and of the others a sample if need be."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, replace
from random import Random
from typing import Any

from costlens.errors import UsageError, did_you_mean
from costlens.formats.charts._cloud import number
from costlens.results.charts import Cloud
from costlens.results.columns import BYTES, COUNT, EXACT, MS, ONE_DECIMAL, WORD, Column, Unit
from costlens.results.counts import FIGURES, Totals, in_bytes
from costlens.results.exploration import KIND, PREDICTED, Exploration, ExploredPoint
from costlens.results.page import Table
from costlens.results.point_times import PointTime

Row = tuple[int, ExploredPoint]
"""A point with its number."""
CHARTS = ("front", "parallel", "knobs")
MEASURED = "latency_ms"
HEADERS = {
    "macs": "MACs", "flops": "FLOPs", "weight_bytes": "weights", "weight_bytes_int8": "weights int8",
    "peak_activation_bytes": "peak activations", "peak_activation_bytes_int8": "peak int8", "traffic_bytes": "traffic",
    "arena_bytes": "arena", "arena_bytes_int8": "arena int8", "flash_bytes": "flash",
    "deployed_params": "deployed", "non_trainable": "non-trainable",
}  # fmt: skip
TOTALS = tuple(each.name for each in fields(Totals))
FIRST = ("macs", "params", "weight_bytes", "weight_bytes_int8", "peak_activation_bytes")
"""The figures that a table shows, in the order in which narrow terminals drop them from the end."""
_MOST_ROWS, _MOST_CELLS, _MOST_OF_FRONT = 1_500, 32_000, 3_000
"""A page of 32,000 cells takes 1.2 MB: of networks with many knobs fewer are drawn."""
_MOST_AXES = 16
_NUMBER = Unit(str, numeric=True)


def of_axis(name: str, place: int) -> Column[Row]:
    """Return the column of a knob, or of the kinds of a glob."""
    unit = WORD if name.startswith(KIND) else _NUMBER
    return Column(name, name.removeprefix(KIND), unit, lambda row: row[1].values[place])


def of_figure(name: str, priority: int = 0) -> Column[Row]:
    """Return the column of a figure."""
    unit = BYTES if in_bytes(name) else ONE_DECIMAL if name == "intensity" else COUNT
    return Column(name, HEADERS.get(name, name), unit, _read(name), priority)


def of_prediction(found: Exploration, priority: int = 0) -> Column[Row]:
    """Return the column of predicted times: of all points where that was asked for, else of those that were timed."""
    timed = {one.point: one.predicted for one in found.times.points} if found.times else {}

    def read(row: Row) -> float | None:
        if row[1].predicted_ms is not None:
            return row[1].predicted_ms
        predicted = timed.get(row[0])
        return predicted.milliseconds if predicted else None

    return Column(PREDICTED, "predicted time", MS, read, priority)


def _read(name: str) -> Callable[[Row], Any]:
    return lambda row: getattr(row[1].totals, name, None)


NUMBER: Column[Row] = Column("point", "point", EXACT, lambda row: row[0])


def choices(found: Exploration) -> tuple[str, ...]:
    """Return the columns that charts can have to the right and upwards: figures, knobs of numbers, and times."""
    first = found.first_network
    if first is None:
        return ()
    figures = [name for name in FIGURES if getattr(first.totals, FIGURES[name]) is not None]
    values = dict(zip(found.axes, first.values, strict=True))
    knobs = [name for name in found.axes if not name.startswith(KIND) and number(values[name]) is not None]
    times = [column.name for column in _times(found)]
    return tuple(dict.fromkeys((*figures, *knobs, *times)))


def cloud(found: Exploration, x: str = "", y: str = "") -> Cloud | None:
    """Return what charts draw of an exploration; None where no point is a network.

    x, y: a figure, a knob or a time; the first two that the front is of, unless they are given. UsageError for others.
    """
    rows, others = _Points(found), _Points(found)
    for place, point in enumerate(found.points, 1):
        if point.totals:
            rows.add(place)
            if not point.front:
                others.add(place)
    if not rows:
        return None
    right, up = _chosen(found, x, y)
    front_of = tuple((FIGURES.get(axis.name, axis.name), axis.larger) for axis in found.front_of)
    columns = [
        *(_called(of_axis(name, place)) for place, name in enumerate(found.axes)),
        *_varying(rows, {right, up, *(name for name, _ in front_of)}),
        *_times(found),
    ]
    front = found.front
    drawn = _sampled(front, others, len(columns) + 2)
    shown: list[Column[Row]] = [
        NUMBER,
        *columns,
        Column("front", "front", value=lambda row: "yes" if row[1].front else "no"),
        Column("holds", "keeps", value=lambda row: {None: "", True: "yes", False: "no"}[row[1].holds]),
    ]
    figures = [column.name for column in columns if column.name in TOTALS]
    first = [name for name in dict.fromkeys((*(name for name, _ in front_of), *FIRST)) if name in figures]
    knobs = [name for place, name in enumerate(found.axes) if _varies(of_axis(name, place), rows)]
    return Cloud(
        Table(shown, drawn, address=("point",)),
        len(rows),
        right,
        up,
        tuple(knobs),
        (*knobs[: _MOST_AXES - len(first)], *first),
        tuple(point.front for _, point in drawn),
        tuple(point.holds is not False for _, point in drawn),
        front_of,
        max(0, len(front) - _MOST_OF_FRONT),
    )


class _Points(Sequence[Row]):
    """Points by their numbers, each made when it is looked at: there may be 200,000."""

    def __init__(self, found: Exploration) -> None:
        self._found, self._numbers = found, array("q")

    def add(self, number: int) -> None:
        """Take in a point."""
        self._numbers.append(number)

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Row:  # type: ignore[override]  # no slices are taken
        number = self._numbers[index]
        return number, self._found.points[number - 1]


def _called(axis: Column[Row]) -> Column[Row]:
    """Return the column of an axis as one that stands alone is called."""
    return replace(axis, header=f"kind of {axis.header}") if axis.name.startswith(KIND) else axis


def require_axes(found: Exploration, x: str, y: str) -> None:
    """Raise UsageError for a figure that charts cannot have to the right or upwards."""
    if found.first_network:
        _chosen(found, x, y)


def _chosen(found: Exploration, x: str, y: str) -> tuple[str, str]:
    known = choices(found)
    for option, name in (("--x", x), ("--y", y)):
        if name and name not in known:
            guess = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"{option} {name}: no such figure or knob of numbers{guess}")
    if x and x == y:
        raise UsageError(f"--y {y}: is to the right already; name another figure or knob")
    wanted = [name for name in (*(axis.name for axis in found.front_of), *FIRST) if name in known]
    right = x or next(name for name in wanted if name != y)
    up = y or next(name for name in wanted if name != right)
    return FIGURES.get(right, right), FIGURES.get(up, up)


def _varying(rows: Sequence[Row], always: Iterable[str]) -> list[Column[Row]]:
    """Return the figures that are not the same for all networks."""
    first, same = rows[0][1].totals, {*TOTALS}
    for _, point in rows:
        same = {name for name in same if getattr(point.totals, name) == getattr(first, name)}
    kept = [of_figure(name) for name in TOTALS if name in always or name not in same]
    return [each for each in kept if each.raw(rows[0]) is not None]


def _varies(column: Column[Row], rows: Sequence[Row]) -> bool:
    first = column.raw(rows[0])
    return any(column.raw(row) != first for row in rows)


def _times(found: Exploration) -> list[Column[Row]]:
    """Return the columns of the times that are known of some point."""
    timed = {one.point: one for one in found.times.points} if found.times else {}

    def column(name: str, header: str, read: Callable[[PointTime], float | None]) -> Column[Row]:
        return Column(name, header, MS, lambda row: read(timed[row[0]]) if row[0] in timed else None)

    columns = (
        column(MEASURED, "measured time", lambda one: one.measured_ms),
        of_prediction(found),
    )
    known = {MEASURED: any(one.measured_ms for one in timed.values()), PREDICTED: _is_predicted_somewhere(found)}
    return [each for each in columns if known[each.name]]


def _is_predicted_somewhere(found: Exploration) -> bool:
    """Say whether a time is predicted of all points, or of some that were timed."""
    first, timed = found.first_network, found.times.points if found.times else ()
    return bool(first and first.predicted_ms is not None) or any(one.predicted for one in timed)


def _sampled(front: Sequence[Row], others: Sequence[Row], columns: int) -> list[Row]:
    """Return the rows of the front, and as many of the others as a page takes, always the same ones."""
    best = _some(front, _MOST_OF_FRONT)
    return [*best, *_some(others, max(0, min(_MOST_ROWS, _MOST_CELLS // columns) - len(best)))]


def _some(rows: Sequence[Row], number: int) -> list[Row]:
    if len(rows) <= number:
        return [*rows]
    return [rows[place] for place in sorted(Random(0).sample(range(len(rows)), number))]  # noqa: S311  # no secret
