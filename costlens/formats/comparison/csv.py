"""A comparison as CSV: one line a model, figures as plain numbers, empty where they are not known."""

from __future__ import annotations

import csv
from io import StringIO

from costlens.formats.escape import csv_cell
from costlens.results.comparison import FIGURES, ComparedModel, Comparison
from costlens.results.verdict import conclusion

suffix = ".csv"
_HEADER = (
    "model", "origin", "operand", "name", "variant", "also", "knobs",
    *FIGURES,
    "at_least", "uncounted",
    *(f"{figure}_ratio" for figure in FIGURES),
    "median_ms", "low_ms", "high_ms", "measured", "time_ratio", "time_ratio_low", "time_ratio_high", "verdict",
    "pareto",
)  # fmt: skip


def render(comparison: Comparison) -> str:
    """Write a comparison; ``at_least`` names the figures of a line that are lower bounds."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_HEADER)
    for model in comparison.models:
        writer.writerow("" if value is None else csv_cell(value) for value in _line(model))
    return out.getvalue()


def _line(model: ComparedModel) -> list[str | int | float | None]:
    time, ratio = model.time, model.time_ratio
    return [
        *(model.label, model.origin, model.operand, model.name, model.variant, " ".join(model.also)),
        "; ".join(f"{name}={value}" for name, value in model.knobs.items()),
        *(getattr(model.figures, figure) for figure in FIGURES),
        " ".join(figure for figure in FIGURES if model.status[figure] == "partial"),
        "; ".join(model.uncounted),
        *(model.ratios.get(figure) for figure in FIGURES),
        *((time.median_ms, *time.interval_ms, "now" if time.measured else "stored") if time else (None,) * 4),
        *((ratio.ratio, ratio.low, ratio.high, conclusion(ratio.verdict, ratio.confidence)) if ratio else (None,) * 4),
        {True: "yes", False: "no", None: None}[model.front],
    ]
