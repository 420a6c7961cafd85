"""A page as CSV: one line a row of its table, figures as plain numbers, empty where they are not known."""

import csv
from io import StringIO
from typing import Any

from costlens.arithmetic.shapes import times, written
from costlens.formats.escape import csv_cell
from costlens.results.page import Page

suffix = ".csv"


def render(page: Page) -> str:
    """Write the records of a page under their names."""
    records = page.table()
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([csv_cell(name) for name in records.names])
    writer.writerows([csv_cell(_cell(value)) for value in row] for row in records.rows)
    return out.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, tuple):
        whole = value and isinstance(value[0], int)
        return times(value) if whole else "; ".join(written(v) if isinstance(v, tuple) else str(v) for v in value)
    return value if isinstance(value, int | float) else str(value)
