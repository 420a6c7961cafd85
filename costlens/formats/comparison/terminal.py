"""A comparison on the terminal: as many columns as fit its width."""

from __future__ import annotations

from rich.console import Group

from costlens.formats._phrase import phrase
from costlens.formats.comparison import _said
from costlens.formats.terminal import columns_table
from costlens.results.comparison import Comparison
from costlens.results.comparison_columns import COMPARISON_COLUMNS, comparison_lines


def render(comparison: Comparison, width: int) -> Group:
    """Render a comparison as wide as the terminal."""
    noisy = comparison.timing is not None and comparison.timing.too_noisy
    resolution = _said.resolution(comparison)
    dim = [*_said.notes(comparison), *_said.measured(comparison), _said.COST_ALONE]
    return Group(
        columns_table(COMPARISON_COLUMNS, comparison_lines(comparison), width, _said.title(comparison)),
        phrase(_said.ratios(comparison)),
        *map(phrase, _said.front(comparison)),
        *([phrase(resolution, style="bold red" if noisy else "")] if resolution else []),
        *(phrase(line, style="yellow") for line in (*_said.doubts(comparison), *_said.uncounted(comparison))),
        *(phrase(line, style="dim") for line in dim),
    )
