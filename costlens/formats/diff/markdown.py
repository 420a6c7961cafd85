"""A diff as Markdown, for one pull-request comment: what it comes to first, the layers of each spec folded."""

from __future__ import annotations

from collections.abc import Sequence

from costlens.formats.diff import _said
from costlens.formats.escape import NAME, code
from costlens.formats.escape import markdown as text
from costlens.formats.markdown import columns_table, details
from costlens.results.columns import LATENCY_COLUMNS, latency_lines
from costlens.results.diff import Diff, SpecDiff
from costlens.results.diff_columns import (
    LAYER_COLUMNS,
    SPEC_COLUMNS,
    TOTAL_COLUMNS,
    layer_lines,
    spec_name,
    why_columns,
)

suffix = ".md"
_MOST_SPECS = 60
_MOST_LAYERS = 100
_MOST_NAMES = 20
"""More are told in blocks of their own, or in the other formats."""


def render(diff: Diff) -> str:
    """Write a diff, all of it."""
    return "\n\n".join([totals(diff), *blocks(diff)]) + "\n"


def totals(diff: Diff) -> str:
    """Write what a diff comes to: a line a spec, what fails first, and those of the same cost in one line."""
    shown = _listed(diff)[:_MOST_SPECS]
    parts = [
        f"### Cost: {code(_said.end(diff.base), NAME)} → {code(_said.end(diff.head), NAME)}",
        f"**{text(_said.summary(diff))}**",
        columns_table(SPEC_COLUMNS, shown) if shown else "",
        _same_cost(diff),
        _bullets([line for spec in shown for line in _striking(spec)]),
        _bullets(diff.notes),
    ]
    return "\n\n".join(part for part in parts if part)


def blocks(diff: Diff) -> list[str]:
    """Write the details of a diff, a block a spec; none of them is needed to understand the totals."""
    listed = _listed(diff)
    more = [
        details("more specs", columns_table(SPEC_COLUMNS, listed[start : start + _MOST_SPECS]))
        for start in range(_MOST_SPECS, len(listed), _MOST_SPECS)
    ]
    return [*more, *(_details(diff, spec) for spec in diff.specs if spec.changes or spec.knobs or spec.latency)]


def _listed(diff: Diff) -> list[SpecDiff]:
    """Return the specs that have a line of their own, those that fail before the others."""
    own = [spec for spec in diff.specs if spec.standing != "same_cost" or spec.latency or spec.failure(lenient=False)]
    return sorted(own, key=lambda spec: spec.failure(lenient=False) is None)


def _same_cost(diff: Diff) -> str:
    listed = {spec.path for spec in _listed(diff)}
    names = [code(spec_name(spec), NAME) for spec in diff.specs if spec.path not in listed]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"No change in cost: {', '.join(names[:_MOST_NAMES])}{more}."


def _striking(spec: SpecDiff) -> list[str]:
    told = [*_said.doubts(spec), *_said.unsettled(spec)]
    return [*map(str, spec.problems), *(f"{spec.path}: {line}" for line in told)]


def _details(diff: Diff, spec: SpecDiff) -> str:
    lines = layer_lines(spec.changes)
    shown, columns = lines[:_MOST_LAYERS], why_columns(diff.why) if diff.why else LAYER_COLUMNS
    left = len(lines) - len(shown)
    parts = [
        columns_table(TOTAL_COLUMNS, spec.totals) if spec.standing != "same_cost" else "",
        _bullets(_said.remarks(spec)),
        text(_said.order(diff, spec)),
        columns_table(columns, shown) if shown else "",
        f"*{left} more: `--format json` has all.*" if left > 0 else "",
        columns_table(LATENCY_COLUMNS, latency_lines(spec.latency)) if spec.latency else "",
        _bullets([*_said.times(spec), *_said.measured(spec)]),
    ]
    summary = f"{spec.name or spec.path}: {_said.layers(spec.changes, spec.unchanged_rows)}"
    return details(summary, "\n\n".join(part for part in parts if part))


def _bullets(lines: Sequence[str]) -> str:
    return "\n".join(f"- {text(line)}" for line in lines)
