"""A table on the terminal whose columns have known widths, a row as soon as it is written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.segment import Segment
from rich.style import Style
from rich.table import Column, Table
from rich.text import Text

from costlens.formats._bars import in_ascii

PADDING = 3
"""Blanks between two columns."""
Cell = str | Text


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows under the head of a table that has none itself, each in a style.

    The model of a file has thousands of rows, for which rich takes 1.5 ms each: it measures, wraps and pads every cell.
    Here a cell that fits is text and blanks; one that does not is wrapped by rich. drawn: the column that holds bars.
    """

    table: Table
    rows: Sequence[Sequence[Cell]]
    styles: Sequence[str]
    drawn: int | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        """Draw the head, the rows, and what is below them."""
        if options.ascii_only:  # rich draws another frame then
            yield from console.render(self._framed(), options)
            return
        drawn = console.render_lines(self.table, options, pad=False)
        rule = max(index for index, line in enumerate(drawn) if _is_rule(line))
        for index, line in enumerate(drawn):
            yield from line
            yield Segment.line()
            if index == rule:
                for row, style in zip(self.rows, self.styles, strict=True):
                    yield from self._row(console, row, console.get_style(style or "none"))

    def _framed(self) -> Table:
        """Return the table with its rows, the bars without block characters."""
        if not self.table.rows:
            for row, style in zip(self.rows, self.styles, strict=True):
                plain = (in_ascii(str(cell)) if place == self.drawn else cell for place, cell in enumerate(row))
                self.table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in plain), style=style)
        return self.table

    def _row(self, console: Console, row: Sequence[Cell], style: Style) -> Iterator[Segment]:
        columns = self.table.columns
        if all(_fits(cell, column) for cell, column in zip(row, columns, strict=True)):
            yield Segment(f" {(' ' * PADDING).join(map(_padded, row, columns))} ", style)
            yield Segment.line()
            return
        wrapped = [
            (Text(cell) if isinstance(cell, str) else cell).wrap(
                console, column.width or 1, justify=column.justify, overflow=column.overflow
            )
            for cell, column in zip(row, columns, strict=True)
        ]
        for line in zip_longest(*wrapped, fillvalue=Text()):
            for index, (text, column) in enumerate(zip(line, columns, strict=True)):
                text.align("right" if column.justify == "right" else "left", column.width or 1)
                yield Segment(" " * (PADDING if index else 1), style)
                yield from Segment.apply_style(text.render(console), style)
            yield Segment(" ", style)
            yield Segment.line()


def _is_rule(line: Sequence[Segment]) -> bool:
    return set("".join(segment.text for segment in line)) == {" ", "─"}


def _fits(cell: Cell, column: Column) -> bool:
    """Say whether a cell is one line of plain letters, none of which is as wide as two."""
    if not isinstance(cell, str) or len(cell) > (column.width or 0) or "\n" in cell:
        return False
    return cell.isascii() or cell_len(cell) == len(cell)


def _padded(cell: Cell, column: Column) -> str:
    text, width = str(cell), column.width or 0
    return text.rjust(width) if column.justify == "right" else text.ljust(width)
