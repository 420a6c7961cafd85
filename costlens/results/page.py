"""A page: what a result has to say, as blocks that every format writes, and what it found out, as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from costlens.results.columns import AtLeast, Column

Tone = Literal["", "strong", "dim", "good", "warn", "bad", "alarm"]
Style = Tone | Literal["code", "emphasis", "links"]
Outcome = Literal["error", "failure", "skipped", "passed"]
WORST_FIRST: tuple[Outcome, ...] = ("error", "failure", "skipped", "passed")
Level = Literal["error", "warning", "notice", ""]


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a line that stands out: in a tone, as code, as a link to an address, or with ``links`` in it.

    An address is a path beside the page or, behind ``#``, a place in it.
    """

    text: str
    style: Style = "strong"
    address: str = ""

    def __str__(self) -> str:
        return self.text


Line = str | Mark | tuple[str | Mark, ...]


def said(line: Line) -> str:
    """Return the words of a line.

    >>> said(("See ", Mark("this", "code"), "."))
    'See this.'
    """
    return "".join(map(str, line)) if isinstance(line, tuple) else str(line)


@dataclass(frozen=True, slots=True, init=False)
class Say:
    """Sentences of one paragraph; a terminal begins a line with each. Empty ones are left out, here and in Items."""

    lines: tuple[Line, ...]
    tone: Tone

    def __init__(self, *lines: Line, tone: Tone = "") -> None:
        object.__setattr__(self, "lines", tuple(filter(None, lines)))
        object.__setattr__(self, "tone", tone)


@dataclass(frozen=True, slots=True, init=False)
class Items:
    """A list, a line each; numbered where the text refers to it by numbers."""

    lines: tuple[Line, ...]
    tone: Tone
    numbered: bool

    def __init__(self, lines: Iterable[Line], tone: Tone = "", *, numbered: bool = False) -> None:
        object.__setattr__(self, "lines", tuple(filter(None, lines)))
        object.__setattr__(self, "tone", tone)
        object.__setattr__(self, "numbered", numbered)


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading inside a page."""

    text: Line
    level: int = 2


@dataclass(frozen=True, slots=True)
class Gap:
    """An empty line on a terminal; a document has one between any two blocks."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one sort under their columns. A column without a single value is left out, and so is an empty table.

    title: what a terminal writes above it; a document has headings. sums: lines below the rows, their cells by the
    column's name. keep: the highest priority of a column that a document shows; with ``rest`` all columns follow,
    folded under that. address: where links find the rows, after which each row's address has its first cell. bars: the
    column of shares that a terminal draws as bars, where it has room besides the other columns.
    """

    columns: Sequence[Column[Any]]
    rows: Sequence[Any]
    title: str = ""
    sums: Sequence[Mapping[str, str]] = ()
    keep: int = 100
    rest: str = ""
    address: tuple[str, ...] = ()
    bars: str = ""

    def filled(self) -> dict[Column[Any], list[Any]]:
        """Return the cells of each column that has any."""
        cells = {
            column: [*map(column.cell, self.rows), *(line.get(column.name, "") for line in self.sums)]
            for column in self.columns
        }
        return {column: found for column, found in cells.items() if any(found)}


@dataclass(frozen=True, slots=True)
class Code:
    """Lines to be copied as they are, in a language."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Fold:
    """Details that a document folds under a summary and a terminal writes out."""

    summary: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that lies beside the page, and what it shows for those who do not see it."""

    address: str
    shows: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures to be drawn: ``formats/charts/KIND.py`` draws the data, and says the same in words and as a table.

    A format without drawings leaves it out. data: of the type in ``results/charts.py`` that the kind takes. in_part:
    whether a notebook shows it, too.
    """

    kind: str
    data: Any
    in_part: bool = False


Block = Say | Items | Heading | Gap | Table | Code | Fold | Picture | Chart


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing, at a place in a file: an annotation, or a test that ends in some way.

    name: of the test, in its group; findings of one name are one test. level: of the annotation, none where empty.
    kind: the sort of failure. Line and column are 0 where it is nowhere in particular.
    """

    outcome: Outcome
    group: str
    name: str
    message: str = ""
    level: Level = ""
    title: str = ""
    kind: str = ""
    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class Records:
    """A table for machines: names, and rows of plain values."""

    names: tuple[str, ...]
    rows: Iterable[Sequence[Any]]

    @classmethod
    def of(cls, table: Table) -> Records:
        """Return the figures of all columns of a table."""
        rows = [tuple(_plain(column.raw(row)) for column in table.columns) for row in table.rows]
        return cls(tuple(column.name for column in table.columns), rows)


@dataclass(frozen=True, slots=True)
class Page:
    """One result for every format.

    title and level: the heading of a document. screen: what a terminal shows in the place of ``blocks``, since its
    reader sees the end first. brief: what Markdown shows in their place, since nobody scrolls through all of it in a
    repository. findings: None where the result judges nothing. document: what JSON is made of, a list for several.
    records: what CSV is made of, where that is not the first table. summary: the result in one sentence. name: of the
    suite of tests that the findings are.
    """

    title: Line
    blocks: Sequence[Block]
    document: Any = None
    level: int = 2
    screen: Sequence[Block] | None = None
    findings: Sequence[Finding] | None = None
    records: Records | None = None
    summary: str = ""
    name: str = "costlens"
    brief: Sequence[Block] | None = None

    @property
    def in_brief(self) -> Sequence[Block]:
        """What Markdown shows."""
        return self.blocks if self.brief is None else self.brief

    def located(self, place: Callable[[str], str]) -> Page:
        """Return the same with the paths of all findings replaced."""
        return replace(self, findings=[replace(one, file=place(one.file)) for one in self.findings or ()])

    def table(self) -> Records:
        """Return its records."""
        if self.records is not None:
            return self.records
        first = next((block for block in self.blocks if isinstance(block, Table)), None)
        return Records.of(first) if first else Records((), ())


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, AtLeast) else value


def together(pages: Sequence[Page], title: Line = "") -> Page:
    """Return one page for several results of one sort; its document is the list of theirs."""
    tables = [page.table() for page in pages]
    judged = [finding for page in pages for finding in page.findings or ()]
    return Page(
        title,
        _one_after_another(pages, "blocks"),
        [page.document for page in pages],
        screen=[block for page in pages for block in (page.blocks if page.screen is None else page.screen)],
        findings=judged if any(page.findings is not None for page in pages) else None,
        records=Records(tables[0].names if tables else (), [row for table in tables for row in table.rows]),
        brief=_one_after_another(pages, "in_brief"),
    )


def _one_after_another(pages: Sequence[Page], which: str) -> list[Block]:
    """Return blocks of pages, each under its title."""
    return [block for page in pages for block in (Heading(page.title, page.level), *getattr(page, which))]


def by_text(pairs: Iterable[tuple[str, str]], join: str = ", ") -> list[str]:
    """Write each sentence once, after the names of all that it holds for.

    >>> by_text([("a", "noisy"), ("b", "noisy"), ("c", "broken")])
    ['a, b: noisy', 'c: broken']
    """
    found: dict[str, list[str]] = {}
    for name, text in pairs:
        found.setdefault(text, []).append(name)
    return [": ".join(filter(None, (join.join(filter(None, names)), text))) for text, names in found.items()]
