"""A sweep along an axis of numbers: examples a second, and the time of one, a line for each of the other conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import log2

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._axes import ticks, written
from costlens.formats.charts._shapes import SERIES, Dot, Drawing, Mark, Rule, Scale, Shape, Words, series
from costlens.formats.pages.sweep import EACH_TIME, RATE, along, label
from costlens.results.columns import MS, WHOLE, Column, Unit
from costlens.results.page import Line, Table
from costlens.results.sweep import AXES, Measured, Sweep, measured

title = "Over the conditions"
beside = False
_WIDTH, _HIGH, _LEFT, _TOP, _BELOW = 860, 300, 70, 14, 46
_LETTER, _WIDEST, _LINE, _CAP = 6.6, 260.0, 15.0, 4.0
_APART = 3.0
"""Pixels between the marks of two lines, which would hide each other."""
_NUMBERS = ("batch", "threads")


@dataclass(frozen=True, slots=True)
class _Figure:
    """What is drawn upwards: of a measured line, and of a time of one call in ms."""

    name: str
    unit: Unit
    of: Callable[[Measured, float], float]

    def value(self, found: Measured) -> float:
        return self.of(found, found.latency.median_ms)

    def interval(self, found: Measured) -> tuple[float, float]:
        low, high = sorted(self.of(found, ms) for ms in found.latency.median_interval_ms)
        return low, high


def _example_ms(found: Measured, call_ms: float) -> float:
    return call_ms / found.line.condition.batch


_FIGURES = (
    _Figure(RATE, WHOLE, lambda found, call_ms: 1e3 / _example_ms(found, call_ms)),
    _Figure(EACH_TIME, MS, _example_ms),
)


def says(data: Sweep) -> Sequence[Line]:
    """Say what a line and its marks are."""
    return ("Dots are medians; a mark from low to high is the median's interval over processes.",)


def panels(data: Sweep) -> Sequence[Panel]:
    """Return a drawing for each axis of numbers that was swept, of examples a second and of the time of one."""
    found = list(measured(data).values())
    return [
        Panel(f"{figure.name} over the {axis}", partial(_drawing, found, data.swept, axis, figure))
        for axis in along(data)
        for figure in _FIGURES
    ]


def table(data: Sweep) -> Table:
    """Return a row a line that was measured: its conditions, and both figures with their intervals."""
    rows = list(measured(data).values())

    def condition(axis: str) -> Column[Measured]:
        unit = Unit(str, numeric=axis in _NUMBERS)
        return Column(axis, axis, unit, lambda row: _at(row, axis))

    def figures(figure: _Figure) -> list[Column[Measured]]:
        name = "throughput_per_s" if figure.name == RATE else "example_ms"
        spans = Unit(lambda ends: f"[{', '.join(figure.unit.write(end) for end in ends)}]")
        return [
            Column(name, figure.name, figure.unit, figure.value),
            Column(f"{name}_interval", "interval", spans, figure.interval),
        ]

    return Table([*map(condition, data.swept), *(each for one in _FIGURES for each in figures(one))], rows)


def _at(found: Measured, axis: str) -> int | str:
    at: int | str = found.line.variant if axis == "variant" else getattr(found.line.condition, axis)
    return at


def _curves(found: Sequence[Measured], swept: Sequence[str], axis: str) -> dict[str, list[Measured]]:
    """Return the lines by their names, which say all conditions but the one along the axis."""
    others = tuple(each for each in (*AXES, "variant") if each in swept and each != axis)
    curves: dict[str, list[Measured]] = {}
    for each in found:
        curves.setdefault(label(each.line, others), []).append(each)
    return {name: sorted(points, key=lambda point: _at(point, axis)) for name, points in curves.items()}


def _drawing(found: Sequence[Measured], swept: Sequence[str], axis: str, figure: _Figure) -> Drawing:
    curves = _curves(found, swept, axis)
    right = min(_WIDEST, _LETTER * max(map(len, curves)) + 28)
    places = sorted({int(_at(each, axis)) for each in found})
    x = Scale(log2(places[0]) - 0.2, log2(places[-1]) + 0.2, _LEFT, _WIDTH - right)
    y = Scale(0, 1.06 * max(figure.interval(each)[1] for each in found), _TOP + _HIGH, _TOP)
    shapes = [*_grid(x, y, places, axis, figure)]
    ends: list[tuple[float, str, str]] = []
    for place, (name, points) in enumerate(curves.items()):
        aside = _APART * (place - (len(curves) - 1) / 2)
        at = [(x(log2(int(_at(point, axis)))) + aside, y(figure.value(point))) for point in points]
        style = series(place)
        shapes.append(Rule(at, style, 2, dashed=place >= len(SERIES)))
        shapes += [shape for point, spot in zip(points, at, strict=True) for shape in _mark(point, spot, y, figure,
                   name, style)]  # fmt: skip
        ends.append((at[-1][1], name, style))
    shapes += _names(ends, x.end + 10)
    low = max((shape.y for shape in shapes if isinstance(shape, Words)), default=0.0)
    return Drawing(_WIDTH, max(_TOP + _HIGH + _BELOW, low + _LINE), shapes)


def _mark(found: Measured, at: tuple[float, float], y: Scale, figure: _Figure, name: str, style: str
          ) -> Iterator[Shape]:  # fmt: skip
    """Yield a dot with its interval."""
    across, up = at
    low, high = map(y, figure.interval(found))
    if low - high > 1:
        yield Rule([(across, low), (across, high)], style, 1.5)
        yield from (Rule([(across - _CAP, end), (across + _CAP, end)], style, 1.5) for end in (low, high))
    condition = found.line.condition
    threads = units.plural(condition.threads, "thread")
    said = f"{name or found.line.variant}: {figure.unit.write(figure.value(found))}, batch {condition.batch}, {threads}"
    interval = units.interval_ms(*found.latency.median_interval_ms)
    call = f"a call takes {units.milliseconds(found.latency.median_ms)} {interval}"
    yield Mark(f"{said}\n{call}", [Dot(across, up, 4, style)])


def _grid(x: Scale, y: Scale, places: Sequence[int], axis: str, figure: _Figure) -> Iterator[Shape]:
    for tick in ticks(y, figure.unit):
        yield Rule([(x.start, y(tick)), (x.end, y(tick))], "grid" if tick else "soft")
        yield Words(x.start - 8, y(tick), written(tick, figure.unit), "soft", "end")
    yield from (Words(x(log2(place)), y.start + 14, str(place), "soft", "middle") for place in places)
    yield Words((x.start + x.end) / 2, y.start + 34, axis, anchor="middle")
    yield Words(10, (y.start + y.end) / 2, figure.name, anchor="middle", turned=True)


def _names(ends: Sequence[tuple[float, str, str]], x: float) -> Iterator[Shape]:
    """Yield the names of lines at their ends, the highest first and none over another."""
    lowest = _TOP - _LINE
    for up, name, style in sorted(ends):
        lowest = max(up, lowest + _LINE)
        if name:
            yield Dot(x, lowest, 4, style)
            yield Words(x + 9, lowest, name)
