"""Samples of all processes → the report's figures, ratios and notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from costlens.bench.job import AloneSamples, ModelSamples, ProcessSamples
from costlens.bench.machine import fingerprint, machine_facts, runtime_facts
from costlens.bench.protocol import Protocol
from costlens.bench.statistics import (
    CONFIDENCE,
    median_absolute_deviation,
    median_estimate,
    percentile,
    process_log_ratio,
    ratio_estimate,
)
from costlens.results.latency import Latency, LatencyRatio, LatencyReport, ProtocolFacts

_NS_PER_MS = 1e6


def summarise(
    protocol: Protocol,
    processes: Sequence[ProcessSamples],
    alone: Mapping[str, AloneSamples],
    *,
    baseline: str | None,
    macs: Mapping[str, int],
    elapsed_s: float,
) -> LatencyReport:
    """Turn samples into a report; the models keep the order of ``alone``."""
    machine = machine_facts()
    runtime = runtime_facts(processes[0].fingerprint)
    models = tuple(
        _latency(label, [process.models[label] for process in processes], alone[label], macs.get(label), protocol)
        for label in alone
    )
    ratios = tuple(_ratio(label, baseline, processes, macs) for label in alone if baseline and label != baseline)
    bases = [sample.base_bytes for sample in alone.values() if sample.base_bytes is not None]
    return LatencyReport(
        protocol=ProtocolFacts(**protocol.facts()),
        machine=machine,
        runtime=runtime,
        fingerprint=fingerprint(machine, runtime),
        base_memory_bytes=round(median(bases)) if bases else None,
        elapsed_s=round(elapsed_s, 3),
        models=models,
        ratios=ratios,
        note="\n".join(_notes(protocol, processes, elapsed_s)),
    )


def _latency(
    label: str, samples: Sequence[ModelSamples], alone: AloneSamples, macs: int | None, protocol: Protocol
) -> Latency:
    by_process = tuple(
        tuple(tuple(ns / _NS_PER_MS for ns in block) for block in sample.blocks_ns) for sample in samples
    )
    pooled = [[ms for block in process for ms in block] for process in by_process]
    calls = [ms for process in pooled for ms in process]
    middle = median_estimate([median(process) for process in pooled])
    cold: list[AloneSamples | ModelSamples] = [alone, *(sample for sample in samples if sample.was_first)]
    examples_per_s = 1e3 * protocol.batch / middle.value
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
        discards_per_block=samples[0].side.discards,
        samples_ms=by_process,
    )


def _ratio(label: str, baseline: str, processes: Sequence[ProcessSamples], macs: Mapping[str, int]) -> LatencyRatio:
    estimate = ratio_estimate(
        [process_log_ratio(p.models[label].blocks_ns, p.models[baseline].blocks_ns) for p in processes]
    )
    known = label in macs and macs.get(baseline, 0) > 0
    return LatencyRatio(
        label=label,
        baseline=baseline,
        ratio=estimate.value,
        low=estimate.low,
        high=estimate.high,
        confidence=estimate.confidence,
        processes=len(processes),
        macs_ratio=macs[label] / macs[baseline] if known else None,
    )


def _notes(protocol: Protocol, processes: Sequence[ProcessSamples], elapsed_s: float) -> list[str]:
    notes = []
    number = len(processes)
    confidence = ratio_estimate([0.0] * number).confidence
    if confidence < CONFIDENCE:
        notes.append(
            f"{number} process{'es' if number > 1 else ''} cannot give a 95 % interval: "
            f"the intervals of ratios hold with {100 * confidence:.0f} %."
        )
    fewest = min(len(model.blocks_ns) for process in processes for model in process.models.values())
    if fewest < protocol.blocks and protocol.time_budget_s is not None:
        notes.append(
            f"The time budget of {protocol.time_budget_s:g} s left {fewest} of {protocol.blocks} blocks a process."
        )
    if protocol.time_budget_s is not None and elapsed_s > 1.1 * protocol.time_budget_s:
        notes.append(f"The least plan took {elapsed_s:.0f} s, more than the time budget.")
    notes.append(
        "Peak memory is that of a process which only loads the model and runs it once, "
        "interpreter and runtime included."
    )
    if processes[0].fingerprint.device == "cuda":
        notes.append("Inputs and outputs stay on the device: copies to and from it are not in the times.")
    return notes
