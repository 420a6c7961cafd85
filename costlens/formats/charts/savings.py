"""MACs saved against time saved, a dot a model: on the diagonal time falls as MACs do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import log10

from costlens.formats.charts import Panel
from costlens.formats.charts._labels import Named, along, labels
from costlens.formats.charts._shapes import Dot, Drawing, Mark, Rule, Scale, Shape, Words, series
from costlens.results.charts import Saving, Savings
from costlens.results.columns import TIMES, Column, times
from costlens.results.page import Line, Table

title = "MACs saved, time saved"
beside = False
_WIDTH, _HEIGHT = 680, 420
_LEFT, _TOP, _RIGHT, _BELOW = 70, 12, 100, 50
_FEW = 6
_TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)

_COLUMNS: tuple[Column[Saving], ...] = (
    Column("label", "model"),
    Column("macs_ratio", "MACs ÷", TIMES),
    Column("time_ratio", "time ÷", TIMES),
    Column("low", "from", TIMES),
    Column("high", "to", TIMES),
    Column("verdict", "verdict"),
)


def says(data: Savings) -> Sequence[Line]:
    """Say what the diagonal means, and which model is the farthest from it."""
    if not data.models:
        return ()
    far = max(data.models, key=lambda one: abs(log10(one.time_ratio / one.macs_ratio)))
    side = (
        "above it: less time is saved than MACs" if far.time_ratio > far.macs_ratio else "below it: more time is saved"
    )
    return (
        f"Both are relative to {data.baseline}. On the diagonal time falls exactly as MACs do.",
        f"{far.label} is the farthest away, with {times(far.macs_ratio)} the MACs and {times(far.time_ratio)} the "
        f"time, {side}.",
    )


def table(data: Savings) -> Table:
    """Return a row a model."""
    return Table(_COLUMNS, data.models)


def panels(data: Savings) -> Sequence[Panel]:
    """Return the one drawing."""
    return [Panel("", partial(_drawing, data))] if data.models else []


def _drawing(data: Savings) -> Drawing:
    ends = [end for one in data.models for end in (one.macs_ratio, one.time_ratio, one.low, one.high) if end]
    least, most = 0.8 * min(1.0, *ends), 1.25 * max(1.0, *ends)
    x = Scale(least, most, _LEFT, _WIDTH - _RIGHT, log=True)
    y = Scale(least, most, _HEIGHT - _BELOW, _TOP, log=True)
    diagonal = [(x.start, y.start), (x.end, y.end)]
    shapes: list[Shape] = [
        *_grid(x, y),
        Rule(diagonal, dashed=True),
        Words((x.start + x.end) / 2, _HEIGHT - 10, f"MACs ÷ {data.baseline}", anchor="middle"),
        Words(10, (y.start + y.end) / 2, f"time ÷ {data.baseline}", anchor="middle", turned=True),
    ]
    dots = [Named(x(one.macs_ratio), y(one.time_ratio), 6, one.label) for one in data.models]
    for one in sorted(data.models, key=lambda one: -one.time_ratio):
        across, up = x(one.macs_ratio), y(one.time_ratio)
        said = f"{one.label}: MACs {times(one.macs_ratio)}, time {times(one.time_ratio)} {one.verdict}".strip()
        if one.low and one.high:
            shapes.append(Rule([(across, y(one.low)), (across, y(one.high))], series(one.place), 2))
        shapes.append(Mark(said, [Dot(across, up, 6, series(one.place))]))
    shapes += labels(dots, (x.start, y.end, _WIDTH, y.start), lines=along(diagonal))
    return Drawing(_WIDTH, _HEIGHT, shapes)


def _grid(x: Scale, y: Scale) -> Iterator[Shape]:
    """Yield lines at round ratios with their values; at some of the decades alone where there are many."""
    shown, decades = [tick for tick in _TICKS if x.low <= tick <= x.high], x.decades()
    few = [tick for tick in decades if round(log10(tick)) % (1 + len(decades) // _FEW) == 0]
    for tick in few if max(len(shown), len(decades)) > _FEW else shown:
        style = "soft" if tick == 1 else "grid"
        yield Rule([(x(tick), y.start), (x(tick), y.end)], style)
        yield Rule([(x.start, y(tick)), (x.end, y(tick))], style)
        yield Words(x(tick), y.start + 14, f"{tick:g}×", "soft", "middle")
        yield Words(x.start - 8, y(tick), f"{tick:g}×", "soft", "end")
