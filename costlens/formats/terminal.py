"""A page on the terminal: as many columns as fit its width, details written out, nothing that moves the cursor."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Literal

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from costlens.formats._bars import bars
from costlens.formats._rows import PADDING, Cell, Rows
from costlens.formats.escape import LIMIT, NAME, plain, shorten
from costlens.results.columns import NAMES, WORD, Column
from costlens.results.page import (
    Block,
    Chart,
    Code,
    Fold,
    Gap,
    Heading,
    Items,
    Line,
    Mark,
    Page,
    Picture,
    Say,
    Style,
    Table,
)

suffix = ".txt"
_STYLES: dict[Style, str] = {
    "strong": "bold", "dim": "dim", "good": "green", "warn": "yellow", "bad": "red", "alarm": "bold red",
}  # fmt: skip
_PIECE = re.compile(r"[^/._]*[/._]+|[^/._]+")
"""What stays whole of a name that is broken."""
_FEW_LETTERS, _FEW_FIGURES = 6, 3
"""What columns of text and a table have at least."""
_LEAST_BARS, _MOST_BARS = 6, 24
"""How wide bars are: less shows nothing, more than that says no more."""
_BARS: Column[Any] = Column("", "", WORD)
_Cells = dict[Column[Any], list[Cell]]


def render(page: Page, width: int = 100) -> RenderableType:
    """Write a page as wide as the terminal."""
    shown = page.blocks if page.screen is None else page.screen
    return Group(*(part for block in shown for part in _parts(block, width)))


def _parts(block: Block, width: int) -> Iterator[RenderableType]:
    match block:
        case Say(lines, tone):
            yield from (phrase(line, tone) for line in lines)
        case Items(lines, tone, numbered):
            yield from _items(lines, tone, numbered=numbered)
        case Heading(text):
            yield ""
            yield phrase(text, "strong", NAME)
        case Gap():
            yield ""
        case Code(text):
            yield from (phrase(f"  {line}") for line in text.splitlines())
        case Fold(_, blocks):
            for inner in blocks:
                yield from _parts(inner, width)
        case Table() if block.rows:
            yield _table(block, width)
        case Table() | Picture() | Chart():
            return


def _items(lines: Sequence[Line], tone: Style, *, numbered: bool) -> Iterator[Text]:
    for number, line in enumerate(lines, 1):
        yield phrase((f"{number}. ", *_marks(line)) if numbered else line, tone)


def phrase(line: Line, tone: Style = "", limit: int = LIMIT) -> Text:
    """Return a line in a tone; no markup is read in it, and its line breaks are kept."""
    made = Text(style=_STYLES.get(tone, ""))
    for mark in _marks(line):
        text, style = (mark, "") if isinstance(mark, str) else (mark.text, _STYLES.get(mark.style, ""))
        made.append(shorten(plain(text, lines=True), limit), style)
    return made


def _marks(line: Line) -> tuple[str | Mark, ...]:
    return line if isinstance(line, tuple) else (line,)


def _table(table: Table, width: int) -> RenderableType:
    cells = {column: [_cell(column, found) for found in filled] for column, filled in table.filled().items()}
    widths = {column: _width(column, texts) for column, texts in cells.items()}
    shown, known = _fitting(cells, widths, width)
    if not known and (drawn := _bars(table, shown, width - _total(widths, shown) - PADDING)):
        cells[_BARS], widths[_BARS] = [*drawn, *[""] * len(table.sums)], max(map(len, drawn))
        place = 1 + next(place for place, column in enumerate(shown) if column.name == table.bars)
        shown = [*shown[:place], _BARS, *shown[place:]]
    grid = _head(table, shown)
    for column in known:
        cells[column] = [_broken(cell, known[column]) for cell in cells[column]]
    rows = [*zip(*(cells[column] for column in shown), strict=True)]
    styles = [*[""] * len(table.rows), *["bold"] * len(table.sums)]
    if hidden := [" ".join(column.header.split()) or column.name for column in cells if column not in shown]:
        note = f"hidden (widen the terminal, or --columns): {', '.join(hidden)}"
        grid.caption, grid.caption_justify = phrase(note, "dim"), "left"
    widths |= known
    fits = grid.show_header and _total(widths, shown) <= width + 1  # the last column has no padding to its right
    for column, made in zip(shown, grid.columns, strict=True):
        made.width = widths[column] if fits else known.get(column)
    if fits:
        return Rows(grid, rows, styles, drawn=shown.index(_BARS) if _BARS in shown else None)
    for row, style in zip(rows, styles, strict=True):
        grid.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row), style=style)
    return grid


def _bars(table: Table, shown: Sequence[Column[Any]], room: int) -> list[str]:
    """Return bars of a table's shares, where these are shown and there is room; else nothing."""
    column = next((one for one in shown if table.bars and one.name == table.bars), None)  # a column may have no name
    if column is None or room < _LEAST_BARS:
        return []
    found = bars([column.raw(row) for row in table.rows], min(room, _MOST_BARS))
    return found if any(found) else []


