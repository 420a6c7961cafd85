"""A check as JUnit's XML: one test a figure of a spec, and one for what is wrong with a file."""

from __future__ import annotations

from costlens.formats._junit import Case, Outcome, document
from costlens.formats.checks import _prose
from costlens.results.check import Checked, CheckedFigure, CheckedSpec, Trouble, Verdict

_OUTCOMES: dict[Verdict, Outcome] = {
    "kept": "passed",
    "missed": "failure",
    "partial": "failure",
    "inconclusive": "failure",
    "not measured": "skipped",
}


def render(checked: Checked) -> str:
    """Write one suite."""
    cases = [_trouble(trouble, trouble.file) for trouble in checked.troubles]
    for spec in checked.specs:
        cases += [_figure(spec, figure, checked.allowed) for figure in spec.figures]
        cases += [_trouble(trouble, spec.file) for trouble in spec.troubles]
        if not spec.figures and not spec.troubles:
            cases.append(Case(spec.file, "nothing to compare", spec.file))
    return document("costlens check", cases)


def _figure(spec: CheckedSpec, figure: CheckedFigure, allowed: bool) -> Case:
    outcome = _OUTCOMES[figure.verdict]
    if figure.verdict == "inconclusive" and allowed:
        outcome = "skipped"
    place = "" if figure.source in {"expect", "budget"} else f" ({figure.origin})"
    return Case(
        group=spec.file,
        name=f"{figure.figure} {_prose.wanted(figure)}{place}",
        file=figure.file or spec.file,
        line=figure.line,
        outcome=outcome,
        kind=figure.verdict,
        message=spec.said(figure) if figure.message else _prose.unmeasured(spec),
    )


def _trouble(trouble: Trouble, group: str) -> Case:
    return Case(group, trouble.message, trouble.file, trouble.line, "error", f"exit {trouble.exit_code}", str(trouble))
