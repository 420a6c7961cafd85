"""Samples of all processes → the report's figures, verdicts and notes."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from statistics import median

from costlens.arithmetic.units import plural
from costlens.bench.looks import Series
from costlens.bench.machine import fingerprint, machine_facts
from costlens.bench.ratios import Ratios
from costlens.bench.statistics import least_processes, median_absolute_deviation, median_estimate
from costlens.bench.worker import AloneSamples, ModelSamples
from costlens.results.latency import FailedModel, Latency, LatencyRatio, LatencyReport, ProtocolFacts

_NS_PER_MS = 1e6


def summarise(
    series: Series, wanted: str, macs: Mapping[str, int], peak_activations: Mapping[str, int], elapsed_s: float
) -> LatencyReport:
    """Turn samples into a report; the models keep the order in which they were given.

    ``wanted`` is the baseline that was asked for; ``macs`` and ``peak_activations`` are of one example, by label.
    """
    machine = machine_facts()
    runtime = series.finished[0].fingerprint
    ratios = series.ratios()
    bases = [sample.base_bytes for sample in series.alone.values() if sample.base_bytes is not None]
    return LatencyReport(
        protocol=ProtocolFacts(**asdict(series.protocol)),
        machine=machine,
        runtime=runtime,
        fingerprint=fingerprint(machine, runtime),
        base_memory_bytes=round(median(bases)) if bases else None,
        elapsed_s=round(elapsed_s, 3),
        models=tuple(_latency(name, series, macs.get(name), peak_activations.get(name)) for name in series.models),
        ratios=tuple(_explained(ratio, series, macs) for ratio in ratios.ratios),
        note="\n".join(_notes(series, ratios, wanted, elapsed_s)),
        baseline=series.baseline,
        control=ratios.control,
        failed=tuple(FailedModel(label=label, reason=reason) for label, reason in series.failed.items()),
    )


def _latency(label: str, series: Series, macs: int | None, activations: int | None) -> Latency:
    import numpy

    samples = [process.models[label] for process in series.finished]
    alone = series.alone[label]
    by_process = tuple(tuple(tuple(ns / _NS_PER_MS for ns in block) for block in one.blocks_ns) for one in samples)
    pooled = [[ms for block in process for ms in block] for process in by_process]
    calls = [ms for process in pooled for ms in process]
    middle = median_estimate([median(process) for process in pooled])
    cold: list[AloneSamples | ModelSamples] = [alone, *(sample for sample in samples if sample.was_first)]
    p90_ms, p99_ms = map(float, numpy.percentile(calls, (90, 99)))
    batch = series.protocol.batch
    examples_per_s = 1e3 * batch / middle.value
    return Latency(
        label=label,
        median_ms=middle.value,
        median_interval_ms=(middle.low, middle.high),
        confidence=middle.confidence,
        p90_ms=p90_ms,
        p99_ms=p99_ms,
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
        peak_activation_bytes=None if activations is None else activations * batch,
    )


def _explained(ratio: LatencyRatio, series: Series, macs: Mapping[str, int]) -> LatencyRatio:
    """Add the ratio in MACs, and to the reason of an open verdict why there were no more processes."""
    reason, number = ratio.reason, len(series.finished)
    if reason and ratio.confidence >= series.protocol.confidence:
        most = series.protocol.looks_at[-1]
        ended = f"; {series.ended} after {number} of at most {most} processes"
        reason += ended if series.ended else f", after {plural(number, 'process', 'es')}"
    own, base = macs.get(ratio.label), macs.get(series.baseline)
    return replace(ratio, macs_ratio=own / base if own is not None and base else None, reason=reason)


def _notes(series: Series, ratios: Ratios, wanted: str, elapsed_s: float) -> Iterator[str]:
    if series.baseline != wanted:
        yield f"{wanted}, the baseline, could not be timed: {series.baseline} is the baseline."
    if series.control is None:
        yield "The baseline's copy could not be measured, so it is not known what this machine resolves."
    for reason in dict.fromkeys(str(one) for one in series.lost if one.label not in series.failed):
        yield f"A process was lost and replaced: {reason}."
    yield from _notes_of_the_plan(series, ratios, elapsed_s)
    alone = "a process which only loads the model and runs it once, interpreter and runtime included."
    yield f"Peak memory is that of {alone}"
    if series.finished[0].fingerprint.device == "cuda":
        yield "Inputs and outputs stay on the device: copies to and from it are not part of a run, and listed apart."


def _notes_of_the_plan(series: Series, ratios: Ratios, elapsed_s: float) -> Iterator[str]:
    protocol = series.protocol
    least = min((one.confidence for one in ratios.ratios), default=1.0)
    if least < protocol.confidence:
        many, needed = plural(len(series.finished), "process", "es"), least_processes(protocol.confidence)
        quick = f"A quick look: the intervals of {many} hold with {100 * least:.0f} %, which gives no verdict"
        yield f"{quick}; at least {needed} processes are needed."
    fewest = min(len(model.blocks_ns) for process in series.finished for model in process.models.values())
    budget_s = protocol.time_budget_s
    if budget_s is not None and fewest < protocol.blocks:
        yield f"The time budget of {budget_s:g} s left {fewest} of {protocol.blocks} blocks a process."
    if budget_s is not None and elapsed_s > 1.1 * budget_s:
        plan = "The shortest plan and what failed" if series.failed else "The shortest plan"
        yield f"{plan} took {elapsed_s:.0f} s, more than the time budget."
