"""A diff on the terminal: each spec's totals and layers, and where there are several a line each."""

from __future__ import annotations

from rich.console import Group, RenderableType

from costlens.formats._phrase import phrase
from costlens.formats.diff import _said
from costlens.formats.terminal import columns_table
from costlens.results.diff import Diff, SpecDiff
from costlens.results.diff_columns import (
    LAYER_COLUMNS,
    SPEC_COLUMNS,
    TOTAL_COLUMNS,
    layer_lines,
    spec_name,
    why_columns,
)

_DETAILED = ("changed", "same_cost")


def render(diff: Diff, width: int) -> Group:
    """Render a diff as wide as the terminal; what is wrong with a broken spec is not in it."""
    parts: list[RenderableType] = []
    detailed = [spec for spec in diff.specs if spec.standing in _DETAILED or spec.latency]
    for spec in detailed:
        parts += [*_spec(diff, spec, width), ""]
    others = [spec for spec in diff.specs if spec not in detailed]
    if others or len(detailed) > 1:
        parts.append(columns_table(SPEC_COLUMNS, diff.specs, width, _said.ends(diff)))
    parts += [phrase(f"{spec.path}: {line}", style="red") for spec in others for line in _said.doubts(spec)]
    if diff.unchanged or len(diff.specs) != 1:
        parts.append(phrase(_said.summary(diff), style="bold"))
    parts += [phrase(note, style="dim") for note in _said.notes(diff)]
    return Group(*parts)


def _spec(diff: Diff, spec: SpecDiff, width: int) -> list[RenderableType]:
    title = f"{spec.name or spec.path} · {spec_name(spec)}"
    parts: list[RenderableType] = []
    totals = _said.shown_totals(spec)
    if spec.standing != "same_cost" and totals:
        parts.append(columns_table(TOTAL_COLUMNS, totals, width, title))
    else:
        parts.append(phrase(title, style="bold"))
    if spec.changes:
        columns = why_columns(diff.why) if diff.why else LAYER_COLUMNS
        lines, heading = layer_lines(spec.changes, diff.why), _said.layers(spec.changes, spec.unchanged_rows)
        parts.append(columns_table(columns, lines, width, heading))
        parts += [phrase(line, style="dim") for line in [_said.order(diff, spec)] if line]
    parts += [phrase(line) for line in (*_said.remarks(spec), *_said.times(spec))]
    parts += [phrase(line, style="red") for line in _said.doubts(spec)]
    parts += [phrase(line, style="dim") for line in _said.measured(spec)]
    return parts
