"""Checked specs on the terminal: a line a figure, and one that sums them up."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from costlens.errors import InconclusiveError
from costlens.formats._phrase import phrase
from costlens.formats.checks import _prose
from costlens.formats.escape import NAME
from costlens.results.check import Checked, CheckedSpec

_STYLES = {"missed": "bold red", "partial": "bold red", "inconclusive": "yellow", "kept": "green"}
_FROM_ELSEWHERE = {"pyproject", "flag"}


def render(checked: Checked) -> Group:
    """Render the comparison; where budgets are not the specs' own, it is said where each is written."""
    named = any(figure.source in _FROM_ELSEWHERE for spec in checked.specs for figure in spec.figures)
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    grid.add_column("spec", overflow="fold")
    grid.add_column("figure", no_wrap=True)
    grid.add_column("expected", justify="right", no_wrap=True)
    grid.add_column("ours", justify="right", no_wrap=True)
    grid.add_column("", no_wrap=True)
    if named:
        grid.add_column("from", overflow="fold")
    for spec in checked.specs:
        _lines(grid, spec, named=named)
    style = {0: "bold", InconclusiveError.exit_code: "yellow"}.get(checked.exit_code, "bold red")
    notes = [phrase(note, "dim") for note in _prose.notes(checked)]
    return Group(*([grid] if checked.specs else []), *notes, phrase(_prose.summary(checked), style))


def _lines(grid: Table, spec: CheckedSpec, *, named: bool) -> None:
    name = phrase(spec.name or spec.file, limit=NAME)
    for figure in spec.figures:
        word = Text(_prose.word(figure), _STYLES.get(figure.verdict, ""))
        cells = [name, phrase(figure.figure), phrase(_prose.wanted(figure)), Text(_prose.ours(figure)), word]
        grid.add_row(*cells, *([phrase(_origin(spec, figure.file, figure.origin), "dim")] if named else []))
    if spec.troubles:
        grid.add_row(name, Text("ERRORS, see below", style="bold red"))
    elif not spec.figures:
        grid.add_row(name, Text("nothing to compare", style="dim"))


def _origin(spec: CheckedSpec, file: str, origin: str) -> str:
    return f"line {origin.rpartition(':')[2]}" if file == spec.file else origin
