"""Limits and published figures beside a count and a time: which are kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.arithmetic.figures import Figure
from costlens.results.check import CheckedFigure, LimitVerdict, Source, Timing
from costlens.results.counts import FIGURES, ModelCount
from costlens.results.verdict import CONFIDENCE

if TYPE_CHECKING:
    from costlens.results.latency import LatencyReport

TIME = "latency_ms"
"""The one figure that is not counted."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A figure to be kept, and the file, line and column where it is written; a flag has none.

    amount: what it may be at most, or how much more than in a base.
    """

    source: Source
    figure: str
    amount: Figure
    file: str = ""
    line: int = 0
    column: int = 0
    published_in: str = ""


@dataclass(frozen=True, slots=True)
class Base:
    """A network as it was in the revision of this name: its count, or the reason why there is none."""

    name: str
    count: ModelCount | None = None
    reason: str = ""


def strictest(limits: Iterable[Limit]) -> list[Limit]:
    """Return the lowest limit of each figure, the first of equal ones; one that is relative to a base by itself.

    >>> low, high = (Limit("flag", "macs", Figure.parse(text)) for text in ("6M", "7M"))
    >>> [limit.amount.text for limit in strictest([high, low])]
    ['6M']
    """
    found: dict[tuple[str, bool], Limit] = {}
    for limit in limits:
        key = (limit.figure, limit.amount.relative)
        if limit.amount.value < found.setdefault(key, limit).amount.value:
            found[key] = limit
    return list(found.values())


def timing(latency: LatencyReport, label: str) -> Timing | None:
    """Return the time of one model of a measurement; None where it failed."""
    model = next((model for model in latency.models if model.label == label), None)
    if model is None:
        return None
    return Timing(
        median_ms=model.median_ms,
        interval_ms=model.median_interval_ms,
        confidence=model.confidence,
        processes=latency.processes,
        too_noisy=latency.too_noisy,
        runtime=f"{latency.runtime.name} {latency.runtime.version}",
        device=latency.runtime.device,
        cpu=latency.machine.cpu,
        threads=latency.protocol.threads,
        batch=latency.protocol.batch,
        fingerprint=latency.fingerprint,
    )


def judge(limit: Limit, model: ModelCount, timing: Timing | None, base: Base | None = None) -> CheckedFigure:
    """Compare one limit, or published figure, with a network as it is counted and timed, and as it was in a base."""
    whole, before, value = True, None, limit.amount.value
    if limit.figure == TIME:
        ours: int | float | None = timing.median_ms if timing else None
        verdict, reason = judge_time(limit.amount.value, timing) if timing else ("not measured", "")
    else:
        field = FIGURES[limit.figure]
        whole = model.status.get(field) == "complete"
        ours = count = getattr(model.totals, field)
        reason, verdict = "", _counted(limit, count, whole=whole)
        if limit.amount.relative and count is not None:
            before, reason, verdict = _relative(limit, count, base, whole=whole)
            value = value if before is None else limit.amount.of(before)
    return CheckedFigure(
        source=limit.source,
        figure=limit.figure,
        wanted=limit.amount.text,
        value=value,
        ours=ours,
        verdict=verdict,
        complete=whole,
        file=limit.file,
        line=limit.line,
        column=limit.column,
        reason=reason,
        published_in=limit.published_in,
        base=before,
        base_name=base.name if base and limit.amount.relative else "",
    )


def _counted(limit: Limit, ours: int | None, *, whole: bool) -> LimitVerdict:
    """Say whether a count keeps a limit; one that is not whole is a lower bound, which can only miss it."""
    if ours is None:
        return "partial"
    if limit.source == "expect":
        return "partial" if not whole else "kept" if limit.amount.holds(ours) else "missed"
    return "missed" if ours > limit.amount.value else "kept" if whole else "partial"


def _relative(limit: Limit, ours: int, base: Base | None, *, whole: bool) -> tuple[int | None, str, LimitVerdict]:
    """Return the figure in the base, and whether a count keeps a limit that is relative to it."""
    count = base.count if base else None
    if count is None:
        return None, base.reason if base else "", "no base"
    before = count.complete(limit.figure)
    if before is None:
        return None, f"not everything is counted in {base.name if base else ''}", "partial"
    kept: LimitVerdict = "kept" if whole else "partial"
    return before, "", "missed" if ours > limit.amount.of(before) else kept


def judge_time(limit_ms: float, timing: Timing) -> tuple[LimitVerdict, str]:
    """Say whether a time keeps a limit: the whole interval on one side of it.

    Noise makes times longer, so what is kept on a noisy machine is kept; what is missed there is not known.
    """
    low, high = timing.interval_ms
    if timing.confidence < CONFIDENCE:
        few = units.plural(timing.processes, "process", "es")
        return "inconclusive", f"{few} cannot give a verdict: at least 6 are needed"
    if high <= limit_ms:
        return "kept", ""
    if low <= limit_ms:
        return "inconclusive", f"its interval [{low:.4g}, {high:.4g}] reaches to both sides of it"
    if timing.too_noisy:
        return "inconclusive", "the machine is too noisy: a copy of the network was timed as another one"
    return "missed", ""
