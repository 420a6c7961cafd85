"""A sweep: a line a condition and variant, what was not measured, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import latency
from costlens.results.columns import BYTES, MS, RATIO, WHOLE, Column, Unit
from costlens.results.page import Block, Items, Page, Picture, Records, Say, Table, by_text
from costlens.results.sweep import AXES, Measured, Sweep, SweepLine, measured

RATE, EACH_TIME = "examples/s", "time of one example"
_NUMBERS = ("threads", "batch")
_APART = ("runtime", *_NUMBERS)  # what conditions of one comparison cannot differ in


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, and what was measured of it, if anything."""

    line: SweepLine
    found: Measured | None


def _found(read: Callable[[Measured], Any]) -> Callable[[_Row], Any]:
    return lambda row: row.found and read(row.found)


def _paired(found: Measured) -> str:
    ratio = found.paired
    return "baseline" if ratio is None else latency.with_interval(ratio.ratio, ratio.low, ratio.high)


def _to_first(found: Measured) -> Any:
    return f"≈ {units.ratio(found.to_first)}" if found.apart else found.to_first


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("median_ms", "median", MS, lambda row: row.found.latency.median_ms if row.found else "—"),
    Column(
        "interval_ms",
        "interval",
        value=_found(lambda found: units.interval_ms(*found.latency.median_interval_ms)),
        priority=4,
    ),
    Column("throughput_per_s", RATE, WHOLE, _found(lambda found: found.latency.throughput_per_s), 3),
    Column("ratio", "÷ baseline", RATIO, _found(_paired)),
    Column("verdict", "verdict", value=_found(lambda found: latency.concluded(found.paired)), priority=2),
    Column("to_first", "÷ first", RATIO, _found(_to_first), 1),
    Column("peak_memory_bytes", "peak memory", BYTES, _found(lambda found: found.latency.peak_memory_bytes), 5),
)


def page(sweep: Sweep, *, picture: str = "") -> Page:
    """Return the page of a sweep; ``picture`` is the address of its plot."""
    heading = f"{sweep.title or sweep.name}: sweep"
    shown = [Picture(picture, drawn(sweep))] if picture and sweep.comparisons else []
    blocks: list[Block] = [
        Items([constant(sweep)], "dim"),
        *([_table(sweep)] if sweep.comparisons else []),
        *shown,
        Items([*problems(sweep), *doubts(sweep)], "warn"),
        Items([*explained(sweep), *notes(sweep)], "dim"),
    ]
    return Page(
        heading,
        blocks,
        sweep,
        level=1,
        screen=[Say(heading, tone="strong"), *blocks[1:], blocks[0]],
        records=_records(sweep),
    )


def _table(sweep: Sweep) -> Table:
    """Return one row a line: the axes that differ, the time, examples a second, and the ratios."""
    found = measured(sweep)
    rows = [_Row(line, found.get(place)) for place, line in enumerate(sweep.lines)]
    kept = [column for column in _COLUMNS if {*map(column.cell, rows)} - {"baseline", ""}]
    return Table([*map(_axis_column, sweep.swept), *kept], rows)


def _axis_column(axis: str) -> Column[_Row]:
    return Column(axis, axis, Unit(str, numeric=axis in _NUMBERS), lambda row: _axis(row.line, axis))


def _records(sweep: Sweep) -> Records:
    def rows() -> Iterator[Sequence[Any]]:
        found = measured(sweep)
        for place, line in enumerate(sweep.lines):
            here = found.get(place)
            low, high = here.latency.median_interval_ms if here else (None, None)
            figures = (here.latency.median_ms, low, high, here.latency.throughput_per_s) if here else (None,) * 4
            ratio = here.paired if here else None
            paired = (ratio.ratio, ratio.low, ratio.high, ratio.verdict) if ratio else (None,) * 4
            ends = (here and here.to_first, here and here.latency.peak_memory_bytes, line.problem)
            yield (*(_axis(line, axis) for axis in (*AXES, "variant")), *figures, *paired, *ends)

    names = ("median_ms", "low_ms", "high_ms", "throughput_per_s", "ratio", "ratio_low", "ratio_high", "verdict")
    return Records((*AXES, "variant", *names, "to_first", "peak_memory_bytes", "problem"), rows())


