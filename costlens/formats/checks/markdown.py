"""A check as Markdown: what is wrong in a table, the rest folded. A comment, a step summary, a page."""

from __future__ import annotations

from costlens.arithmetic import units
from costlens.formats.checks import _prose
from costlens.formats.escape import NAME, code
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import table
from costlens.results.check import Checked, CheckedFigure, CheckedSpec, Trouble

_MOST = 50
"""Lines of the table of what is wrong, and of the lists below it."""
_FOLD = 100
_MARKS = {"kept": "✓", "missed": "✗ **missed**", "partial": "✗ **partial**", "inconclusive": "? **inconclusive**"}
_HEADERS = ["network", "figure", "wanted", "ours", "", "written in"]
_NUMERIC = [False, False, True, True, False, False]


def render(checked: Checked) -> str:
    """Write all of it."""
    totals, details = comment(checked)
    return "\n\n".join([totals, *details]) + "\n"


def comment(checked: Checked) -> tuple[str, list[str]]:
    """Return what must be said, and details that may be left out: all figures, folded."""
    wrong = checked.having("missed", "partial", "inconclusive")
    said = [f"- {text(note)}" for note in _prose.notes(checked)]
    parts = [f"### {_state(checked)} Budgets and published figures", f"{text(_prose.summary(checked))}."]
    parts += [table(_HEADERS, [_row(*each) for each in wrong[:_MOST]], _NUMERIC)] if wrong else []
    parts += [f"and {units.plural(len(wrong) - _MOST, 'figure')} more"] if len(wrong) > _MOST else []
    parts += ["\n".join([*_not_counted(wrong), *said]), *_errors(checked.all_troubles)]
    return "\n\n".join(part for part in parts if part), _details(checked)


def _state(checked: Checked) -> str:
    return {0: "✓", 7: "?"}.get(checked.exit_code, "✗")


def _row(spec: CheckedSpec, figure: CheckedFigure) -> list[str]:
    return [
        text(spec.name, NAME),
        text(figure.figure),
        text(_prose.wanted(figure)),
        text(_prose.ours(figure)),
        _MARKS.get(figure.verdict, figure.verdict),
        code(figure.origin, NAME),
    ]


def _not_counted(wrong: list[tuple[CheckedSpec, CheckedFigure]]) -> list[str]:
    lacking = dict.fromkeys((spec.name, what) for spec, _ in wrong for what in spec.uncounted)
    return [f"- {text(name)}: not counted: {text(what)}" for name, what in list(lacking)[:_MOST]]


def _errors(troubles: tuple[Trouble, ...]) -> list[str]:
    if not troubles:
        return []
    lines = [f"- {code(str(trouble))}" for trouble in troubles[:_MOST]]
    lines += [f"- and {len(troubles) - _MOST} more"] if len(troubles) > _MOST else []
    return ["**Errors**", "\n".join(lines)]


def _details(checked: Checked) -> list[str]:
    """Fold all figures, a hundred at a time, so that as many stay as a comment holds."""
    rows = [_row(spec, figure) for spec in checked.specs for figure in spec.figures]
    folds = []
    for first in range(0, len(rows), _FOLD):
        shown = rows[first : first + _FOLD]
        which = f"figures {first + 1} to {first + len(shown)} of {len(rows)}" if len(rows) > _FOLD else "all figures"
        body = table(_HEADERS, shown, _NUMERIC)
        folds.append(f"<details>\n<summary>{which}</summary>\n\n{body}\n\n</details>")
    return folds
