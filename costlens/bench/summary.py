"""Samples of all processes → the report's figures, verdicts and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median

from costlens.arithmetic.units import plural
from costlens.bench.job import AloneSamples, ModelSamples
from costlens.bench.looks import Series
from costlens.bench.machine import fingerprint, machine_facts
from costlens.bench.protocol import Protocol
from costlens.bench.ratios import Ratio, Ratios
from costlens.bench.statistics import least_processes, median_absolute_deviation, median_estimate, percentile
from costlens.results.latency import FailedModel, Latency, LatencyRatio, LatencyReport, ProtocolFacts

_NS_PER_MS = 1e6


@dataclass(frozen=True, slots=True)
class Known:
    """What the report needs besides samples: the baseline asked for, counts and failures by label, the duration."""

    baseline: str
    macs: Mapping[str, int]
    peak_activations: Mapping[str, int]
    failed: Mapping[str, str]
    elapsed_s: float


def summarise(protocol: Protocol, series: Series, known: Known) -> LatencyReport:
    """Turn samples into a report; the models keep the order in which they were given."""
    machine = machine_facts()
    runtime = series.finished[0].fingerprint
    ratios = series.ratios()
    models = tuple(_latency(label, series, known, protocol) for label in series.models)
    bases = [sample.base_bytes for sample in series.alone.values() if sample.base_bytes is not None]
    return LatencyReport(
        protocol=ProtocolFacts(**asdict(protocol)),
        machine=machine,
        runtime=runtime,
        fingerprint=fingerprint(machine, runtime),
        base_memory_bytes=round(median(bases)) if bases else None,
        elapsed_s=round(known.elapsed_s, 3),
        models=models,
        ratios=tuple(_ratio(ratio, series, known, protocol) for ratio in ratios.ratios),
        note="\n".join(_notes(protocol, series, ratios, known)),
        baseline=series.baseline,
        control=ratios.control,
        failed=tuple(FailedModel(label=label, reason=reason) for label, reason in known.failed.items()),
    )


def _latency(label: str, series: Series, known: Known, protocol: Protocol) -> Latency:
    samples = [process.models[label] for process in series.finished]
    alone = series.alone[label]
    by_process = tuple(
        tuple(tuple(ns / _NS_PER_MS for ns in block) for block in sample.blocks_ns) for sample in samples
    )
    pooled = [[ms for block in process for ms in block] for process in by_process]
    calls = [ms for process in pooled for ms in process]
    middle = median_estimate([median(process) for process in pooled])
    cold: list[AloneSamples | ModelSamples] = [alone, *(sample for sample in samples if sample.was_first)]
    examples_per_s = 1e3 * protocol.batch / middle.value
    macs, activations = known.macs.get(label), known.peak_activations.get(label)
    return Latency(
        label=label,
        median_ms=middle.value,
        median_interval_ms=(middle.low, middle.high),
        confidence=middle.confidence,
        p90_ms=percentile(calls, 90),
        p99_ms=percentile(calls, 99),
        mad_ms=median_absolute_deviation(calls),
        throughput_per_s=examples_per_s,
        gmacs_per_s=None if macs is None else macs * examples_per_s / 1e9,
        peak_memory_bytes=alone.peak_bytes,
        cold_start_ms=median(start.cold_start_ns for start in cold) / _NS_PER_MS,
        first_call_ms=median(start.first_call_ns for start in cold) / _NS_PER_MS,
        after_idle_ms=median(median(sample.after_idle_ns) for sample in samples) / _NS_PER_MS,
        discards_per_block=samples[0].turn.discards,
        samples_ms=by_process,
        run_memory_bytes=alone.run_bytes,
        arena_bytes=alone.arena_bytes,
        copy_in_ms=None if alone.copy_in_ns is None else alone.copy_in_ns / _NS_PER_MS,
        copy_out_ms=None if alone.copy_out_ns is None else alone.copy_out_ns / _NS_PER_MS,
        peak_activation_bytes=None if activations is None else activations * protocol.batch,
    )


def _ratio(ratio: Ratio, series: Series, known: Known, protocol: Protocol) -> LatencyRatio:
    estimate, macs = ratio.estimate, known.macs
    counted = ratio.label in macs and macs.get(series.baseline, 0) > 0
    return LatencyRatio(
        label=ratio.label,
        baseline=series.baseline,
        ratio=estimate.value,
        low=estimate.low,
        high=estimate.high,
        confidence=estimate.confidence,
        processes=len(series.finished),
        macs_ratio=macs[ratio.label] / macs[series.baseline] if counted else None,
        verdict=ratio.judgement.verdict,
        reason=_reason(ratio, series, protocol),
    )


def _reason(ratio: Ratio, series: Series, protocol: Protocol) -> str:
    """Say why a verdict is not settled, and why there were no more processes."""
    if ratio.judgement.settled or ratio.estimate.confidence < protocol.confidence:
        return ratio.judgement.reason
    number, most = len(series.finished), protocol.looks_at[-1]
    if series.ended:
        return f"{ratio.judgement.reason}; {series.ended} after {number} of at most {most} processes"
    return f"{ratio.judgement.reason}, after {plural(number, 'process', 'es')}"


def _notes(protocol: Protocol, series: Series, ratios: Ratios, known: Known) -> list[str]:
    return [
        *_notes_of_losses(series, known),
        *_notes_of_the_plan(protocol, series, ratios, known),
        "Peak memory is that of a process which only loads the model and runs it once, "
        "interpreter and runtime included.",
        *(
            ["Inputs and outputs stay on the device: copies to and from it are not part of a run, and listed apart."]
            if series.finished[0].fingerprint.device == "cuda"
            else []
        ),
    ]


def _notes_of_losses(series: Series, known: Known) -> list[str]:
    notes = []
    if series.baseline != known.baseline:
        notes.append(f"{known.baseline}, the baseline, could not be timed: {series.baseline} is the baseline.")
    if series.control is None:
        notes.append("The baseline's copy could not be measured, so it is not known what this machine resolves.")
    lost = [str(one) for one in series.lost if one.label not in known.failed]
    notes += [f"A process was lost and replaced: {reason}." for reason in dict.fromkeys(lost)]
    return notes


def _notes_of_the_plan(protocol: Protocol, series: Series, ratios: Ratios, known: Known) -> list[str]:
    notes, elapsed_s = [], known.elapsed_s
    number = len(series.finished)
    reached = [one.estimate.confidence for one in ratios.ratios]
    if reached and min(reached) < protocol.confidence:
        many, needed = plural(number, "process", "es"), least_processes(protocol.confidence)
        notes.append(
            f"A quick look: the intervals of {many} hold with {100 * min(reached):.0f} %, which gives no verdict; "
            f"at least {needed} processes are needed."
        )
    fewest = min(len(model.blocks_ns) for process in series.finished for model in process.models.values())
    if protocol.time_budget_s is not None:
        if fewest < protocol.blocks:
            limit = f"The time budget of {protocol.time_budget_s:g} s"
            notes.append(f"{limit} left {fewest} of {protocol.blocks} blocks a process.")
        if elapsed_s > 1.1 * protocol.time_budget_s:
            plan = "The shortest plan and what failed" if known.failed else "The shortest plan"
            notes.append(f"{plan} took {elapsed_s:.0f} s, more than the time budget.")
    return notes
