"""The roofline: a dot a layer, by its MACs a byte and the MACs a second that it reached, under what the machine can do.

Source: S. Williams, A. Waterman, D. Patterson, "Roofline: an insightful visual performance model for multicore
architectures", Communications of the ACM 52(4), 2009.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from math import ceil, floor, log10, sqrt

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._labels import Named, along, labels
from costlens.formats.charts._shapes import Dot, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.formats.escape import fragment
from costlens.results.bounds import Bounds
from costlens.results.charts import Roofline
from costlens.results.columns import ONE_DECIMAL, PERCENT, TWO_DECIMALS, Column
from costlens.results.layer_times import LayerTime, LayerTimes
from costlens.results.page import Line, Table
from costlens.results.page import Mark as Marked

title = "Roofline"
beside = False
_WIDTH, _HEIGHT, _LEFT, _TOP, _RIGHT, _BELOW = 860, 440, 70, 12, 20, 50
_NAMED = 5
_STYLES = {"compute": "c0", "memory": "c1", "overhead": "c3"}
"""The colour of a dot by what its time goes to."""
_CALLED = {"compute": "compute-bound", "memory": "memory-bound", "overhead": "mostly overhead"}
_LEAST, _MOST = 3.5, 16.0
"""Radii of dots; their areas are the shares of the time between these."""


def says(data: Roofline) -> Sequence[Line]:
    """Say what a dot and the line are, and what is left out."""
    left_out = sum(not _placed(row) for _, row in _rows(data))
    roof = "The line is the most that this machine can do" if data.bounds else "The machine's bounds are not known"
    more = ", dashed for data in its caches" if data.bounds and data.bounds.cache_bandwidth_bytes_per_s else ""
    remedy = "" if data.bounds else ": measure them by costlens machine"
    lacks = f"{units.plural(left_out, 'row')} without MACs, or too short for a rate, are left out." if left_out else ""
    return (f"A dot is a layer, the larger the more time it takes. {roof}{more}{remedy}.", lacks)


def panels(data: Roofline) -> Sequence[Panel]:
    """Return a drawing for each variant that has dots, all to the same scales."""
    shown = [times for times in data.times if any(map(_placed, times.rows))]
    if not shown:
        return []
    x, y = _scales(data)
    return [Panel(_names(times), partial(_drawing, times, data.bounds, x, y)) for times in shown]


def table(data: Roofline) -> Table:
    """Return a row a dot."""
    variant: Column[tuple[LayerTimes, LayerTime]] = Column("variant", "variant", value=lambda row: _names(row[0]))
    columns: list[Column[tuple[LayerTimes, LayerTime]]] = [
        Column("row", "layer", value=lambda row: Marked(row[1].row, "", f"#{_address(*row)}")),
        *([variant] if len(data.times) > 1 else []),
        Column("macs_per_byte", "MAC/byte", TWO_DECIMALS, lambda row: row[1].macs_per_byte),
        Column("gmacs_per_s", "GMAC/s", ONE_DECIMAL, lambda row: row[1].gmacs_per_s),
        Column("share", "time %", PERCENT, lambda row: row[1].share),
        Column("bound_by", "bound by", value=lambda row: row[1].bound_by),
    ]
    return Table(columns, [row for row in _rows(data) if _placed(row[1])])


def _rows(data: Roofline) -> Iterator[tuple[LayerTimes, LayerTime]]:
    for times in data.times:
        yield from ((times, row) for row in times.rows if row.kernels)


def _placed(row: LayerTime) -> bool:
    return bool(row.gmacs_per_s and row.macs_per_byte)


def _place(row: LayerTime) -> tuple[float, float]:
    """Return MACs a byte and GMACs a second of a row that has both."""
    return row.macs_per_byte or 1.0, row.gmacs_per_s or 1.0


def _names(times: LayerTimes) -> str:
    return " = ".join(filter(None, (times.variant, *times.also)))


def _address(times: LayerTimes, row: LayerTime) -> str:
    return fragment("time", times.name, times.variant, row.row)


def _scales(data: Roofline) -> tuple[Scale, Scale]:
    """Return the axes, whole decades that hold all dots and the ridge."""
    dots = [_place(row) for _, row in _rows(data) if _placed(row)]
    if data.bounds:
        dots.append((data.bounds.ridge_macs_per_byte, data.bounds.peak_gmacs_per_s))
    across, up = zip(*dots, strict=True)
    ends = (_decades(across), _decades(up))
    return (
        Scale(*ends[0], _LEFT, _WIDTH - _RIGHT, log=True),
        Scale(*ends[1], _HEIGHT - _BELOW, _TOP, log=True),
    )


def _decades(values: Sequence[float]) -> tuple[float, float]:
    least, most = floor(log10(min(values)) + 1e-9), ceil(log10(max(values)) - 1e-9)
    return 10.0**least, 10.0 ** max(most, least + 1)


def _drawing(times: LayerTimes, bounds: Bounds | None, x: Scale, y: Scale) -> Drawing:
    dots = sorted(filter(_placed, times.rows), key=lambda row: -row.share)
    shapes = [*_grid(x, y)]
    if bounds:
        shapes.append(_roof(x, y, bounds.peak_gmacs_per_s, bounds.bandwidth_bytes_per_s))
        if cached := bounds.cache_bandwidth_bytes_per_s:
            shapes.append(_roof(x, y, bounds.peak_gmacs_per_s, cached, dashed=True))
        peak = f"{bounds.peak_gmacs_per_s:.3g} GMAC/s"
        shapes.append(Words(x.end, y(bounds.peak_gmacs_per_s) - 12, peak, anchor="end"))
    shapes += [_dot(times, row, x, y) for row in dots]
    named = [
        Named(x(across), y(up), _radius(row), row.row if place < _NAMED else "")
        for place, row in enumerate(dots)
        for across, up in [_place(row)]
    ]
    roofs = [box for shape in shapes if isinstance(shape, Rule) and shape.style == "ink" for box in along(shape.points)]
    shapes += labels(named, (x.start, y.end, x.end, y.start), "small", roofs)
    return Drawing(_WIDTH, _HEIGHT, [*shapes, *_legend({row.bound_by for row in dots})])


def _dot(times: LayerTimes, row: LayerTime, x: Scale, y: Scale) -> Mark:
    intensity, rate = _place(row)
    by = f", {_CALLED.get(row.bound_by, row.bound_by)}" if row.bound_by else ""
    said = f"{row.row}: {row.microseconds:,.1f} µs, {row.share:.1%}\n{intensity:.3g} MAC/byte, {rate:.3g} GMAC/s{by}"
    dot = Dot(x(intensity), y(rate), _radius(row), _STYLES.get(row.bound_by, "c6"))
    return Mark(said, [dot], _address(times, row), "hit")


def _radius(row: LayerTime) -> float:
    return max(_LEAST, min(_MOST, 30 * sqrt(row.share)))


def _roof(x: Scale, y: Scale, peak: float, bandwidth: float, *, dashed: bool = False) -> Shape:
    """Draw min(peak, bandwidth × intensity)."""
    per_byte = bandwidth / 1e9
    first, ridge = max(x.low, y.low / per_byte), peak / per_byte
    rising = [(first, first * per_byte), (ridge, peak)] if first < ridge else [(x.low, peak)]
    return Rule([(x(across), y(up)) for across, up in (*rising, (x.high, peak))], "ink", 1.5, dashed)


def _grid(x: Scale, y: Scale) -> Iterator[Shape]:
    for tick in x.decades():
        yield Rule([(x(tick), y.start), (x(tick), y.end)], "grid")
        yield Words(x(tick), y.start + 14, f"{tick:g}", "soft", "middle")
    for tick in y.decades():
        yield Rule([(x.start, y(tick)), (x.end, y(tick))], "grid")
        yield Words(x.start - 8, y(tick), f"{tick:g}", "soft", "end")
    yield Words((x.start + x.end) / 2, _HEIGHT - 10, "MAC/byte", anchor="middle")
    yield Words(10, (y.start + y.end) / 2, "GMAC/s", anchor="middle", turned=True)


def _legend(bound_by: set[str]) -> Iterator[Shape]:
    for place, word in enumerate(word for word in _STYLES if word in bound_by):
        yield Dot(_LEFT + 16, _TOP + 16 + 18 * place, 5, _STYLES[word])
        yield Words(_LEFT + 28, _TOP + 16 + 18 * place, _CALLED[word])
