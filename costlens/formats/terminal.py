"""A page on the terminal: as many columns as fit its width, details written out, nothing that moves the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from costlens.formats.escape import LIMIT, NAME, plain, shorten
from costlens.results.columns import NAMES, Column
from costlens.results.page import Block, Fold, Gap, Heading, Items, Line, Mark, Page, Picture, Say, Style, Table

suffix = ".txt"
_STYLES: dict[Style, str] = {
    "strong": "bold", "dim": "dim", "good": "green", "warn": "yellow", "bad": "red", "alarm": "bold red",
}  # fmt: skip
_PADDING = 3


def render(page: Page, width: int = 100) -> RenderableType:
    """Write a page as wide as the terminal."""
    shown = page.blocks if page.screen is None else page.screen
    return Group(*(part for block in shown for part in _parts(block, width)))


def _parts(block: Block, width: int) -> Iterator[RenderableType]:
    match block:
        case Say(lines, tone):
            yield from (phrase(line, tone) for line in lines)
        case Items(lines, tone, numbered):
            for number, line in enumerate(lines, 1):
                yield phrase((f"{number}. ", *_marks(line)) if numbered else line, tone)
        case Heading(text):
            yield ""
            yield phrase(text, "strong", NAME)
        case Gap():
            yield ""
        case Fold(_, blocks):
            for inner in blocks:
                yield from _parts(inner, width)
        case Table() if block.rows:
            yield _table(block, width)
        case Table() | Picture():
            return


def phrase(line: Line, tone: Style = "", limit: int = LIMIT) -> Text:
    """Return a line in a tone; no markup is read in it, and its line breaks are kept."""
    made = Text(style=_STYLES.get(tone, ""))
    for mark in _marks(line):
        text, style = (mark, "") if isinstance(mark, str) else (mark.text, _STYLES.get(mark.style, ""))
        made.append(shorten(plain(text, lines=True), limit), style)
    return made


def _marks(line: Line) -> tuple[str | Mark, ...]:
    return line if isinstance(line, tuple) else (line,)


def _table(table: Table, width: int) -> Grid:
    cells = {column: [_cell(column, found) for found in filled] for column, filled in table.filled().items()}
    widths = {column: _width(column, texts) for column, texts in cells.items()}
    shown = _fitting(widths, width)
    fits = _total(widths[column] for column in shown) <= width
    heads = any(column.header for column in shown)
    grid = Grid(
        box=box.SIMPLE_HEAD if heads else None, show_header=heads, pad_edge=False,
        title=phrase(table.title, limit=NAME) if table.title else None, title_justify="left", title_style="bold",
    )  # fmt: skip
    for column in shown:
        side: Literal["left", "right"] = "right" if column.unit.numeric else "left"
        known = widths[column] if fits else None  # rich then need not measure every cell again
        wraps = column.priority == 0 and column.unit.wraps
        grid.add_column(
            phrase(column.header, limit=NAME), justify=side, overflow="fold", no_wrap=not wraps, width=known
        )
    for index in range(len(table.rows) + len(table.sums)):
        row = (cells[column][index] for column in shown)
        grid.add_row(*row, style="" if index < len(table.rows) else "bold")
    if hidden := [" ".join(column.header.split()) for column in cells if column not in shown]:
        note = f"hidden (widen the terminal, or --format csv): {', '.join(hidden)}"
        grid.caption, grid.caption_justify = phrase(note, "dim"), "left"
    return grid


def _cell(column: Column[Any], value: Any) -> Text:
    made = Text()
    for mark in _marks(value):
        text = shorten(plain(str(mark)), LIMIT if column.priority else NAME)
        made.append(text, _STYLES.get(mark.style, "") if isinstance(mark, Mark) else "")
    return Text("\n= ".join(made.plain.split(" = "))) if column.unit is NAMES else made


def _fitting(widths: Mapping[Column[Any], int], width: int) -> Sequence[Column[Any]]:
    """Drop columns, the highest priority number first, until the rest fits."""
    shown = list(widths)
    while _total(widths[column] for column in shown) > width:
        dropped = max(shown, key=lambda column: column.priority)
        if dropped.priority == 0:
            break
        shown.remove(dropped)
    return shown


def _total(widths: Iterable[int]) -> int:
    return sum(width + _PADDING for width in widths)


def _width(column: Column[Any], cells: Sequence[Text]) -> int:
    texts = (phrase(column.header, limit=NAME), *cells)
    lines = [line for text in texts for line in text.plain.split("\n")]
    return min(max(map(len, lines)), column.most or LIMIT)