def constant(sweep: Sweep) -> str:
    """Say what is the same in every line, the machine too where something was measured."""
    first = sweep.lines[0]
    same = [_phrase(first, axis) for axis in AXES if axis not in sweep.swept]
    if sweep.comparisons:
        machine = sweep.comparisons[0].machine
        same.append(f"{machine.cpu}, {units.plural(machine.cores_usable, 'core')}")
    return " · ".join(same)


def explained(sweep: Sweep) -> list[str]:
    """Return what a reader must know of the columns and of the conditions."""
    found = measured(sweep).values()
    lines = []
    if any(each.paired for each in found):
        lines.append("÷ baseline: in the same processes as the baseline above it, with its interval.")
    if len(found) > 1:
        lines.append("÷ first: time of one example ÷ that of the same variant under its first condition.")
    if any(each.apart for each in found):
        lines.append(
            "≈: conditions that cannot share a process are comparisons of their own; their ratio is a quotient of "
            "medians without an interval, and holds as far as the machine did not change between them."
        )
    if any(line.condition.precision != "fp32" for line in sweep.lines):
        lines.append("Precisions are compared by time; their accuracy is not looked at: calibration data are random.")
    controls = [report.control for report in sweep.comparisons if report.control]
    resolved = [control.resolution for control in controls if not control.too_noisy]
    if resolved:
        said = dict.fromkeys(f"±{100 * value:.2g} %" for value in (min(resolved), max(resolved)))
        lines.append(f"This machine resolves {' to '.join(said)}: a copy of each baseline was timed beside it.")
    return lines


def problems(sweep: Sweep) -> list[str]:
    """Return each reason once, after the lines that it kept out or that it is remarked of."""
    return by_text(
        (" ".join(_axis(line, axis) for axis in sweep.swept) or line.variant, said)
        for line in sweep.lines
        if (said := f"not measured: {line.problem}" if line.problem else line.remark)
    )


def doubts(sweep: Sweep) -> list[str]:
    """Say which comparisons were too noisy, and why verdicts are inconclusive, after the comparisons it holds for."""
    noisy = [[latency.resolution(report)] if report.too_noisy else [] for report in sweep.comparisons]
    unsure = map(latency.open_verdicts, sweep.comparisons)
    return _by_comparison(sweep, [[*one, *other] for one, other in zip(noisy, unsure, strict=True)])


def notes(sweep: Sweep) -> list[str]:
    """Return the notes of the comparisons, each once: what holds for all, then the others after what they are of."""
    said = [report.note.splitlines() for report in sweep.comparisons]
    common = [line for line in dict.fromkeys(chain(*said)) if all(line in lines for lines in said)]
    return common + _by_comparison(sweep, [[line for line in lines if line not in common] for lines in said])


def _by_comparison(sweep: Sweep, said: Sequence[Sequence[str]]) -> list[str]:
    """Return each sentence once, after the comparisons that it is said of, ``1 thread, batch 8; …``."""
    firsts = [next(line for line in sweep.lines if line.comparison == number) for number in range(len(said))]
    places = [", ".join(_phrase(line, axis) for axis in sweep.swept if axis in _APART) for line in firsts]
    return by_text(((place, line) for place, lines in zip(places, said, strict=True) for line in lines), join="; ")


def drawn_along(sweep: Sweep) -> str | None:
    """Return the axis that the plot draws examples a second over; None where it draws a bar for each line."""
    return next((axis for axis in ("batch", "threads") if axis in sweep.swept), None)


def drawn(sweep: Sweep) -> str:
    """Say what the plot shows, for those who do not see it."""
    along = drawn_along(sweep)
    others = [axis for axis in sweep.swept if axis != along]
    shown = f"{RATE} over the {along}" if along else EACH_TIME
    return f"{shown}{', by ' + ', '.join(others) if others else ''}, with intervals"


def label(line: SweepLine, axes: tuple[str, ...]) -> str:
    """Name a line by some of its axes, as a legend does."""
    return ", ".join(_phrase(line, axis) for axis in axes)


def _axis(line: SweepLine, axis: str) -> str:
    return line.variant if axis == "variant" else str(getattr(line.condition, axis))


def _phrase(line: SweepLine, axis: str) -> str:
    value = _axis(line, axis)
    if axis == "threads":
        return f"{value} thread{'' if value == '1' else 's'}"
    return f"batch {value}" if axis == "batch" else value
