"""A page as CSV: one line a row of its table, figures as plain numbers, empty where they are not known."""

import csv
from collections.abc import Iterator
from io import StringIO
from itertools import chain, islice
from typing import Any

from costlens.arithmetic.shapes import times, written
from costlens.formats.escape import csv_cell
from costlens.results.page import Page

suffix = ".csv"
_IN_ONE_PIECE = 1_000


def render(page: Page) -> str:
    """Write the records of a page under their names."""
    return "".join(pieces(page))


def pieces(page: Page) -> Iterator[str]:
    """Yield the text in pieces of so many lines: a page may have 100,000."""
    records = page.table()
    lines = chain([records.names], ([_cell(value) for value in row] for row in records.rows))
    while held := [*islice(lines, _IN_ONE_PIECE)]:
        out = StringIO()
        csv.writer(out, lineterminator="\n").writerows([csv_cell(value) for value in line] for line in held)
        yield out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, tuple):
        whole = value and isinstance(value[0], int)
        return times(value) if whole else "; ".join(written(v) if isinstance(v, tuple) else str(v) for v in value)
    return value if isinstance(value, int | float) else str(value)
