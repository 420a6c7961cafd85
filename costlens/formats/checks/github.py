"""A check as GitHub's annotations: each miss at the line that says what was wanted, each error at its own."""

from __future__ import annotations

from costlens.formats._annotations import Level, at_line
from costlens.formats.checks import _prose
from costlens.formats.escape import plain
from costlens.results.check import Checked, CheckedFigure, CheckedSpec


def render(checked: Checked) -> str:
    """Write one line each, and one that sums them up."""
    lines = [
        at_line("error", trouble.message, title=_WRONG, file=trouble.file, line=trouble.line, column=trouble.column)
        for trouble in checked.all_troubles
    ]
    for spec, figure in checked.having("missed", "partial", "inconclusive"):
        lines.append(_figure(spec, figure, "warning" if _passes(checked, figure) else "error"))
    lines += [_figure(spec, figure, "notice") for spec, figure in checked.having("not measured")]
    return "\n".join([*lines, plain(_prose.summary(checked))]) + "\n"


_WRONG = "costlens check"


def _passes(checked: Checked, figure: CheckedFigure) -> bool:
    return checked.allowed and figure.verdict == "inconclusive"


def _figure(spec: CheckedSpec, figure: CheckedFigure, level: Level) -> str:
    title = f"{spec.name}: {figure.figure} {figure.verdict}"
    uncounted = [f"not counted: {what}" for what in spec.uncounted] if figure.message else []
    message = "\n".join([figure.message or _prose.unmeasured(spec), *uncounted])
    return at_line(
        level,
        message if figure.file == spec.file else f"{spec.file}: {message}",
        title=title,
        file=figure.file or spec.file,
        line=figure.line,
        column=figure.column,
    )
