"""CSV: one line per row of every model, figures as plain numbers."""

from __future__ import annotations

import csv
from dataclasses import fields
from io import StringIO
from typing import TYPE_CHECKING, Any

from costlens.arithmetic.shapes import times
from costlens.formats.escape import csv_cell
from costlens.results.counts import CountRow, ModelCount

if TYPE_CHECKING:
    from costlens.results.report import Report

suffix = ".csv"


def render_counts(models: list[ModelCount]) -> str:
    """Write the rows of all models under ``model, variant, also, batch`` and the fields of a row."""
    names = [field.name for field in fields(CountRow)]
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["model", "variant", "also", "batch", *names])
    for model in models:
        for row in model.rows:
            writer.writerow(
                map(
                    csv_cell,
                    [
                        model.name,
                        model.variant,
                        " ".join(model.also),
                        model.batch,
                        *(_cell(getattr(row, name)) for name in names),
                    ],
                )
            )
    return out.getvalue()


def render(report: Report) -> str:
    """Write the rows of a report's counts."""
    return render_counts(list(report.counts))


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, tuple):
        return value
    if value and isinstance(value[0], int):
        return times(value)
    return "; ".join(times(item) if isinstance(item, tuple) else str(item) for item in value)
