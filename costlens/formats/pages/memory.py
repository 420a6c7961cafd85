"""Where a network's activations lie while it runs: the plan, its lower bound, who is there at the peak, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from costlens.arithmetic import units
from costlens.results.columns import BYTES, EXACT, WORD, Column
from costlens.results.memory import MemoryExplanation, PlacedTensor
from costlens.results.page import Block, Chart, Heading, Items, Page, Records, Say, Table

_NAMED = 3
_COLUMNS: tuple[Column[PlacedTensor], ...] = (
    Column("name", "tensor"),
    Column("bytes", "size", BYTES),
    Column("offset", "offset", EXACT),
    Column("first", "from step", EXACT, lambda one: one.first + 1, 1),
    Column("last", "to step", EXACT, lambda one: one.last + 1, 1),
)


def page(explained: MemoryExplanation) -> Page:
    """Return the page of an explanation."""
    name = explained.title or explained.model
    variant = f", {explained.variant}" if explained.variant else ""
    precision = explained.precision or "sizes as stored"
    batch = f", batch {explained.batch}" if explained.batch > 1 else ""
    title = f"Memory of {name}{variant} ({precision}{batch})"
    said = Say(answer(explained), tone="strong")
    blocks: list[Block] = [
        Items(_figures(explained)),
        Heading("In use at the peak"),
        Table((*_COLUMNS, _uses(explained)), explained.at_peak),
        Items(_advice(explained)),
        Chart("arena", explained),
    ]
    records = Records(
        ("tensor", "row", "bytes", "offset", "first_step", "last_step", "scratch"),
        [
            [one.name, one.row, one.bytes, one.offset, one.first + 1, one.last + 1, "yes" if one.scratch else "no"]
            for one in explained.tensors
        ],
    )
    screen = [Say(title, tone="strong"), *blocks, said]
    return Page(title, [said, *blocks], explained, 1, screen, records=records, summary=answer(explained))


def answer(explained: MemoryExplanation) -> str:
    """Say in a line what the plan takes, and how that compares with the least that any plan takes."""
    if not explained.steps:
        return "Nothing runs, so nothing is held."
    peak, row = units.bytes_(explained.peak_bytes), explained.steps[explained.busiest]
    over = explained.arena_bytes - explained.peak_bytes
    if not over:
        return f"The arena takes {peak}, as little as any plan: so much is in use at once in {row}."
    return (
        f"The arena takes {units.bytes_(explained.arena_bytes)}, {units.percent(over / explained.peak_bytes)} more "
        f"than the {peak} that are in use at once in {row}."
    )


def _figures(explained: MemoryExplanation) -> Iterator[str]:
    yield (
        f"arena {explained.arena_bytes:,} bytes, lower bound {explained.peak_bytes:,}, "
        f"sizes rounded up to {explained.alignment}"
    )
    if explained.tight_bytes < explained.arena_bytes:
        yield (
            f"the same tensors fit {explained.tight_bytes:,} bytes; the runtime places them by size, and takes other "
            "offsets from the file alone"
        )
    if explained.in_place_bytes < explained.arena_bytes:
        yield f"a runtime whose operators write over what they read takes {explained.in_place_bytes:,} bytes"


def _advice(explained: MemoryExplanation) -> Iterator[str]:
    """Say what to change, and which order of rows needs less."""
    lowering, reordered = explained.lowering, explained.reordered
    if lowering and lowering.bytes < explained.peak_bytes:
        yield (
            f"To lower the peak, change {lowering.row}: without it {units.bytes_(lowering.bytes)} are in use at most, "
            f"in {lowering.next_row}."
        )
    elif lowering:
        yield f"To lower the peak, change both {lowering.row} and {lowering.next_row}: they need equally much."
    if reordered:
        moved = [f"{row} before {before}" for row, before in reordered.moves[:_NAMED]]
        more = f" and {len(reordered.moves) - _NAMED} more" if len(reordered.moves) > _NAMED else ""
        how = f", with {', '.join(moved)}{more}" if moved else ""
        yield (
            f"Rows in another order need an arena of {units.bytes_(reordered.arena_bytes)}{how}. The order is that "
            "of the spec; nothing was changed."
        )


def _uses(explained: MemoryExplanation) -> Column[PlacedTensor]:
    """Return the column that says why a tensor is there in the busiest step."""

    def why(one: PlacedTensor) -> str:
        row = explained.steps[explained.busiest]
        if one.scratch:
            return "needed by the kernel"
        if one.first == explained.busiest and one.row == row:
            return "written"
        if one.last == explained.busiest:
            return "read for the last time"
        return f"waits for {explained.steps[one.last]}, step {one.last + 1}"

    return Column("why", "why", WORD, why)
