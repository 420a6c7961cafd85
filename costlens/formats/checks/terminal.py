"""Checked specs on the terminal: a line a figure, and one that sums them up."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.table import Table
from rich.text import Text

from costlens import units
from costlens.results.check import CheckedSpec

_STYLES = {"MISSED": "bold red", "partial": "bold red", "ok": "green"}


def render(specs: Sequence[CheckedSpec], *, own_knobs: bool) -> Group:
    """Render the comparison; ``own_knobs`` says that published figures were among it."""
    grid = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    grid.add_column("spec", overflow="fold")
    grid.add_column("figure", no_wrap=True)
    grid.add_column("expected", justify="right", no_wrap=True)
    grid.add_column("ours", justify="right", no_wrap=True)
    grid.add_column("", overflow="fold")
    for spec in specs:
        _lines(grid, spec)
    note = [] if own_knobs else [Text("with --set only budgets: published figures are of a spec's own knobs", "dim")]
    return Group(grid, *note, Text(summary(specs), style="bold red" if _wrong(specs) else "bold"))


def _lines(grid: Table, spec: CheckedSpec) -> None:
    name = Text(spec.name or spec.file)
    bound = "≥ " if spec.uncounted else ""
    for published in spec.expectations:
        word = "ok" if published.holds else "partial" if spec.uncounted else "MISSED"
        _line(grid, name, published.figure, _grouped(published.published), f"{bound}{published.ours:,}", word)
    for budget in spec.budgets:
        if budget.ours is None:
            _line(grid, name, budget.figure, f"≤ {_grouped(budget.limit)}", budget.word, "")
        else:
            ours, word = f"{bound}{budget.ours:,.10g}", "ok" if budget.kept else budget.word
            _line(grid, name, budget.figure, f"≤ {_grouped(budget.limit)}", ours, word)
    if spec.problem:
        grid.add_row(name, Text("ERRORS, see below", style="bold red"))
    elif not spec.compared:
        grid.add_row(name, Text("nothing to compare", style="dim"))


def _line(grid: Table, name: Text, figure: str, given: str, ours: str, word: str) -> None:
    grid.add_row(name, Text(figure), Text(given), Text(ours), Text(word, style=_STYLES.get(word, "")))


def _grouped(figure: str) -> str:
    """Write a published number as ours is written: 3751369 is 3,751,369; 3.7M stays."""
    return f"{int(figure):,}" if figure.isascii() and figure.isdigit() else figure


def _wrong(specs: Sequence[CheckedSpec]) -> bool:
    return any(spec.missed or spec.problem for spec in specs)


def summary(specs: Sequence[CheckedSpec]) -> str:
    """Sum up in one line.

    >>> summary([CheckedSpec("a.yaml", "a"), CheckedSpec("b.yaml", "", problem="b.yaml:1:1: name: missing")])
    '2 specs, 0 figures: 1 spec with errors'
    """
    figures = sum(spec.figures for spec in specs)
    missed = sum(bool(line.missed) for spec in specs for line in spec.compared)
    broken = sum(bool(spec.problem) for spec in specs)
    verdict = [f"{missed} missed"] if missed else []
    verdict += [f"{units.plural(broken, 'spec')} with errors"] if broken else []
    whole = "all hold" if figures else "nothing to compare"
    return f"{units.plural(len(specs), 'spec')}, {units.plural(figures, 'figure')}: {', '.join(verdict) or whole}"
