"""A sweep: a line a condition and variant, what was not measured, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from costlens.arithmetic import units
from costlens.formats.pages import latency
from costlens.formats.pages.answers import factor
from costlens.results.charts import Bars
from costlens.results.columns import BYTES, INTERVAL_MS, MS, RATIO, WHOLE, Column, Unit
from costlens.results.page import Block, Chart, Items, Page, Picture, Records, Say, Table, by_text
from costlens.results.sweep import AXES, Measured, Sweep, SweepLine, measured

RATE, EACH_TIME = "examples/s", "time of one example"
_NUMBERS = ("threads", "batch")
_APART = ("runtime", *_NUMBERS)  # what conditions of one comparison cannot differ in


@dataclass(frozen=True, slots=True)
class _Row:
    """A line, and what was measured of it, if anything."""

    line: SweepLine
    found: Measured | None


def _interval(row: _Row) -> str:
    return units.interval_ms(*row.found.latency.median_interval_ms) if row.found else ""


def _ratio(row: _Row) -> str:
    if row.found is None:
        return ""
    return latency.with_interval(row.found.paired) if row.found.paired else "baseline"


def _to_first(row: _Row) -> Any:
    found = row.found
    return f"≈ {units.ratio(found.to_first)}" if found and found.apart else found and found.to_first


_COLUMNS: tuple[Column[_Row], ...] = (
    Column("median_ms", "median", MS, lambda row: row.found.latency.median_ms if row.found else "—"),
    Column("interval_ms", "interval", value=_interval, priority=4),
    Column("throughput_per_s", RATE, WHOLE, "found.latency.throughput_per_s", 3),
    Column("ratio", "÷ baseline", RATIO, _ratio),
    Column("verdict", "verdict", value=lambda row: row.found and latency.concluded(row.found.paired), priority=2),
    Column("to_first", "÷ first", RATIO, _to_first, 1),
    Column("peak_memory_bytes", "peak memory", BYTES, "found.latency.peak_memory_bytes", 5),
)


def page(sweep: Sweep, *, picture: str = "") -> Page:
    """Return the page of a sweep; ``picture`` is the address of its plot."""
    heading = f"{sweep.title or sweep.name}: sweep"
    found = measured(sweep)
    rows = [_Row(line, found.get(place)) for place, line in enumerate(sweep.lines)]
    same = Items([constant(sweep)], "dim")
    blocks: list[Block] = [
        *([_table(sweep, rows)] if sweep.comparisons else []),
        *([Picture(picture, drawn(sweep))] if picture and sweep.comparisons else []),
        *([chart(sweep)] if sweep.comparisons else []),
        Items([*problems(sweep), *doubts(sweep)], "warn"),
        Items([*explained(sweep), *notes(sweep)], "dim"),
    ]
    said = Say(answer(sweep), tone="strong")
    screen = [Say(heading, tone="strong"), *blocks, same, said]
    records = Records(_RECORDED, [*map(_record, rows)])
    return Page(heading, [same, said, *blocks], sweep, 1, screen, records=records, summary=answer(sweep))


def answer(sweep: Sweep) -> str:
    """Name the line that takes the least time an example, beside others that differ from it in one thing.

    Those are the same variant under its first condition, and the first variant under the same condition. Nothing
    where one line alone was measured.
    """
    if any(report.too_noisy for report in sweep.comparisons):
        return "No answer: the machine is too noisy."
    found = [*measured(sweep).values()]
    if len(found) < 2:  # noqa: PLR2004  # nothing to compare
        return ""
    best = min(found, key=lambda each: each.example_ms)
    others = [
        next(each for each in found if each.line.variant == best.line.variant),
        next(each for each in found if each.line.condition == best.line.condition),
    ]
    if best is found[0]:
        return f"Nothing measured is faster than the first, {label(best.line, sweep.swept)}."
    said = [_times_those(best, other, sweep) for other in others if other is not best]
    said = said or [_times_those(best, found[0], sweep)]  # where the lines between failed
    rate = f"{best.latency.throughput_per_s:,.0f} {RATE}"
    return f"Fastest is {label(best.line, sweep.swept)}: {rate}, {', and '.join(said)}."


def _times_those(best: Measured, other: Measured, sweep: Sweep) -> str:
    """Say how many times the examples of another line there are; about, where they were not timed side by side."""
    about = "about " if best.line.comparison != other.line.comparison else ""
    more = best.latency.throughput_per_s / other.latency.throughput_per_s
    return f"{about}{factor(more)} times those of {label(other.line, sweep.swept)}"


def _table(sweep: Sweep, rows: Sequence[_Row]) -> Table:
    """Return one row a line: the axes that differ, the time, examples a second, and the ratios."""
    kept = [column for column in _COLUMNS if {*map(column.cell, rows)} - {"baseline", ""}]

    return Table([*map(_of_axis, sweep.swept), *kept], rows)


def _of_axis(axis: str) -> Column[_Row]:
    return Column(axis, axis, Unit(str, numeric=axis in _NUMBERS), lambda row: _axis(row.line, axis))


CHOICES = (*map(_of_axis, (*AXES, "variant")), *_COLUMNS)
"""The columns that a reader can choose."""


_RECORDED = (
    *AXES, "variant", "median_ms", "low_ms", "high_ms", "throughput_per_s", "ratio", "ratio_low", "ratio_high",
    "verdict", "to_first", "peak_memory_bytes", "problem",
)  # fmt: skip


def _record(row: _Row) -> list[Any]:
    time = row.found and row.found.latency
    ratio = row.found and row.found.paired
    return [
        *(_axis(row.line, axis) for axis in (*AXES, "variant")),
        *((time.median_ms, *time.median_interval_ms, time.throughput_per_s) if time else (None,) * 4),
        *((ratio.ratio, ratio.low, ratio.high, ratio.verdict) if ratio else (None,) * 4),
        row.found and row.found.to_first,
        time and time.peak_memory_bytes,
        row.line.problem,
    ]


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


def along(sweep: Sweep) -> list[str]:
    """Return the axes of numbers of which several values were measured."""
    found = measured(sweep).values()
    return [axis for axis in ("batch", "threads") if len({_axis(each.line, axis) for each in found}) > 1]


def chart(sweep: Sweep) -> Chart:
    """Return the chart of a sweep: lines over its numbers, else a bar for the time of one example of each line."""
    if along(sweep):
        return Chart("sweep", sweep)
    return Chart("bars", Bars(_times(sweep), ("example_ms",), {"example_ms": "interval"}, "verdict"))


def _times(sweep: Sweep) -> Table:
    """Return the time of one example of each line that was measured."""

    def interval(found: Measured) -> tuple[float, float]:
        low, high = (ms / found.line.condition.batch for ms in found.latency.median_interval_ms)
        return low, high

    columns: list[Column[Measured]] = [
        Column("line", "condition", value=lambda found: label(found.line, sweep.swept or ("variant",))),
        Column("example_ms", EACH_TIME, MS),
        Column("interval", "interval", INTERVAL_MS, interval),
        Column("verdict", "verdict", value=lambda found: latency.concluded(found.paired)),
    ]
    return Table(columns, [*measured(sweep).values()])


def drawn(sweep: Sweep) -> str:
    """Say what the plot shows, for those who do not see it."""
    first = next(iter(along(sweep)), None)
    others = [axis for axis in sweep.swept if axis != first]
    shown = f"{RATE} over the {first}" if first else EACH_TIME
    return f"{shown}{', by ' + ', '.join(others) if others else ''}, with intervals"


def label(line: SweepLine, axes: tuple[str, ...]) -> str:
    """Name a line by some of its axes, as a legend does."""
    return ", ".join(_phrase(line, axis) for axis in axes)


def _axis(line: SweepLine, axis: str) -> str:
    return line.variant if axis == "variant" else str(getattr(line.condition, axis))


def _phrase(line: SweepLine, axis: str) -> str:
    if axis == "threads":
        return units.plural(line.condition.threads, "thread")
    return f"batch {line.condition.batch}" if axis == "batch" else _axis(line, axis)
