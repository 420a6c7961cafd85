"""A page as one HTML file that loads nothing and can be read without its script: for CI servers, mails and issues.

The script and the style sheet of ``assets/`` are written into the file, and its policy allows these two and nothing
else. So what somebody's name may hold could not run even if it were not escaped.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costlens.errors import not_installed
from costlens.formats.charts import Panel, chart_named
from costlens.formats.charts._svg import alone, svg
from costlens.formats.escape import LIMIT, NAME, address, fragment, plain, shorten
from costlens.results.charts import Cloud
from costlens.results.columns import AtLeast, Column
from costlens.results.page import Block, Chart, Code, Fold, Heading, Items, Line, Mark, Page, Picture, Say, Table

if TYPE_CHECKING:
    from jinja2 import Environment

suffix = ".html"
ASSETS = Path(__file__).parent / "assets"
_LINK = re.compile(r"https?://[^\s<>\"'`\\]*[^\s<>\"'`\\.,;:!?)\]]")
_SHOWN_FIRST = 7
"""The highest priority of a column that is shown before its reader asks for all of them."""
_MOST = 5_000
"""Rows of a table that a page shows at most: browsers take seconds to lay out more, and nobody reads them there."""
_CUT = "The first {:,} of {:,} rows are shown. Totals hold all rows; --format csv writes each."
_LEADS = re.compile(r' href="#([^"]*)"')
_SHORT = 30
"""Rows that a part of a page shows without being asked."""
_TOP, _TITLE_OF_PART = 2, 3
"""The level of a heading below the title, and that of the title of a page that is a part of another."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line, ready for the template, which escapes it; it is a link where there is an address."""

    text: str
    style: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The header of a column: its text, its name in CSV, its classes."""

    text: str
    name: str
    style: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of text or of a number, whose ``value`` is there where its text does not show all of it.

    ``tag`` is th where it names its row.
    """

    tag: str
    pieces: list[Piece]
    text: bool
    value: str = ""

    @property
    def plain(self) -> str | None:
        """All of its text, where nothing of that stands out: most cells by far."""
        match self.pieces:
            case [Piece(text, "", "")]:
                return text
        return None


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing, ready for the template; ``first``: it is the one that is shown first. facts: by their names."""

    name: str
    svg: str
    says: str
    address: str
    first: bool
    facts: Mapping[str, str]


@dataclass(slots=True)
class _Writing:
    """A page as it is written: the addresses that are given, and the headings below its title.

    highest: the level of the page's highest heading, which stands right below the title; level: of the last one.
    cut: whether a table has more rows than are shown. is_part: whether it is a part of another page.
    """

    highest: int
    macros: Any
    level: int = 1
    given: set[str] = field(default_factory=set)
    cut: bool = False
    is_part: bool = False
    outline: list[tuple[str, list[Piece]]] = field(default_factory=list)

    def blocks(self, blocks: Sequence[Block], caption: str) -> Iterator[Any]:
        """Write blocks; a table is called by its own title, else by the last heading above it."""
        for block in blocks:
            if isinstance(block, Heading):
                caption = _said(block.text)
            yield self.block(block, caption)

    def block(self, block: Block, caption: str) -> Any:
        """Write a block; nothing for one that says nothing."""
        written: Any = ""
        match block:
            case Say(lines, tone) if lines:
                written = self.macros.say([*map(_pieces, lines)], tone)
            case Items(lines, tone, numbered) if lines:
                written = self.macros.items([*map(_pieces, lines)], tone, numbered)
            case Heading(text, level):
                written = self.heading(text, _TOP + level - self.highest)
            case Fold(summary, blocks):
                body = [part for part in self.blocks(blocks, summary) if part]
                written = self.macros.fold(shorten(plain(summary), LIMIT), body) if body else ""
            case Code(text):
                written = self.macros.code("\n".join(map(plain, text.splitlines())))
            case Picture(place, shows):
                written = self.macros.beside(address(place), plain(shows))
            case Table() if block.rows:
                written = self.table(block, block.title or caption)
            case Chart(kind, data):
                written = self.pictures(kind, data) if self.is_part else self.chart(kind, data)
        return written

    def heading(self, text: Line, level: int) -> Any:
        """Write a heading, one level below the last one at most; those right below the title are the contents."""
        self.level = min(level, self.level + 1)
        given, pieces = self.address(fragment(_said(text).replace(" ", "-"))), _pieces(text)
        if self.level == _TOP:
            self.outline.append((given, pieces))
        return self.macros.heading(pieces, self.level, given)

    def chart(self, name: str, data: Any) -> Any:
        """Write a chart with what it says and, folded, its table; nothing where there is nothing to draw."""
        kind = chart_named(name)
        panels = kind.panels(data)
        if not panels:
            return ""
        heading = self.heading(kind.title, _TOP)
        drawn = [
            (shorten(plain(fold), NAME), [[*map(self.figure, each)] for each in _apart(found)])
            for fold, found in groupby(panels, key=lambda panel: panel.fold)
        ]
        says, table = self.block(Say(*kind.says(data)), ""), self.table(kind.table(data), kind.title)
        return self.macros.chart(heading, says, drawn, kind.title, kind.beside, table)

    def pictures(self, name: str, data: Any) -> Any:
        """Write the drawings of a chart as pictures, whose style stays their own, with what it says."""
        kind = chart_named(name)
        panels = kind.panels(data)
        if not panels:
            return ""
        heading = self.heading(kind.title, _TOP)
        drawn = [(shorten(plain(each.name), NAME), _picture(each, kind.title)) for each in panels]
        return self.macros.pictures(heading, self.block(Say(*kind.says(data)), ""), drawn, kind.title)

    def figure(self, panel: Panel) -> Figure:
        """Draw a panel."""
        name, says = shorten(plain(panel.name), NAME), shorten(plain(panel.says), LIMIT)
        address = self.address(panel.address) if panel.address else ""
        return Figure(name, svg(panel.draw()), says, address, panel.first, panel.facts)

    def table(self, table: Table, caption: str) -> Any:
        """Write a table, all of its columns; of a very long one the first rows, and that there are more."""
        if len(table.rows) > _MOST:
            self.cut = True
            said = self.block(Say(_CUT.format(_MOST, len(table.rows))), "")
            return said + self.table(replace(table, rows=table.rows[:_MOST]), caption)
        filled = table.filled()
        if not filled:
            return ""
        last = min(table.keep, _SHOWN_FIRST)
        heads = [
            Head(" ".join(plain(each.header).split()), plain(each.name), " ".join(_styles(each, last)))
            for each in filled
        ]
        columns = [
            _cells(column, found, table, named=not place and not column.unit.numeric)
            for place, (column, found) in enumerate(filled.items())
        ]
        rows = [*zip(*columns, strict=True)]
        many = len(table.rows)
        ids = [self.row_address(table, cells[0]) for cells in rows[:many]] if table.address else []
        return self.macros.table(shorten(plain(caption), NAME), heads, rows[:many], rows[many:], ids)

    def reached(self, written: Any) -> Any:
        """Return what was written without the links to rows that are not shown."""
        if not self.cut:
            return written
        return type(written)(_LEADS.sub(lambda found: found[0] if found[1] in self.given else "", str(written)))

    def row_address(self, table: Table, first: Cell) -> str:
        """Return the address of a row, which its first cell names."""
        return self.address(fragment(*table.address, "".join(piece.text for piece in first.pieces)))

    def address(self, wanted: str) -> str:
        """Return an address of this page that no other place has."""
        number, given = 1, wanted
        while given in self.given:
            number += 1
            given = f"{wanted}-{number}"
        self.given.add(given)
        return given


def _apart(panels: Iterable[Panel]) -> tuple[list[Panel], list[Panel]]:
    """Return panels, and those of them that stand beside each other."""
    found = [*panels]
    return [panel for panel in found if not panel.small], [panel for panel in found if panel.small]


def render(page: Page) -> str:
    """Write a page; RuntimeUnavailable without Jinja2."""
    templates = _templates()
    writing = _Writing(_highest(page), templates.get_template("blocks.html").module)
    name = _said(page.title)
    body = [part for part in writing.blocks(page.blocks, name or "costlens") if part]
    body = [*map(writing.reached, body)]
    style, script = _asset("page.css"), _script(page.blocks)
    return templates.get_template("page.html").render(
        name=name, title=_pieces(page.title), body=body, outline=writing.outline, style=style, script=script,
        style_hash=hash_of(style), script_hash=hash_of(script),
    )  # fmt: skip


def part(page: Page) -> str:
    """Write a page as a part of another, such as a notebook: without script, the last columns and most charts.

    Charts of families are pictures there. RuntimeUnavailable without Jinja2.
    """
    templates = _templates()
    highest = _highest(page) - _TITLE_OF_PART + 1
    writing = _Writing(highest, templates.get_template("blocks.html").module, level=_TITLE_OF_PART, is_part=True)
    title = _pieces(page.title) if page.title else []
    body = [part for part in writing.blocks(_unfolded([*_brief(page.blocks)]), _said(page.title)) if part]
    return templates.get_template("part.html").render(title=title, body=body)


def _highest(page: Page) -> int:
    """Return the level of the highest heading of a page."""
    return min((block.level for block in page.blocks if isinstance(block, Heading)), default=_TOP)


def _brief(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield blocks, of charts those alone that a part shows, and of tables the columns that a reader sees first."""
    for block in blocks:
        if isinstance(block, Table):
            last = min(block.keep, _SHOWN_FIRST)
            yield replace(block, columns=[each for each in block.columns if each.priority <= last], address=())
        elif isinstance(block, Fold):
            yield replace(block, blocks=tuple(_brief(block.blocks)))
        elif not isinstance(block, Chart) or block.in_part:
            yield block


