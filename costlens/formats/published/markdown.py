"""Published figures as Markdown: one table for each published one, what is wrong in it as numbered notes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from costlens.formats.escape import address
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import table
from costlens.results.published import LAYER, PublishedDocument, PublishedFigure, PublishedTable

MARK = "<!-- written by costlens tables"
"""How every file that is written begins; one that does not is nobody's to replace."""

RULE = (
    "A figure agrees where ours is less than one unit of its last printed digit away: papers round and truncate. "
    "Conventions are those of the README's “How costlens counts”."
)
_INDEX = (
    "Figures as their sources print them, beside the count of a spec. They stand in a YAML file beside each page. "
    "`costlens tables` writes the pages anew; with `--check` it is exit 3 where one is stale, or where a figure that "
    "should agree does not."
)
_DIGITS = 7
"""Of a percentage or a ratio."""


def render(document: PublishedDocument) -> str:
    """Write the tables of one source."""
    parts = [
        f"{MARK} from {document.name}.yaml -->\n# {text(document.title)}",
        f"{text(document.source)}{f' · {text(document.url, links=True)}' if document.url else ''}",
        text(document.note, links=True),
        f"**{summary(document)}** {RULE}",
    ]
    for each in document.tables:
        parts += _table(each)
    return "\n\n".join(part for part in parts if part) + "\n"


def index(documents: Sequence[PublishedDocument]) -> str:
    """Write the index of a folder of documents."""
    rows = [[f"[{text(d.title)}]({address(d.name)}.md)", text(d.source), *map(str, _numbers(d))] for d in documents]
    totals = [str(sum(column)) for column in zip(*map(_numbers, documents), strict=True)]
    headers = ["tables", "source", "figures", "agree", "wrong as published", "count something else"]
    lines = table(headers, [*rows, ["all", "", *totals]], [False, False, True, True, True, True])
    return "\n\n".join([f"{MARK} -->\n# Published tables, reproduced", _INDEX, lines, RULE]) + "\n"


def _numbers(document: PublishedDocument) -> tuple[int, int, int, int]:
    return document.printed, document.agreeing, document.not_agreeing("wrong"), document.not_agreeing("differs")


def summary(document: PublishedDocument) -> str:
    """Say in one sentence how many figures agree."""
    printed, agreeing, wrong, differing = _numbers(document)
    parts = [f"{agreeing} of {printed} figures agree with the count"]
    parts += [f"{wrong} wrong as published"] if wrong else []
    parts += [f"{differing} of something else"] if differing else []
    parts += [f"{len(document.unexpected)} NOT AS EXPECTED"] if document.unexpected else []
    return ", ".join(parts) + "."


def _table(published: PublishedTable) -> list[str]:
    notes = list(dict.fromkeys([*(f.remark for f in published.figures if f.remark), *published.remarks]))
    specs = [_spec(figure) for figure in published.figures]
    shared = len(set(specs)) == 1
    headers = ["figure", "published", "convention", "ours", "difference", "agrees", "counted from"]
    counted = any(figure.word != LAYER for figure in published.figures)
    numeric = [False, counted, False, counted, True, False, False]
    rows = [
        [
            text(figure.label),
            "" if figure.agrees is None else text(figure.published),
            text(", ".join(figure.conventions)),
            _ours(figure),
            _difference(figure),
            _agrees(figure, notes),
            spec,
        ]
        for figure, spec in zip(published.figures, specs, strict=True)
    ]
    kept = [i for i in range(len(headers)) if any(row[i] for row in rows) and not (shared and i == len(headers) - 1)]
    return [
        f"## {text(published.title)}",
        text(published.note, links=True),
        f"Counted from {specs[0]}." if shared else "",
        table([headers[i] for i in kept], [[row[i] for i in kept] for row in rows], [numeric[i] for i in kept]),
        "\n".join(f"{number}. {text(note, links=True)}" for number, note in enumerate(notes, 1)),
    ]


def _ours(figure: PublishedFigure) -> str:
    if isinstance(figure.ours, str):
        return text(figure.ours)
    shown = f"{figure.ours:,}" if isinstance(figure.ours, int) else f"{figure.ours:.{_DIGITS}g}"
    return f"{'' if figure.complete else '≥ '}{shown}{_mark(figure)}"


def _mark(figure: PublishedFigure) -> str:
    if isinstance(figure.ours, int):
        return ""
    return "%" if figure.word.endswith("_share") else "×"


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


def _agrees(figure: PublishedFigure, notes: Sequence[str]) -> str:
    word = {True: "yes", False: "no", None: ""}[figure.agrees]
    said = f"**{word.upper()}**" if figure.unexpected else word
    note = f"note {notes.index(figure.remark) + 1}" if figure.remark else ""
    return ", ".join(part for part in (said, note) if part)


def _spec(figure: PublishedFigure) -> str:
    link = f"[{text(PurePosixPath(figure.spec).stem)}]({address(figure.spec)})"
    return ", ".join([link, *map(text, figure.counted)])
