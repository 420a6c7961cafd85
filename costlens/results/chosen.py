"""Columns that a reader chose by name: which there are, and a page whose tables have these alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from costlens.errors import UsageError, did_you_mean
from costlens.results.columns import Column
from costlens.results.page import Block, Fold, Page, Records, Table


def chosen(text: str, known: Iterable[Column[Any]]) -> tuple[str, ...]:
    """Return the columns that ``macs,params`` names, each by its name or header; UsageError for one that is not there.

    >>> from costlens.results.columns import COUNT
    >>> chosen("MACs %, params", [Column("macs_share", "MACs %"), Column("params", "params", COUNT)])
    ('macs_share', 'params')
    """
    columns = list(known)
    by_word = {_plain(word): one.name for one in columns for word in (one.header, one.name) if word}
    names = []
    for word in text.split(","):
        if _plain(word) not in by_word:
            there = dict.fromkeys(one.name for one in columns)
            headers = (" ".join(one.header.split()) for one in columns)
            guess = did_you_mean(word.strip(), [*there, *filter(None, headers)]) or f"; there are {', '.join(there)}"
            raise UsageError(f"--columns {text}: {word.strip() or 'nothing'}: no such column{guess}")
        names.append(by_word[_plain(word)])
    return tuple(dict.fromkeys(names))


def only(page: Page, names: Sequence[str]) -> Page:
    """Return a page whose tables have the named columns alone, in this order, after the first, which name the rows.

    A table that has none of them stays as it is. Records, for machines, have exactly these columns.
    """
    if not names:
        return page
    return replace(
        page,
        blocks=[*_narrowed(page.blocks, names)],
        screen=None if page.screen is None else [*_narrowed(page.screen, names)],
        brief=None if page.brief is None else [*_narrowed(page.brief, names)],
        records=_records(page, names),
    )


_MOST_NAMING = 3
"""The most columns that name a row, such as a network, a variant and a batch."""


def _plain(word: str) -> str:
    return "".join(word.split()).casefold()


def _narrowed(blocks: Iterable[Block], names: Sequence[str]) -> Iterator[Block]:
    for block in blocks:
        if isinstance(block, Table):
            yield _table(block, names)
        elif isinstance(block, Fold):
            yield replace(block, blocks=tuple(_narrowed(block.blocks, names)))
        else:
            yield block


def _table(table: Table, names: Sequence[str]) -> Table:
    there = {column.name: column for column in table.columns}
    if there.keys().isdisjoint(names):
        return table
    naming = _naming(table)
    kept = {column.name for column in naming}
    wanted = [replace(there[name], priority=0) for name in names if name in there and name not in kept]
    return replace(table, columns=[*naming, *wanted], rest="")


def _naming(table: Table) -> Sequence[Column[Any]]:
    """Return the first columns of a table, as many as tell its rows apart; the first where none do."""
    for many in range(1, _MOST_NAMING + 1):
        found = {tuple(str(column.cell(row)) for column in table.columns[:many]) for row in table.rows}
        if len(found) == len(table.rows):
            return table.columns[:many]
    return table.columns[:1]


def _records(page: Page, names: Sequence[str]) -> Records:
    records = page.table()
    if set(names) <= set(records.names):
        places = [records.names.index(name) for name in names]
        return Records(tuple(names), ([row[place] for place in places] for row in records.rows))
    tables = [block for block in _all((*page.blocks, *(page.screen or ()))) if isinstance(block, Table)]
    having = [table for table in tables if set(names) <= {column.name for column in table.columns}]
    if not having:
        return Records(tuple(names), _refused(names))
    largest = max(having, key=lambda table: len(table.rows))
    there = {column.name: column for column in largest.columns}
    return Records.of(replace(largest, columns=[there[name] for name in names]))


def _refused(names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """Raise UsageError once these rows are wanted: other formats have no need of them."""
    raise UsageError(f"--columns {','.join(names)}: CSV is one table, and none here has all of these; name fewer")
    yield


def _all(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Fold):
            yield from _all(block.blocks)