def _picture(panel: Panel, title: str) -> str:
    """Return the address of a drawing that is the picture itself."""
    written = alone(panel.draw(), panel.name or title).encode()
    return f"data:image/svg+xml;base64,{b64encode(written).decode()}"


def _unfolded(blocks: Sequence[Block]) -> Sequence[Block]:
    """Return blocks without their only fold where its tables are short: nobody has to open it."""
    folds = [block for block in blocks if isinstance(block, Fold)]
    rows = sum(len(inner.rows) for fold in folds for inner in fold.blocks if isinstance(inner, Table))
    if len(folds) != 1 or rows > _SHORT:
        return blocks
    return [each for block in blocks for each in (block.blocks if isinstance(block, Fold) else (block,))]


def hash_of(text: str) -> str:
    """Return how a Content-Security-Policy names a script or a style sheet that stands in the page."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


@cache
def _templates() -> Environment:
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None
    return Environment(
        loader=FileSystemLoader(ASSETS), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip


@cache
def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _script(blocks: Sequence[Block]) -> str:
    """Return the script of a page; what charts of families need is in pages alone that have such."""
    of_points = any(isinstance(block, Chart) and isinstance(block.data, Cloud) for block in blocks)
    return _asset("page.js") + (_asset("points.js") if of_points else "")


def _said(line: Line) -> str:
    """Return the words of a line."""
    return "".join(piece.text for piece in _pieces(line))


def _pieces(line: Any, limit: int = LIMIT) -> list[Piece]:
    """Return a line, or a cell, as pieces that hold nothing that cannot be seen."""
    return [piece for mark in (line if isinstance(line, tuple) else (line,)) for piece in _piece(mark, limit)]


def _piece(mark: str | Mark, limit: int) -> Iterator[Piece]:
    text = shorten(plain(str(mark)), limit)
    if not isinstance(mark, Mark) or mark.address or mark.style != "links":
        style, target = (mark.style, mark.address) if isinstance(mark, Mark) else ("", "")
        yield Piece(text, style, target if target.startswith("#") else address(target))
        return
    end = 0
    for found in _LINK.finditer(text):
        yield Piece(text[end : found.start()])
        yield Piece(found[0], "", found[0])
        end = found.end()
    yield Piece(text[end:])


def _styles(column: Column[Any], last: int) -> Iterator[str]:
    """Yield the classes of a column: n for numbers, m for more than is shown first."""
    if column.unit.numeric:
        yield "n"
    if column.priority > last:
        yield "m"


def _cells(column: Column[Any], found: Sequence[Any], table: Table, *, named: bool) -> list[Cell]:
    """Return the cells of a column, of the table's rows and then of its sums; they name their rows where ``named``."""
    limit = LIMIT if column.priority else NAME
    values = [*(_value(column, row) for row in table.rows), *("" for _ in table.sums)]
    return [
        Cell(
            "th" if named and text else "td",
            _pieces(text, limit),
            not column.unit.numeric,
            "" if value == str(text).replace(",", "") else value,
        )
        for text, value in zip(found, values, strict=True)
    ]


def _value(column: Column[Any], row: Any) -> str:
    """Return a number as the script sorts and copies it; nothing where there is none."""
    raw = column.raw(row) if column.unit.numeric else None
    value = raw.value if isinstance(raw, AtLeast) else raw
    return _number(value) if isinstance(value, int | float) and value is not False else ""


def _number(value: float) -> str:
    """Write a number for the script.

    >>> _number(1228800), _number(0.1168493)
    ('1228800', '0.116849')
    """
    return str(value) if isinstance(value, int) else f"{value:.6g}"
