"""The order of a comparison: operands → models → exports and times where they are wanted → side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from costlens.analysis.pareto import Sort, side_by_side
from costlens.bench.conditions import differences
from costlens.bench.verdict import margin_of
from costlens.errors import RuntimeUnavailable, UsageError
from costlens.results.comparison import ComparedModel, Comparison, ModelTime, TimeRatio, Timing
from costlens.results.latency import FailedModel
from costlens.tasks import _candidates as candidates
from costlens.tasks import _proof as proving
from costlens.tasks import bench as lineup
from costlens.tasks._candidates import Candidate
from costlens.tasks._pipeline import Observer, silent

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.latency import Latency, LatencyRatio, LatencyReport
    from costlens.results.ledger import Ledger
    from costlens.results.verdict import Verdict

_NO_FILE = "a report holds no file to time; name its spec"
_NOT_TIMED = f"not timed here: {_NO_FILE}"
_TURNED: Mapping[str, Verdict] = {"faster": "slower", "slower": "faster"}


def run(
    words: Sequence[str],
    variants: Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    *,
    plan: Protocol | None = None,
    sort: Sort | None = None,
    observe: Observer = silent,
) -> Comparison:
    """Compare what words name with the first of it; with a plan, all models that have a file are timed side by side.

    UsageError, before any export, with all that is wrong with the operands.
    """
    found = candidates.read(words, variants, settings or {})
    if sort is Sort.LATENCY and plan is None and all(one.stored is None for one in found):
        raise UsageError("--sort latency: none of these has a time; add --bench, or name reports that hold times")
    live: LatencyReport | None = None
    failed: list[FailedModel] = []
    if plan is not None:
        found, live, failed = _timed(found, plan, observe)
    models, timing = _with_times(found, live)
    margin = margin_of(timing.protocol.threshold) if timing else 0.0
    return side_by_side(models, timing, margin=margin, sort=sort, failed=failed)


def _timed(
    found: Sequence[Candidate], plan: Protocol, observe: Observer
) -> tuple[list[Candidate], LatencyReport | None, list[FailedModel]]:
    """Export the specs among candidates and time all that have a file in one comparison; the first is its baseline.

    What cannot be exported does not stop the others. RuntimeUnavailable passes: what is missing, is missing for all.
    """
    entries: list[lineup.Entry] = []
    exported: list[Candidate] = []
    failed: list[FailedModel] = []
    for done, one in enumerate(found):
        model = one.model
        observe("export", done, len(found), model.label)
        if one.spec and one.count:
            try:
                proof = proving.prove(one.spec.graph, one.count)
            except RuntimeUnavailable:
                raise
            except Exception as error:  # what a framework raises on one network says nothing about the next
                failed.append(FailedModel(label=model.label, reason=proving.why(error)))
            else:
                entries.append(lineup.Entry(model.label, proof.path, count=one.count))
                model = _with_file(model, proof)
        elif model.origin == "onnx":
            entries.append(lineup.Entry(model.label, one.operand.path, file_macs=model.complete("macs")))
        exported.append(replace(one, model=model))
    observe("export", len(found), len(found), "")
    if not entries and not failed:
        raise UsageError(f"--bench: there is nothing to time: {_NO_FILE}")
    live = lineup.measure(entries, entries[0].label, plan, observe) if entries else None
    return exported, live, failed


def _with_file(model: ComparedModel, proof: proving.Proof) -> ComparedModel:
    return replace(
        model,
        figures=replace(model.figures, file_bytes=proof.file.bytes),
        status={**model.status, "file_bytes": "complete"},
        disagreement="" if proof.ledger.ok else _disagreement(proof.ledger),
    )


def _disagreement(ledger: Ledger) -> str:
    wrong = "; ".join(f"{entry.name}: {entry.note}" if entry.note else entry.name for entry in ledger.failures)
    return f"its verification FAILED: {wrong or 'nothing was checked'}"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A time, and the measurement that it was taken in."""

    latency: Latency
    report: LatencyReport


def _with_times(found: Sequence[Candidate], live: LatencyReport | None) -> tuple[list[ComparedModel], Timing | None]:
    """Give models their times: what was measured now, and what is stored where it may stand beside the others."""
    taken = [_taken(one, live) for one in found]
    reference = live or next((each.report for each in taken if each and not each.report.too_noisy), None)
    notes: list[list[str]] = [[_NOT_TIMED] if live and one.model.origin == "report" else [] for one in found]
    for place, each in enumerate(taken):
        if why := _left_out(each, reference):
            notes[place].append(f"its stored time is left out: {why}")
            taken[place] = None
    models = [
        replace(one.model, time=_time(each, live), time_ratio=_ratio(each, taken[0]), notes=(*one.model.notes, *more))
        for one, each, more in zip(found, taken, notes, strict=True)
    ]
    return models, _timing(reference, measured=live is not None) if reference else None


def _left_out(taken: _Taken | None, reference: LatencyReport | None) -> str:
    """Say why a time may not stand beside those of a reference; nothing where it may."""
    if taken is None or taken.report is reference:
        return ""
    if reference is None or taken.report.too_noisy:
        return "the machine was too noisy for any ratio to be believed"
    differing = differences(reference, taken.report)
    return f"it was not taken as those shown were: {'; '.join(differing)}" if differing else ""


def _taken(one: Candidate, live: LatencyReport | None) -> _Taken | None:
    """Return a model's time of now, else the one its report holds."""
    for report, names in ((live, (one.model.label,)), (one.stored, (one.model.variant, *one.model.also))):
        latency = next((each for each in report.models if each.label in names), None) if report else None
        if report and latency:
            return _Taken(latency, report)
    return None


def _time(taken: _Taken | None, live: LatencyReport | None) -> ModelTime | None:
    if taken is None:
        return None
    latency = taken.latency
    return ModelTime(latency.median_ms, latency.median_interval_ms, latency.confidence, taken.report is live)


def _ratio(taken: _Taken | None, first: _Taken | None) -> TimeRatio | None:
    """Return a time over the first's: as it was measured in one comparison, else of medians."""
    if taken is None or first is None or taken is first:
        return None
    if taken.report is first.report:
        pair = (taken.latency.label, first.latency.label)
        for one in taken.report.ratios:
            if (one.label, one.baseline) == pair:
                return TimeRatio(one.ratio, one.low, one.high, one.confidence, one.verdict, one.reason)
            if (one.baseline, one.label) == pair:
                return _turned(one)
    return TimeRatio(taken.latency.median_ms / first.latency.median_ms)


def _turned(one: LatencyRatio) -> TimeRatio:
    """Return what was measured of A over B as B over A; limits of verdicts are symmetric in logarithms."""
    verdict = one.verdict and _TURNED.get(one.verdict, one.verdict)
    return TimeRatio(1 / one.ratio, 1 / one.high, 1 / one.low, one.confidence, verdict, one.reason)


def _timing(report: LatencyReport, *, measured: bool) -> Timing:
    """Return the conditions of times; of stored ones without what is of one run alone."""
    timing = Timing(
        measured,
        report.fingerprint,
        report.protocol,
        report.machine,
        report.runtime,
        report.note,
        report.processes,
        report.elapsed_s,
        report.control,
        report.failed,
    )
    return timing if measured else replace(timing, note="", processes=0, elapsed_s=0.0, control=None, failed=())
