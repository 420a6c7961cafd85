"""A page as GitHub-flavoured Markdown: what a README, a pull request or ``report.md`` holds; details are folded."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from costlens.formats.escape import LIMIT, NAME, address, code, plain
from costlens.formats.escape import markdown as text
from costlens.results.columns import Column
from costlens.results.page import Block, Code, Fold, Heading, Items, Line, Mark, Page, Picture, Say, Style, Table

suffix = ".md"
_AROUND: dict[Style, str] = {"strong": "**", "alarm": "**", "emphasis": "*"}


def render(page: Page) -> str:
    """Write a page."""
    return "\n\n".join(part for _, part in parts(page)) + "\n"


def parts(page: Page) -> list[tuple[bool, str]]:
    """Return the blocks of a page as text, each with whether it is a detail that may be left out."""
    title = [Heading(page.title, page.level)] if page.title else []
    written = [(isinstance(block, Fold), _block(block)) for block in (*title, *page.in_brief)]
    return [(detail, part) for detail, part in written if part]


def _block(block: Block) -> str:
    written = ""
    match block:
        case Say(lines, tone):
            written = _toned(" ".join(map(line, lines)), tone)
        case Items(lines, tone, numbered):
            marks = (f"{number}." if numbered else "-" for number in range(1, len(lines) + 1))
            written = "\n".join(f"{mark} {_toned(line(each), tone)}" for mark, each in zip(marks, lines, strict=True))
        case Heading(title, level):
            written = f"{'#' * level} {line(title)}"
        case Code(lines, language):
            written = fenced(lines, language)
        case Fold(summary, blocks):
            body = "\n\n".join(filter(None, map(_block, blocks)))
            written = details(summary, body) if body else ""
        case Picture(place, shows):
            written = f"![{text(shows)}]({address(place)})"
        case Table() if block.rows:
            written = _table(block)
    return written


def line(given: Line) -> str:
    """Write a line, its marks in their styles."""
    return "".join(map(_mark, given if isinstance(given, tuple) else (given,)))


def _toned(written: str, tone: Style) -> str:
    around = _AROUND.get(tone, "") if written else ""
    return f"{around}{written}{around}"


def _mark(mark: str | Mark, limit: int = LIMIT) -> str:
    if isinstance(mark, str):
        return _spaced(mark, limit)
    if mark.style == "code":
        return code(mark.text, limit)
    written = text(mark.text, limit, links=mark.style == "links")
    return f"[{written}]({address(mark.address)})" if mark.address else _toned(written, mark.style)


def _spaced(piece: str, limit: int) -> str:
    """Escape a piece of a line; the blanks at its ends keep it from its neighbours."""
    inner = piece.strip(" ")
    if not inner:
        return piece
    before, _, after = piece.partition(inner)
    return f"{before}{text(inner, limit)}{after}"


def _table(table: Table) -> str:
    filled = table.filled()
    short = {column: cells for column, cells in filled.items() if column.priority <= table.keep}
    every = details(table.rest, _written(filled)) if table.rest and len(short) < len(filled) else ""
    return "\n\n".join(filter(None, (_written(short), every)))


def _written(filled: dict[Column[Any], list[Any]]) -> str:
    cells = [[_cell(cell, LIMIT if column.priority else NAME) for cell in found] for column, found in filled.items()]
    return pipes(
        [text(column.header, NAME) for column in filled], [*zip(*cells, strict=True)], [c.unit.numeric for c in filled]
    )


def _cell(value: Any, limit: int) -> str:
    marks = value if isinstance(value, tuple) else (value if isinstance(value, Mark) else str(value),)
    return "".join(_mark(mark, limit) for mark in marks)


def pipes(headers: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> str:
    """Write a pipe table of escaped cells, its columns aligned in the source too.

    >>> print(pipes(["a", "n"], [["x", "1,000"]], [False, True]))
    | a   |     n |
    | :-- | ----: |
    | x   | 1,000 |
    """
    lines = [list(headers), *(list(row) for row in rows)]
    widths = [max(3, *(len(line[i]) for line in lines)) for i in range(len(headers))]
    rule = [f"{'-' * (w - 1)}:" if right else f":{'-' * (w - 1)}" for w, right in zip(widths, numeric, strict=True)]

    def written(cells: Sequence[str]) -> str:
        padded = (c.rjust(w) if right else c.ljust(w) for c, w, right in zip(cells, widths, numeric, strict=True))
        return f"| {' | '.join(padded)} |"

    return "\n".join([written(lines[0]), f"| {' | '.join(rule)} |", *(written(line) for line in lines[1:])])


def fenced(lines: str, language: str = "") -> str:
    """Write lines that are shown as they are; no run of back quotes in them ends the block."""
    shown = "\n".join(map(plain, lines.splitlines()))
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", shown)), 3)
    return f"{fence}{language}\n{shown}\n{fence}"


def details(summary: str, body: str) -> str:
    """Fold a body under a line; the reader opens it."""
    return f"<details>\n<summary>{text(summary)}</summary>\n\n{body}\n\n</details>"
