"""A sweep's table and the sentences under it: what the terminal and Markdown both show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain

from costlens.arithmetic import units
from costlens.formats import _prose
from costlens.results.sweep import AXES, Measured, Sweep, SweepLine, measured
from costlens.results.verdict import conclusion

RATE, EACH_TIME = "examples/s", "time of one example"
MEDIAN, INTERVAL, EXAMPLES = "median", "interval, ms", RATE
PAIRED, VERDICT, TO_FIRST, MEMORY = "÷ baseline", "verdict", "÷ first", "peak memory"
NOT_MEASURED = "—"
_BASELINE = "baseline"
_COUNTED = ("threads", "batch")
_APART = ("runtime", *_COUNTED)  # what conditions of one comparison cannot differ in


@dataclass(frozen=True, slots=True)
class SweepTable:
    """Headers, whether each column holds numbers, and rows of text."""

    headers: tuple[str, ...]
    numeric: tuple[bool, ...]
    rows: tuple[tuple[str, ...], ...]


def table(sweep: Sweep) -> SweepTable:
    """Return one row a line: the axes that differ, the time, examples a second, and the ratios.

    Columns that say the same of every line are left out.
    """
    found = measured(sweep)
    places = range(len(sweep.lines))
    columns = [
        *((axis, axis in _COUNTED, [_axis(line, axis) for line in sweep.lines]) for axis in sweep.swept),
        (MEDIAN, True, [_cell(found.get(i), _median) or NOT_MEASURED for i in places]),
        *((header, header != VERDICT, [_cell(found.get(i), text) for i in places]) for header, text in _FIGURES),
    ]
    kept = [column for column in columns if column[0] in sweep.swept or {*column[2]} - {_BASELINE, ""}]
    return SweepTable(
        tuple(header for header, _, _ in kept),
        tuple(numeric for _, numeric, _ in kept),
        tuple(zip(*(cells for _, _, cells in kept), strict=True)),
    )


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
    """Return each reason once, behind the lines that it kept out or that it is remarked of."""
    by_text: dict[str, list[str]] = {}
    for line in sweep.lines:
        said = f"not measured: {line.problem}" if line.problem else line.remark
        if said:
            by_text.setdefault(said, []).append(" ".join(_axis(line, axis) for axis in sweep.swept) or line.variant)
    return [f"{', '.join(names)}: {text}" for text, names in by_text.items()]


def doubts(sweep: Sweep) -> list[str]:
    """Say which comparisons were too noisy, and why verdicts are inconclusive, behind the comparisons it holds for."""
    noisy = [[_prose.resolution(report)] if report.too_noisy else [] for report in sweep.comparisons]
    unsure = map(_prose.open_verdicts, sweep.comparisons)
    return _behind(sweep, [[*one, *other] for one, other in zip(noisy, unsure, strict=True)])


def notes(sweep: Sweep) -> list[str]:
    """Return the notes of the comparisons, each once: what holds for all, then the others behind what they are of."""
    said = [report.note.splitlines() for report in sweep.comparisons]
    common = [line for line in dict.fromkeys(chain(*said)) if all(line in lines for lines in said)]
    return common + _behind(sweep, [[line for line in lines if line not in common] for lines in said])


def _behind(sweep: Sweep, said: Sequence[Sequence[str]]) -> list[str]:
    """Return each sentence once, behind the comparisons that it is said of, ``1 thread, batch 8; …``."""
    by_text: dict[str, list[str]] = {}
    for number, lines in enumerate(said):
        first = next(line for line in sweep.lines if line.comparison == number)
        where = ", ".join(_phrase(first, axis) for axis in sweep.swept if axis in _APART)
        for line in lines:
            by_text.setdefault(line, []).append(where)
    return [": ".join(filter(None, ("; ".join(filter(None, names)), text))) for text, names in by_text.items()]


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


def _cell(found: Measured | None, text: Callable[[Measured], str]) -> str:
    return text(found) if found else ""


def _median(found: Measured) -> str:
    return units.milliseconds(found.latency.median_ms)


def _interval(found: Measured) -> str:
    low, high = found.latency.median_interval_ms
    return f"[{low:.3g}, {high:.3g}]"


def _paired(found: Measured) -> str:
    ratio = found.paired
    return _BASELINE if ratio is None else f"{ratio.ratio:.3g} [{ratio.low:.3g}, {ratio.high:.3g}]"


def _verdict(found: Measured) -> str:
    return conclusion(found.paired.verdict, found.paired.confidence) if found.paired else ""


def _to_first(found: Measured) -> str:
    return f"{'≈ ' if found.apart else ''}{units.ratio(found.to_first)}"


def _memory(found: Measured) -> str:
    peak = found.latency.peak_memory_bytes
    return "" if peak is None else units.bytes_(peak)


_FIGURES = (
    (INTERVAL, _interval),
    (EXAMPLES, lambda each: f"{each.latency.throughput_per_s:,.0f}"),
    (PAIRED, _paired),
    (VERDICT, _verdict),
    (TO_FIRST, _to_first),
    (MEMORY, _memory),
)
