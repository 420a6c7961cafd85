"""Samples of several processes → each model's ratio to the baseline, the A/A control and the verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costlens.bench.job import ProcessSamples
from costlens.bench.protocol import Protocol
from costlens.bench.statistics import Estimate, process_log_ratio, ratio_estimate
from costlens.bench.verdict import Judgement, judge, resolution, too_noisy
from costlens.results.latency import Control


@dataclass(frozen=True, slots=True)
class Ratio:
    """A model's time over the baseline's, and its verdict."""

    label: str
    estimate: Estimate
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Ratios:
    """The ratios of all models to the baseline; ``control`` is None where no copy could be measured."""

    ratios: tuple[Ratio, ...]
    control: Control | None

    @property
    def settled(self) -> bool:
        """Whether more processes change nothing: all verdicts are settled, or there is no control to settle them."""
        if self.control is None:
            return True
        return not self.control.too_noisy and all(ratio.judgement.settled for ratio in self.ratios)


def to_baseline(
    processes: Sequence[ProcessSamples], labels: Iterable[str], baseline: str, control: str | None, protocol: Protocol
) -> Ratios:
    """Return each model's ratio to the baseline and its verdict; ``control`` is the label of the baseline's copy."""
    confidence = protocol.confidence
    checked = None if control is None else _control(processes, baseline, control, protocol)
    doubt = "the baseline's copy could not be measured" if checked is None else ""
    if checked and checked.too_noisy:
        doubt = "the machine is too noisy"
    ratios = []
    for label in labels:
        if label != baseline:
            estimate = _estimate(processes, label, baseline, confidence)
            judged = judge(estimate, len(processes), confidence, protocol.threshold, doubt=doubt)
            ratios.append(Ratio(label, estimate, judged))
    return Ratios(tuple(ratios), checked)


def _control(processes: Sequence[ProcessSamples], baseline: str, control: str, protocol: Protocol) -> Control:
    estimate = _estimate(processes, control, baseline, protocol.confidence)
    return Control(
        baseline=baseline,
        ratio=estimate.value,
        low=estimate.low,
        high=estimate.high,
        confidence=estimate.confidence,
        processes=len(processes),
        resolution=resolution(estimate),
        too_noisy=too_noisy(estimate, protocol.confidence, protocol.threshold),
    )


def _estimate(processes: Sequence[ProcessSamples], label: str, baseline: str, confidence: float) -> Estimate:
    blocks = [(process.models[label].blocks_ns, process.models[baseline].blocks_ns) for process in processes]
    return ratio_estimate([process_log_ratio(*pair) for pair in blocks], confidence)
