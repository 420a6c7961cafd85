"""A document of published figures and a way to count specs → each figure beside ours."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from costlens.analysis.published.document import Counted, FigureEntry, Rows, TableEntry, figure
from costlens.analysis.published.notation import layer, same
from costlens.analysis.published.reading import Location, Source
from costlens.analysis.published.selection import NoSuchRowsError, selected
from costlens.arithmetic.figures import Figure
from costlens.arithmetic.precision import FP32, Precision
from costlens.errors import Problem, SpecError, UsageError
from costlens.results.counts import AS_WRITTEN, FIGURES, CountRow, ModelCount
from costlens.results.published import (
    COUNTED,
    HELD,
    LAYER,
    MANNERS,
    UNPRINTED,
    UNSCALED,
    PublishedDocument,
    PublishedFigure,
    PublishedTable,
)

Counter = Callable[[Path, Mapping[str, str], str, Precision], ModelCount]
"""``(spec, settings, variant, precision)``: counts one variant of a spec; UsageError where that cannot be."""


Unscaled = Callable[[Path, Mapping[str, str], str, Precision], int]
"""The same for the bytes of weights and biases without scales."""


def compare(source: Source, count: Counter, unscaled: Unscaled) -> PublishedDocument:
    """Count what every figure of a document counts; SpecError with every figure that cannot be, each reason once."""

    @cache
    def counted(
        path: Path, settings: tuple[tuple[str, str], ...], variant: str, precision: Precision = FP32
    ) -> ModelCount:
        return count(path, dict(settings), variant, precision)

    problems: dict[str, Problem] = {}
    tables = []
    for index, table in enumerate(source.document.tables):
        figures: list[PublishedFigure] = []
        for number, entry in enumerate(table.figures):
            at: Location = ("tables", index, "figures", number)
            try:
                figures += _figures(source, at, entry, _merged(table, entry), counted, unscaled)
            except UsageError as error:
                field = error.field if isinstance(error, NoSuchRowsError) else "spec"
                place = (*at, field) if (*at, field) in source.places.found else ("tables", index, field)
                problems.setdefault(str(error), source.places.problem(place, str(error)))
        tables.append(PublishedTable(table.title, table.note, tuple(figures), table.remarks))
    if problems:
        raise SpecError(list(problems.values()))
    path, document = source.path, source.document
    return PublishedDocument(
        str(path), path.stem, document.title, document.source, document.url, document.note, tuple(tables)
    )


def _merged(table: TableEntry, entry: FigureEntry) -> Counted:
    """Return what a figure asks for; what it leaves open is its table's, settings one by one."""
    asked = set(Counted.model_fields)
    of_table, of_figure = (part.model_dump(include=asked, exclude_unset=True) for part in (table, entry))
    return Counted(**of_table | of_figure | {"settings": table.settings | entry.settings})


def _figures(
    source: Source,
    at: Location,
    entry: FigureEntry,
    asked: Counted,
    counted: Callable[..., ModelCount],
    unscaled: Unscaled,
) -> Iterator[PublishedFigure]:
    if not asked.spec:
        raise UsageError("missing; name the spec that is counted, here or for the whole table")
    path, settings = Path(os.path.normpath(source.path.parent / asked.spec)), tuple(asked.settings.items())
    model = counted(path, settings, asked.variant, asked.precision)
    rows = selected(model, asked.rows, asked.without)
    standard = cache(lambda: selected(counted(path, settings, "standard"), asked.rows, asked.without))
    for word, text in entry.published.items():
        name, _, manner = word.partition("_")
        printed = figure(word, text)
        if word == UNSCALED:
            ours: int | float | str = unscaled(path, asked.settings, asked.variant, asked.precision)
        elif word in HELD:
            ours = getattr(model.totals, HELD[word][0])
        else:
            ours = _alike(rows) if word == LAYER else _value(name, manner, rows, model, standard)
        complete = not any(row.uncounted for row in (model.rows if manner or word in HELD else rows))
        yield PublishedFigure(
            label=entry.label or " to ".join(dict.fromkeys((entry.rows.name[0], entry.rows.name[-1]))),
            word=word,
            published=text,
            figure=printed,
            ours=ours,
            complete=complete,
            agrees=None if text == UNPRINTED else complete and _agree(text, printed, ours),
            known=entry.known,
            remark=entry.remark,
            conventions=tuple(_conventions(name, manner, asked)),
            spec=asked.spec,
            counted=tuple(_counted(asked, rows_too=word != LAYER)),
            line=source.places.found[at][0],
        )


def _value(
    name: str, manner: str, rows: Sequence[CountRow], model: ModelCount, standard: Callable[[], Sequence[CountRow]]
) -> int | float:
    ours = _sum(name, rows)
    if manner == "share":
        return 100 * ours / (_sum(name, model.rows) or 1)
    if manner == "ratio":
        return ours / (_sum(name, standard()) or 1)
    return _sum(name, standard()) / (ours or 1) if manner == "saving" else ours


def _agree(text: str, printed: Figure | None, ours: int | float | str) -> bool:
    if printed is None or isinstance(ours, str):
        return same(text, str(ours))
    return printed.holds(ours)


def _sum(name: str, rows: Sequence[CountRow]) -> int:
    return sum(getattr(row, FIGURES[name]) for row in rows)


def _alike(rows: Sequence[CountRow]) -> str:
    """Write rows that are alike as one layer, ``5×`` before it; different ones one after the other."""
    written = dict.fromkeys(map(layer, rows))
    times = f"{len(rows)}× " if len(written) == 1 and len(rows) > 1 else ""
    return times + "; ".join(written)


def _conventions(name: str, manner: str, asked: Counted) -> Iterator[str]:
    if name in HELD:
        yield f"{HELD[name][1]}, {asked.precision}"
    elif name != LAYER:
        yield MANNERS[manner].format(COUNTED[name])
    if asked.without:
        yield f"without {', '.join(asked.without)}"
    if asked.convention:
        yield asked.convention


def _counted(asked: Counted, *, rows_too: bool) -> Iterator[str]:
    yield from (f"{name}={value}" for name, value in asked.settings.items())
    if asked.variant != AS_WRITTEN:
        yield asked.variant
    rows = asked.rows if rows_too else Rows()
    yield from (word for word in (rows.section, *rows.name, rows.kind, rows.kernel.replace("x", "×")) if word)