def _head(table: Table, shown: Sequence[Column[Any]]) -> Grid:
    """Return a table without rows."""
    heads = any(column.header for column in shown)
    grid = Grid(
        box=box.SIMPLE_HEAD if heads else None, show_header=heads, pad_edge=False,
        title=phrase(table.title, limit=NAME) if table.title else None, title_justify="left", title_style="bold",
    )  # fmt: skip
    for column in shown:
        side: Literal["left", "right"] = "right" if column.unit.numeric else "left"
        header, fixed = phrase(column.header, limit=NAME), not _wraps(column)
        grid.add_column(header, justify=side, overflow="fold", no_wrap=fixed)
    return grid


def _cell(column: Column[Any], value: Any) -> Cell:
    limit = LIMIT if column.priority else NAME
    if isinstance(value, str):
        text = shorten(plain(value), limit)
        return text.replace(" = ", "\n= ") if column.unit is NAMES else text
    made = Text()
    for mark in _marks(value):
        made.append(shorten(plain(str(mark)), limit), _STYLES.get(mark.style, "") if isinstance(mark, Mark) else "")
    return Text("\n= ".join(made.plain.split(" = "))) if column.unit is NAMES else made


def _wraps(column: Column[Any]) -> bool:
    return column.priority == 0 and column.unit.wraps


def _fitting(
    cells: _Cells, widths: dict[Column[Any], int], width: int
) -> tuple[list[Column[Any]], dict[Column[Any], int]]:
    """Drop columns, the highest priority number first, until the rest fits.

    Where it never does, the texts of the rest are wrapped; the width of a column of names is returned then.
    """
    shown = list(widths)
    while _total(widths, shown) > width:
        dropped = max(shown, key=lambda column: column.priority)
        if dropped.priority == 0:
            whole, known = _with_names(cells, widths, shown, width + 1)  # the last column has no padding to its right
            return _with_whole_figures(whole, widths | known, width + 1), known
        shown.remove(dropped)
    return shown, {}


def _with_whole_figures(shown: list[Column[Any]], widths: dict[Column[Any], int], width: int) -> list[Column[Any]]:
    """Leave out figures, the last first, where they would be cut: a number without its last digits is another one."""
    kept, few = list(shown), min(_FEW_LETTERS, width // len(shown))
    while _total(widths, kept, few) > width:
        figures = [one for one in kept[1:] if not _wraps(one)]
        if not figures:
            break
        kept.remove(figures[-1])
    return kept


def _with_names(
    cells: _Cells, widths: dict[Column[Any], int], shown: list[Column[Any]], width: int
) -> tuple[list[Column[Any]], dict[Column[Any], int]]:
    """Return the columns of a table too wide, and how wide its first is where a name in it would be cut in a word.

    Columns of text are left out for that, then of many figures the last ones; none where it does not help.
    """
    names, *others = shown
    words = [word for text in (names.header, *cells[names]) for word in str(text).split()]
    longest = max(map(len, words))
    if not _wraps(names) or longest <= _even(widths, shown, width):
        return shown, {}
    piece = max(len(piece) for word in words for piece in _PIECE.findall(word))
    while (room := width - _total(widths, others, _FEW_LETTERS) - PADDING) < piece:
        spare = [one for one in others if _wraps(one)]
        if not spare and room < _FEW_LETTERS:
            spare = [one for one in others if one.unit.numeric][_FEW_FIGURES:]
        if not spare:
            others = shown[1:]
            break
        others.remove(spare[-1])
    kept = [names, *others]
    most = max(piece if piece <= room else 0, _even(widths, kept, width))
    return kept, {names: min(widths[names], most)} if most >= _FEW_LETTERS else {}


def _even(widths: dict[Column[Any], int], shown: Sequence[Column[Any]], width: int) -> int:
    """Return how wide columns that wrap can be at most."""
    return max((most for most in range(width) if _total(widths, shown, most) <= width), default=0)


def _total(widths: dict[Column[Any], int], shown: Sequence[Column[Any]], most: int = LIMIT) -> int:
    """Return how wide columns are together, those that wrap no wider than ``most``."""
    return sum((min(widths[one], most) if _wraps(one) else widths[one]) + PADDING for one in shown)


def _broken(cell: Cell, width: int) -> Cell:
    """Break words that are too wide after ``/``, ``.`` or ``_``."""
    text = str(cell)
    if len(text) <= width:
        return cell
    places = []
    for word in re.finditer(r"\S+", text):
        start = word.start()
        for piece in _PIECE.finditer(text, *word.span()):
            if start < piece.start() and piece.end() - start > width and word.end() - word.start() > width:
                start = piece.start()
                places.append(start)
    if isinstance(cell, str):
        return "\n".join(text[start:end] for start, end in pairwise([0, *places, len(text)]))
    return Text("\n").join(cell.divide(places))


def _width(column: Column[Any], cells: Sequence[Cell]) -> int:
    texts = [str(phrase(column.header, limit=NAME)), *map(str, cells)]
    longest = max(len(line) for text in texts for line in (text.split("\n") if "\n" in text else (text,)))
    return min(longest, column.most or LIMIT)
