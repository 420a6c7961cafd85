"""An arena plan: to the right the steps of a run, upwards the memory; a box is a tensor where and while it lies."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from costlens.arithmetic import units
from costlens.formats.charts import Panel
from costlens.formats.charts._axes import ticks, written
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.results.columns import BYTES, EXACT, Column
from costlens.results.memory import MemoryExplanation, PlacedTensor
from costlens.results.page import Line, Table

title = "The arena over the run"
beside = False
_WIDTH, _LEFT, _RIGHT, _TOP, _HIGH, _BELOW = 1180, 64, 150, 26, 300, 34
_LETTER, _LINE = 6.2, 14
_GAP = 0.6
"""Pixels between two boxes."""


def says(data: MemoryExplanation) -> Sequence[Line]:
    """Return what the drawing shows."""
    plan, peak = units.bytes_(data.arena_bytes), units.bytes_(data.peak_bytes)
    row = data.steps[data.busiest] if data.steps else ""
    return [
        f"Each box is a tensor of {data.title or data.model}: as wide as the steps in which it is in use, as high as "
        f"its bytes, at its offset. The plan takes {plan}; {peak} are in use at once in step {data.busiest + 1}, {row}."
    ]


def panels(data: MemoryExplanation) -> Sequence[Panel]:
    """Return the one drawing."""
    return [Panel("", partial(_drawing, data))] if data.steps and data.arena_bytes else []


def table(data: MemoryExplanation) -> Table:
    """Return the tensors in the order in which they are written."""
    columns: list[Column[PlacedTensor]] = [
        Column("name", "tensor"),
        Column("bytes", "size", BYTES),
        Column("offset", "offset", EXACT),
        Column("first", "from step", EXACT, lambda one: one.first + 1),
        Column("last", "to step", EXACT, lambda one: one.last + 1),
    ]
    return Table(columns, data.tensors)


def _drawing(data: MemoryExplanation) -> Drawing:
    x = Scale(0, len(data.steps), _LEFT, _WIDTH - _RIGHT)
    y = Scale(0, data.arena_bytes, _TOP + _HIGH, _TOP)
    middle = x(data.busiest + 0.5)
    on_the_left = data.busiest < len(data.steps) / 2
    shapes: list[Shape] = []
    for tick in ticks(y, BYTES):
        shapes += [
            Rule([(x.start, y(tick)), (x.end, y(tick))], "grid"),
            Words(x.start - 6, y(tick), written(tick, BYTES), "soft small", "end"),
        ]
    shapes += [_box(data, one, x, y) for one in data.tensors]
    peak = f"at once {units.bytes_(data.peak_bytes)}"
    level = y(data.peak_bytes)
    shapes += [
        Rule([(middle, _TOP), (middle, _TOP + _HIGH)], "ink", dashed=True),
        Rule([(x.start, level), (x.end, level)], "ink", dashed=True),
        Words(x.end + 6, level, peak, "alarm small bold"),
        *(
            [
                Words(
                    x.end + 6,
                    y.end + (0 if level - y.end > _LINE else -_LINE),
                    f"plan {units.bytes_(data.arena_bytes)}",
                    "small bold",
                )
            ]
            if data.arena_bytes != data.peak_bytes
            else []
        ),
        Words(
            middle + (4 if on_the_left else -4),
            _TOP - 12,
            f"busiest: {data.steps[data.busiest]}",
            "alarm small bold",
            "start" if on_the_left else "end",
        ),
        Words(x.start, _TOP + _HIGH + 13, data.steps[0], "soft small"),
        Words(x.end, _TOP + _HIGH + 13, data.steps[-1], "soft small", "end"),
        Words(
            (x.start + x.end) / 2,
            _TOP + _HIGH + 13,
            f"{units.plural(len(data.steps), 'step')} →",
            "soft small",
            "middle",
        ),
    ]
    return Drawing(_WIDTH, _TOP + _HIGH + _BELOW, shapes)


def _box(data: MemoryExplanation, one: PlacedTensor, x: Scale, y: Scale) -> Mark:
    """Draw a tensor; its name where there is room."""
    left, right = x(one.first), x(one.last + 1)
    top, bottom = y(one.offset + one.bytes), y(one.offset)
    wide, high = max(right - left - _GAP, 0.4), max(bottom - top - _GAP, 0.4)
    at_peak = one.first <= data.busiest <= one.last
    style = "heat m5" if one.scratch else "c1" if at_peak else "heat m2"
    until = f"step {one.first + 1}" if one.first == one.last else f"steps {one.first + 1} to {one.last + 1}"
    said = f"{one.name}: {units.bytes_(one.bytes)} at {one.offset:,}, {until}"
    shapes: list[Boxes | Words] = [Boxes([(left, top, wide, high)], style)]
    fits = int((wide - 6) / _LETTER)
    if high >= _LINE and fits >= min(len(one.name), 4):
        shapes.append(Words(left + 3, (top + bottom) / 2, one.name, "small", most=max(fits, 4)))
    return Mark(said, shapes)
