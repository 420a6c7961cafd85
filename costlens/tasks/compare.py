"""``costlens compare``: words → models → exports and times where they are wanted → side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from costlens.analysis.pareto import Sort, side_by_side
from costlens.arithmetic.precision import FP32
from costlens.bench.comparability import differences
from costlens.bench.verdict import margin_of
from costlens.errors import UsageError
from costlens.results.comparison import FIGURES, ComparedModel, Comparison, Figures, ModelTime, TimeRatio, Timing
from costlens.sources.find import models, source_of
from costlens.tasks._timing import prepare, require_runtime, suited, time_side_by_side
from costlens.tasks._tools import Tools

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol
    from costlens.results.counts import ModelCount, Status
    from costlens.results.latency import FailedModel, Latency, LatencyReport
    from costlens.results.verdict import Verdict
    from costlens.sources._source import Asked, Model
    from costlens.sources._word import Word

_PER_EXAMPLE = (
    "macs",
    "flops",
    "peak_activation_bytes",
    "peak_activation_bytes_int8",
    "arena_bytes",
    "arena_bytes_int8",
)
_OF_ONE_RUN = ("note", "processes", "elapsed_s", "control", "failed")
_TURNED: Mapping[str, Verdict] = {"faster": "slower", "slower": "faster"}


def compare(
    words: Sequence[str | Word], asked: Asked, plan: Protocol | None = None, *, sort: Sort | None = None, tools: Tools
) -> Comparison:
    """Compare the models that words name with the first of them; with a plan, all that have a file are timed.

    UsageError, before any export, with all that is wrong with the words.
    """
    if plan is not None:
        require_runtime(plan)
    found = models(words, asked)
    if sort is Sort.LATENCY and plan is None and all(one.stored is None for one in found):
        raise UsageError("--sort latency: none of these has a time; add --bench, or name reports that hold times")
    live: LatencyReport | None = None
    failed: tuple[FailedModel, ...] = ()
    if plan is not None:
        if not any(model.is_exported or model.file for model in found):
            raise UsageError(f"--bench: there is nothing to time: {'; '.join(dict.fromkeys(map(_no_file, found)))}")
        plan = suited(plan, found)
        ready = prepare(found, tools, plan)
        timed = [model for model in ready.models if model.file]
        live = time_side_by_side(timed, timed[0].label, plan, tools) if timed else None
        done = {model.label: model for model in ready.models}
        found, failed = [done.get(model.label, model) for model in found], ready.failed
    compared, timing = _with_times(found, live)
    margin = margin_of(timing.protocol.threshold) if timing else 0.0
    return side_by_side(compared, timing, margin=margin, sort=sort, failed=failed)


def _no_file(model: Model) -> str:
    return source_of(model.word).lacks.get("file", "it has no file")


def _compared(model: Model) -> ComparedModel:
    """Return a model, counted for one example, as a line of a comparison."""
    count, batch = model.count, model.count.batch
    status: dict[str, Status] = {name: count.status.get(name, "unavailable") for name in FIGURES}
    known = {name: getattr(count.totals, name) for name, word in status.items() if word != "unavailable"}
    if batch > 1:  # a file whose inputs have a fixed batch; its traffic cannot be shared out, as weights are read once
        status["traffic_bytes"] = "unavailable"
        known |= {name: known[name] // batch for name in _PER_EXAMPLE if known.get(name) is not None}
        known.pop("traffic_bytes", None)
    status["file_bytes"] = "unavailable" if model.file_bytes is None else "complete"
    return ComparedModel(
        model.label,
        model.origin,  # type: ignore[arg-type]
        model.word.text,
        count.name,
        count.title,
        count.variant,
        count.also,
        dict(model.knobs),
        Figures(**known, file_bytes=model.file_bytes),
        status,
        count.uncounted,
        (*_of_precision(count), *count.notes, *model.notes),
        disagreement=model.disagreement,
    )


def _of_precision(count: ModelCount) -> list[str]:
    """Say what sizes are of, where they are not of fp32 or of a file as it is."""
    return [] if count.precision in ("", FP32) else [f"sizes in bytes are in {count.precision}"]


class _Taken(NamedTuple):
    """A time, and the measurement that it was taken in."""

    latency: Latency
    report: LatencyReport


def _with_times(found: Sequence[Model], live: LatencyReport | None) -> tuple[list[ComparedModel], Timing | None]:
    """Give models their times: what was measured now, and what is stored where it may stand beside the others."""
    all_taken = [_taken(one, live) for one in found]
    reference = live or next((each.report for each in all_taken if each and not each.report.too_noisy), None)
    compared: list[ComparedModel] = []
    first: _Taken | None = None
    for model, taken in zip(found, all_taken, strict=True):
        line = _compared(model)
        notes = [f"not timed here: {_no_file(model)}"] if live and model.file is None and not model.is_exported else []
        if taken and (why := _left_out(taken.report, reference)):
            notes.append(f"its stored time is left out: {why}")
        elif taken:
            first = first if compared else taken
            line = replace(line, time=_time(taken, live), time_ratio=_ratio(taken, first))
        compared.append(replace(line, notes=(*line.notes, *notes)))
    return compared, _timing(reference, measured=live is not None) if reference else None


def _time(taken: _Taken, live: LatencyReport | None) -> ModelTime:
    latency = taken.latency
    return ModelTime(latency.median_ms, latency.median_interval_ms, latency.confidence, taken.report is live)


def _left_out(report: LatencyReport, reference: LatencyReport | None) -> str:
    """Say why times of a report may not stand beside those of a reference; nothing where they may."""
    if report is reference:
        return ""
    if reference is None or report.too_noisy:
        return "the machine was too noisy for any ratio to be believed"
    differing = differences(reference, report)
    return f"it was not taken as those shown were: {'; '.join(differing)}" if differing else ""


def _taken(one: Model, live: LatencyReport | None) -> _Taken | None:
    """Return a model's time of now, else the one its report holds."""
    for report, names in ((live, (one.label,)), (one.stored, (one.timed_as,) if one.timed_as else one.names)):
        latency = next((each for each in report.models if each.label in names), None) if report else None
        if report and latency:
            return _Taken(latency, report)
    return None


def _ratio(taken: _Taken, first: _Taken | None) -> TimeRatio | None:
    """Return a time over the first's: as it was measured in one comparison, else of medians.

    What was measured of A over B is turned into B over A; limits of verdicts are symmetric in logarithms.
    """
    if first is None or taken is first:
        return None
    label, other = taken.latency.label, first.latency.label
    for one in taken.report.ratios if taken.report is first.report else ():
        if (one.label, one.baseline) == (label, other):
            return TimeRatio(one.ratio, one.low, one.high, one.confidence, one.verdict, one.reason)
        if (one.baseline, one.label) == (label, other):
            verdict = one.verdict and _TURNED.get(one.verdict, one.verdict)
            return TimeRatio(1 / one.ratio, 1 / one.high, 1 / one.low, one.confidence, verdict, one.reason)
    return TimeRatio(taken.latency.median_ms / first.latency.median_ms)


def _timing(report: LatencyReport, *, measured: bool) -> Timing:
    """Return the conditions of times; of stored ones without what is of one run alone."""
    timing = Timing(measured, report.fingerprint, report.protocol, report.machine, report.runtime, note="")
    return replace(timing, **{name: getattr(report, name) for name in _OF_ONE_RUN}) if measured else timing
