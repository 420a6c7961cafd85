"""Limits and published figures beside a count and a time: which are kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens.arithmetic import units
from costlens.arithmetic.figures import Figure
from costlens.results.check import CheckedFigure, LimitVerdict, Source, Timing
from costlens.results.counts import FIGURES, ModelCount
from costlens.results.verdict import CONFIDENCE

if TYPE_CHECKING:
    from costlens.results.latency import LatencyReport
    from costlens.results.target import Fit

TIME = "latency_ms"
"""The one figure that is not counted."""
_NOISY = "the machine is too noisy: a copy of the network was timed as another one"


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
    """A network as it was in the revision, or the run, of this name: its complete figures, or why there are none.

    timing: of a run, where it was timed.
    """

    name: str
    figures: Mapping[str, int] | None = None
    reason: str = ""
    timing: Timing | None = None


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
    before: int | float | None
    whole, before, value = True, None, limit.amount.value
    if limit.figure == TIME:
        ours: int | float | None = timing.median_ms if timing else None
        verdict, reason = judge_time(limit.amount.value, timing) if timing else ("not measured", "")
        if limit.amount.relative and timing:
            before, reason, verdict = _relative_time(limit, timing, base)
            value = value if before is None else before * (1 + limit.amount.value / 100)
    else:
        field = FIGURES[limit.figure]
        whole = model.status.get(field) == "complete"
        ours = count = getattr(model.totals, field)
        reason, verdict = "", _counted(limit, count, whole=whole)
        if limit.amount.relative and count is not None:
            before, reason, verdict = _relative(limit, count, base, whole=whole)
            value = value if before is None else limit.amount.of(int(before))
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
    figures = base.figures if base else None
    if figures is None:
        return None, base.reason if base else "", "no base"
    before = figures.get(FIGURES[limit.figure])
    if before is None:
        return None, f"not everything is counted in {base.name if base else ''}", "partial"
    kept: LimitVerdict = "kept" if whole else "partial"
    return before, "", "missed" if ours > limit.amount.of(before) else kept


def _relative_time(limit: Limit, timing: Timing, base: Base | None) -> tuple[float | None, str, LimitVerdict]:
    """Return the time in the base, and whether a time keeps a limit that is relative to it.

    The two were not taken side by side, so the whole range of their ratio has to be on one side: both intervals count.
    """
    then = base.timing if base else None
    if then is None:
        return None, base.reason if base else "", "no base"
    most = 1 + limit.amount.value / 100
    low, high = timing.interval_ms[0] / then.interval_ms[1], timing.interval_ms[1] / then.interval_ms[0]
    if min(timing.confidence, then.confidence) < CONFIDENCE:
        which = "it was" if timing.confidence < CONFIDENCE else f"{base.name if base else ''} was"
        return then.median_ms, f"{which} timed in too few processes: at least 6 are needed", "inconclusive"
    if high <= most:
        return then.median_ms, "", "kept"
    if low <= most:
        return then.median_ms, f"its ratio [{low:.4g}, {high:.4g}] reaches to both sides of {most:.4g}", "inconclusive"
    if timing.too_noisy:
        return then.median_ms, _NOISY, "inconclusive"
    return then.median_ms, "", "missed"


def complete(count: ModelCount) -> dict[str, int]:
    """Return the totals of a count that are complete, by their fields."""
    known = ((name, count.complete(name)) for name in dict.fromkeys(FIGURES.values()))
    return {name: figure for name, figure in known if figure is not None}


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
        return "inconclusive", _NOISY
    return "missed", ""


def of_board(fit: Fit) -> Iterator[CheckedFigure]:
    """Yield the memories of a board as limits: all that there is, since the usable share is an assumption."""
    for need in fit.needs:
        verdict: LimitVerdict = "partial" if need.needed is None else "kept" if need.fits else "missed"
        yield CheckedFigure(
            source="target",
            figure=f"{need.what.lower()}_bytes",
            wanted=units.bytes_(need.whole),
            value=need.whole,
            ours=need.needed,
            verdict=verdict,
            target=fit.target,
        )
