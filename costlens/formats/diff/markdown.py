"""A diff as Markdown, for one pull-request comment: what it comes to first, the layers of each spec folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costlens.errors import Problem
from costlens.formats.diff import _said
from costlens.formats.escape import NAME, code, shorten
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

_MOST_SPECS = 60
_MOST_LAYERS = 100
_MOST_NAMES = 20
"""More are told in blocks of their own, or in the other formats."""
_WIDEST = 300
"""The most characters of a path in the table once they are escaped: each may become six."""
_ORDER = ("broken", "base_broken", "changed", "deleted", "added", "same_cost")


def render(diff: Diff) -> str:
    """Write a diff, all of it."""
    return "\n\n".join([totals(diff), *blocks(diff)]) + "\n"


def totals(diff: Diff) -> str:
    """Write what a diff comes to: a line a spec, what fails first, and those of the same cost in one line."""
    shown = _listed(diff)[:_MOST_SPECS]
    parts = [
        f"### Cost: {code(_said.end(diff.base), NAME)} → {code(_said.end(diff.head), NAME)}",
        f"**{text(_said.summary(diff))}**",
        "\n".join(line for spec in shown for line in _striking(spec)),
        _bullets(_said.notes(diff)),
        _specs(shown),
        _same_cost(diff),
    ]
    return "\n\n".join(part for part in parts if part)


def blocks(diff: Diff) -> list[str]:
    """Write the details of a diff, a block a spec; none of them is needed to understand the totals."""
    listed = _listed(diff)
    more = [
        details("more specs", _specs(listed[start : start + _MOST_SPECS]))
        for start in range(_MOST_SPECS, len(listed), _MOST_SPECS)
    ]
    detailed = [spec for spec in sorted(diff.specs, key=_rank) if spec.changes or spec.knobs or spec.latency]
    return [*more, *(_details(diff, spec) for spec in detailed)]


def _listed(diff: Diff) -> list[SpecDiff]:
    """Return the specs that have a line of their own: those that fail, what changed, what is gone, what is new."""
    own = [spec for spec in diff.specs if spec.standing != "same_cost" or spec.latency or spec.failure(lenient=False)]
    return sorted(own, key=_rank)


def _rank(spec: SpecDiff) -> tuple[bool, int]:
    return spec.failure(lenient=False) is None, _ORDER.index(spec.standing)


def _specs(specs: Sequence[SpecDiff]) -> str:
    return columns_table(SPEC_COLUMNS, [_narrow(spec) for spec in specs]) if specs else ""


def _narrow(spec: SpecDiff) -> SpecDiff:
    """Shorten the paths of a spec until they are no wider than a cell may be."""
    limit = NAME
    while len(text(spec_name(spec))) > _WIDEST:
        limit = 2 * limit // 3
        spec = replace(spec, path=shorten(spec.path, limit), was=shorten(spec.was, limit))
    return spec


def _same_cost(diff: Diff) -> str:
    listed = {spec.path for spec in _listed(diff)}
    names = [code(spec_name(_narrow(spec)), NAME) for spec in diff.specs if spec.path not in listed]
    if not names:
        return ""
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"No change in cost: {', '.join(names[:_MOST_NAMES])}{more}."


def _striking(spec: SpecDiff) -> list[str]:
    """Write what keeps a spec from being judged as bullets; places are code, as a reader searches for them."""
    told = [*_said.doubts(spec), *_said.unsettled(spec)]
    return [*map(_problem, spec.problems), *(f"- {text(f'{spec.path}: {line}')}" for line in told)]


def _problem(problem: Problem) -> str:
    place = f"{problem.file}:{problem.line}:{problem.column}" if problem.line else problem.file
    return f"- {code(place)}: {text(': '.join(part for part in (problem.path, problem.message) if part))}"


def _details(diff: Diff, spec: SpecDiff) -> str:
    lines = layer_lines(spec.changes, diff.why)
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
