"""Memory over the run: the activations that are alive while each row runs, the peak marked, and who is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from costlens.arithmetic import units
from costlens.arithmetic.precision import DTYPES, FP32, OF_DTYPE, WIDTHS
from costlens.arithmetic.shapes import written as shape
from costlens.formats.charts import Panel
from costlens.formats.charts._shapes import Boxes, Drawing, Mark, Rule, Scale, Shape, Words
from costlens.formats.escape import fragment
from costlens.results.columns import BYTES, Column
from costlens.results.counts import CountRow, ModelCount
from costlens.results.page import Line, Table
from costlens.results.page import Mark as Marked

title = "Memory over the run"
beside = False
_WIDTH, _TOP, _HIGH, _BELOW, _RIGHT = 1180, 30, 150, 24, 80
_MOST_NAMED, _MOST_STEPS = 3, 1_000


@dataclass(frozen=True, slots=True)
class _Alive:
    """A row of a variant, and the bytes that are alive while it runs."""

    model: ModelCount
    row: CountRow
    bytes: int

    @property
    def address(self) -> str:
        """Where the page has the row."""
        return fragment("row", self.model.name, self.model.variant, self.row.name)

    @property
    def inside(self) -> str:
        """What is alive: inputs, output and what waits for later rows; empty where that is not sure."""
        row = self.row
        uniform = self.model.precision not in ("", "mixed") or row.dtype == DTYPES[FP32]
        if row.output is None or not row.inputs or self.model.batch != 1 or not uniform:
            return ""
        width = WIDTHS[OF_DTYPE.get(row.dtype, FP32)]
        read, written = (width * size for size in (sum(map(prod, row.inputs)), prod(row.output)))
        waits = self.bytes - read - written
        if waits < 0:  # it is computed in place
            return ""
        later = f" and {units.bytes_(waits)} that later rows read" if waits else ""
        return (
            f"its input {' + '.join(map(shape, row.inputs))} ({units.bytes_(read)}), "
            f"its output {shape(row.output)} ({units.bytes_(written)}){later}"
        )


def says(data: Sequence[ModelCount]) -> Sequence[Line]:
    """Return nothing: each drawing has its own sentence."""
    return ()


def panels(data: Sequence[ModelCount]) -> Sequence[Panel]:
    """Return a drawing for each variant whose live bytes are known, all to one scale."""
    alive = [(model, rows) for model in data if (rows := _steps(model))]
    largest = max((each.bytes for _, rows in alive for each in rows), default=0)
    shown = alive if largest else []
    return [Panel(_names(model), partial(_drawing, rows, largest), peak(model)) for model, rows in shown]


def table(data: Sequence[ModelCount]) -> Table:
    """Return the steps of each variant in the order they run in."""
    variant: Column[_Alive] = Column("variant", "variant", value=lambda alive: _names(alive.model))
    columns: list[Column[_Alive]] = [
        Column("row", "layer", value=lambda alive: Marked(alive.row.name, "", f"#{alive.address}")),
        *([variant] if len(data) > 1 else []),
        Column("live_bytes", "alive", BYTES, lambda alive: alive.bytes),
    ]
    return Table(columns, [alive for model in data for alive in _steps(model)])


def peak(model: ModelCount) -> str:
    """Say where a variant's peak is, what is alive there, and what to change to lower it."""
    rows = _all(model)
    if not rows:
        return ""
    highest = max(rows, key=lambda alive: alive.bytes)
    level = [alive.row.name for alive in rows if alive.bytes == highest.bytes]
    more = f" and {len(level) - _MOST_NAMED} more" if len(level) > _MOST_NAMED else ""
    inside = f": {highest.inside}" if highest.inside else ""
    said = (
        f"{_names(model) or 'The network'} has its peak of {units.bytes_(highest.bytes)} at "
        f"{', '.join(level[:_MOST_NAMED])}{more}{inside}."
    )
    below = max((a for a in rows if a.bytes < highest.bytes), key=lambda alive: alive.bytes, default=None)
    if below is None:
        return said
    these = "this row" if len(level) == 1 else "these rows"
    return f"{said} To lower it, change {these}; the next highest is {below.row.name} with {units.bytes_(below.bytes)}."


def _names(model: ModelCount) -> str:
    return " = ".join(filter(None, (model.variant, *model.also)))


def _all(model: ModelCount) -> list[_Alive]:
    return [_Alive(model, row, row.live_bytes) for row in model.rows if row.live_bytes is not None]


def _steps(model: ModelCount) -> list[_Alive]:
    """Return the rows; of a network of very many the highest of each run."""
    rows = _all(model)
    size = -(-len(rows) // _MOST_STEPS) or 1
    runs = [rows[first : first + size] for first in range(0, len(rows), size)]
    return [max(run, key=lambda alive: alive.bytes) for run in runs]


def _drawing(rows: Sequence[_Alive], largest: int) -> Drawing:
    """Draw a step a row, the highest ones marked."""
    x = Scale(0, len(rows), 0, _WIDTH - _RIGHT)
    y = Scale(0, largest, _TOP + _HIGH, _TOP)
    highest = max(rows, key=lambda alive: alive.bytes)
    place = rows.index(highest)
    on_the_left = place < len(rows) / 2
    said = f"peak {units.bytes_(highest.bytes)} at {highest.row.name}"
    first, last = (rows[end].row.name for end in (0, -1))
    return Drawing(
        _WIDTH,
        _TOP + _HIGH + _BELOW,
        [
            Rule([(0, y.end), (x.end, y.end)], "grid"),
            *_boxes(rows, x, y),
            Boxes([(x(at), y(each.bytes) - 3, x(1), 3) for at, each in enumerate(rows) if each.bytes == highest.bytes],
                  "alarm"),
            Rule([(0, y.start), (x.end, y.start)], "soft"),
            Words(x.end + 6, y.end, units.bytes_(largest), "soft small"),
            Words(x.end + 6, y.start, "0", "soft small"),
            Words(x(place if on_the_left else place + 1), y(highest.bytes) - 14, said, "alarm bold",
                  "start" if on_the_left else "end"),
            Words(0, y.start + 13, first, "soft small"),
            Words(x.end, y.start + 13, last, "soft small", "end"),
        ],
    )  # fmt: skip


def _boxes(rows: Sequence[_Alive], x: Scale, y: Scale) -> Iterator[Shape]:
    for at, alive in enumerate(rows):
        inside = f": {alive.inside}" if alive.inside else ""
        said = f"{alive.row.name}: {units.bytes_(alive.bytes)} alive{inside}"
        yield Mark(said, [Boxes([(x(at), y(alive.bytes), x(1), y.start - y(alive.bytes))], "c0")], alive.address, "hit")
