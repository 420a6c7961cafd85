"""A comparison as Markdown, for a README or a pull request: a compact table, the rest folded."""

from __future__ import annotations

from collections.abc import Sequence

from costlens.formats.comparison import _said
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import columns_table, details
from costlens.results.comparison import Comparison
from costlens.results.comparison_columns import COMPARISON_COLUMNS, comparison_lines

suffix = ".md"
_SHOWN_UNFOLDED = 7
"""The highest priority of a column that stands outside the fold."""


def render(comparison: Comparison) -> str:
    """Write a comparison."""
    lines = comparison_lines(comparison)
    short = [column for column in COMPARISON_COLUMNS if column.priority <= _SHOWN_UNFOLDED]
    wide = [column for column in COMPARISON_COLUMNS if column not in short or column.name == "variant"]
    noisy = comparison.timing is not None and comparison.timing.too_noisy
    resolution = text(_said.resolution(comparison))
    front = [_said.ratios(comparison), *_said.front(comparison)]
    parts = [
        f"### {text(_said.title(comparison))}",
        columns_table(short, lines),
        " ".join(map(text, front)),
        f"**{resolution}**" if noisy else resolution,
        _bullets(_said.doubts(comparison)),
        details("all totals, for one example", columns_table(wide, lines)),
        _folded("what was not counted", _said.uncounted(comparison)),
        _folded("notes", [*_said.notes(comparison), _said.COST_ALONE]),
        _folded("the machine", _said.measured(comparison)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _folded(summary: str, lines: Sequence[str]) -> str:
    return details(summary, _bullets(lines)) if lines else ""


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines)
