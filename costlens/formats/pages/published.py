"""Published figures beside ours: one table for each published one, what is wrong in it as numbered notes."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from costlens.formats import markdown
from costlens.results.columns import COUNT, TEXT, Column, of_items
from costlens.results.page import Block, Finding, Heading, Items, Level, Line, Mark, Outcome, Page, Say, Table
from costlens.results.published import LAYER, PublishedDocument, PublishedFigure, PublishedTable

MARK = "<!-- written by costlens tables"
"""How every file that is written begins; one that begins otherwise is not replaced."""
RULE = (
    "A figure agrees where ours is less than one unit of its last printed digit away: papers round and truncate. "
    "costlens docs counting defines the conventions."
)
_INDEX = (
    "Figures as their sources print them, beside the count of a spec. They are in a YAML file beside each page. ",
    Mark("costlens tables", "code"),
    " writes the pages again; with ",
    Mark("--check", "code"),
    " the exit code is 3 where a page is stale, or where a figure that should agree does not.",
)
_DIGITS = 7
"""Of a percentage or a ratio."""


def page(document: PublishedDocument) -> Page:
    """Return the tables of one source."""
    said = summary(document)
    blocks: list[Block] = [
        Say((document.source, " · " if document.url else "", Mark(document.url, "links"))),
        Say(Mark(document.note, "links") if document.note else ""),
        Say((Mark(said), f" {RULE}")),
        *(block for each in document.tables for block in _table(each)),
    ]
    screen = [Say(f"{document.name}: {said}")]
    findings = [_finding(document, figure) for figure in document.figures]
    return Page(document.title, blocks, document, 1, screen, findings, summary=said, name="costlens tables")


def index(documents: Sequence[PublishedDocument]) -> Page:
    """Return the index of a folder of documents."""
    names = ("figures", "agree", "wrong as published", "count something else")
    rows = [(Mark(one.title, "", f"{one.name}.md"), one.source, *one.tally) for one in documents]
    counted: list[Column[PublishedDocument]] = [Column(name, name, COUNT) for name in names]
    totals = (str(sum(numbers)) for numbers in zip(*(one.tally for one in documents), strict=True))
    sums = {"title": "all", **dict(zip(names, totals, strict=True))}
    table = Table(of_items(Column("title", "tables"), Column("source", "source"), *counted), rows, sums=[sums])
    return Page("Published tables, reproduced", [Say(_INDEX), table, Say(RULE)], level=1)


def text(document: PublishedDocument) -> str:
    """Return the file of one source's page."""
    return f"{MARK} from {document.name}.yaml -->\n{markdown.render(page(document))}"


def index_text(documents: Sequence[PublishedDocument]) -> str:
    """Return the file of a folder's index."""
    return f"{MARK} -->\n{markdown.render(index(documents))}"


def _finding(document: PublishedDocument, figure: PublishedFigure) -> Finding:
    wrong, file = figure.unexpected, document.file
    outcome: Outcome = "failure" if wrong else "passed"
    name = f"{figure.label}: {figure.word} {figure.published}"
    level: Level = "error" if wrong else ""
    return Finding(outcome, file, name, wrong, level, document.title, "unexpected", file, figure.line)


def summary(document: PublishedDocument) -> str:
    """Say in one sentence how many figures agree."""
    printed, agreeing, wrong, differing = document.tally
    parts = [f"{agreeing} of {printed} figures agree with the count"]
    parts += [f"{wrong} wrong as published"] if wrong else []
    parts += [f"{differing} of something else"] if differing else []
    parts += [f"{len(document.unexpected)} NOT AS EXPECTED"] if document.unexpected else []
    return ", ".join(parts) + "."


def _table(published: PublishedTable) -> list[Block]:
    notes = list(dict.fromkeys([*(f.remark for f in published.figures if f.remark), *published.remarks]))
    specs = dict.fromkeys(map(_spec, published.figures))
    number = COUNT if any(figure.word != LAYER for figure in published.figures) else TEXT
    columns: tuple[Column[PublishedFigure], ...] = (
        Column("label", "figure"),
        Column("published", "published", number, lambda figure: "" if figure.agrees is None else figure.published),
        Column("conventions", "convention", value=lambda figure: ", ".join(figure.conventions)),
        Column("ours", "ours", number, _ours),
        Column("difference", "difference", COUNT, _difference),
        Column("agrees", "agrees", value=lambda figure: _agrees(figure, notes)),
        Column("spec", "counted from", value=_spec),
    )
    shared = len(specs) == 1
    return [
        Heading(published.title),
        Say(Mark(published.note, "links") if published.note else ""),
        Say(("Counted from ", *next(iter(specs)), ".") if shared else ""),
        Table(columns[:-1] if shared else columns, published.figures, published.title),
        Items([Mark(note, "links") for note in notes], numbered=True),
    ]


def _ours(figure: PublishedFigure) -> str:
    if isinstance(figure.ours, str):
        return figure.ours
    sign = "%" if figure.word.endswith("_share") else "×"
    shown = f"{figure.ours:,}" if isinstance(figure.ours, int) else f"{figure.ours:.{_DIGITS}g}{sign}"
    return shown if figure.complete else f"≥ {shown}"


def _difference(figure: PublishedFigure) -> str:
    """Write the difference in the published unit, and as a part of the published figure where that is a count."""
    if figure.figure is None or isinstance(figure.ours, str):
        return ""
    gap = figure.figure.difference(figure.ours)
    if figure.word.endswith("_share"):
        return f"{gap} points"
    if gap == "0":
        return gap
    part = 100 * (figure.ours - figure.figure.value) / (figure.figure.value or 1)
    return f"{gap} ({part:+.2f}%)".replace("-", "−")


def _agrees(figure: PublishedFigure, notes: Sequence[str]) -> Line:
    word = {True: "yes", False: "no", None: ""}[figure.agrees]
    said = Mark(word.upper()) if figure.unexpected else word
    if not figure.remark:
        return said
    return (said, f"{', ' if word else ''}note {notes.index(figure.remark) + 1}")


def _spec(figure: PublishedFigure) -> tuple[str | Mark, ...]:
    link = Mark(PurePosixPath(figure.spec).stem, "", figure.spec)
    return (link, *(f", {counted}" for counted in figure.counted))
