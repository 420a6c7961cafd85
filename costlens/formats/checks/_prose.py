"""What all formats of a check say alike."""

from __future__ import annotations

from costlens.arithmetic import units
from costlens.results.check import Checked, CheckedFigure, CheckedSpec, Timing, Verdict

_OPEN: tuple[Verdict, ...] = ("missed", "partial", "inconclusive")
WORDS = {"kept": "ok", "missed": "MISSED"}
"""Verdicts as a table writes them; the others are written as they are."""
PUBLISHED_APART = "with --set only budgets: published figures are of a spec's own knobs"
BENCH = "a time is compared with --bench only"


def word(figure: CheckedFigure) -> str:
    """Write a verdict."""
    return WORDS.get(figure.verdict, figure.verdict)


def wanted(figure: CheckedFigure) -> str:
    """Write a published figure or a limit; a plain number as ours is written: 3751369 is 3,751,369; 3.7M stays."""
    written = figure.wanted
    grouped = f"{int(written):,}" if written.isascii() and written.isdigit() else written
    return grouped if figure.published else f"≤ {grouped}"


def ours(figure: CheckedFigure) -> str:
    """Write ours; a lower bound as one."""
    if figure.ours is None:
        return ""
    bound = "" if figure.complete else "≥ "
    return f"{bound}{figure.ours:,.5g}" if isinstance(figure.ours, float) else f"{bound}{figure.ours:,}"


def summary(checked: Checked) -> str:
    """Sum up in one line.

    >>> summary(Checked("costlens.check/1", 0, True, False, (CheckedSpec("a.yaml"), CheckedSpec("b.yaml"))))
    '2 specs, 0 figures: nothing to compare'
    """
    unmeasured = [f"{len(found)} not measured"] if (found := checked.having("not measured")) else []
    figures = sum(spec.compared for spec in checked.specs)
    said = [f"{len(found)} {verdict}" for verdict in _OPEN if (found := checked.having(verdict))]
    broken = sum(bool(spec.troubles) for spec in checked.specs)
    said += [f"{units.plural(broken, 'spec')} with errors"] if broken else []
    said += [f"errors in {file}" for file in dict.fromkeys(trouble.file for trouble in checked.troubles)]
    if not said:
        said = ["all hold"] if figures else [] if unmeasured else ["nothing to compare"]
    count = f"{units.plural(len(checked.specs), 'spec')}, {units.plural(figures, 'figure')}"
    return f"{count}: {', '.join(said + unmeasured)}"


def notes(checked: Checked) -> list[str]:
    """Return what a reader must know of the figures: what was not compared, and on what times were measured."""
    said = [] if checked.own_knobs else [PUBLISHED_APART]
    timed = [_timing(spec.name, spec.timing) for spec in checked.specs if spec.timing]
    said += [BENCH] if checked.having("not measured") and not any(map(_failed_to_time, checked.specs)) else []
    return said + timed


def unmeasured(spec: CheckedSpec) -> str:
    """Say why a spec's time is not known."""
    return "not measured, see the error" if _failed_to_time(spec) else BENCH


def _failed_to_time(spec: CheckedSpec) -> bool:
    return bool(spec.name and spec.troubles)


def _timing(name: str, timing: Timing) -> str:
    low, high = timing.interval_ms
    return (
        f"{name}: median {timing.median_ms:.4g} ms [{low:.4g}, {high:.4g}] over "
        f"{units.plural(timing.processes, 'process', 'es')}; {timing.runtime} on {timing.device}, {timing.cpu}, "
        f"{units.plural(timing.threads, 'thread')}"
    )
