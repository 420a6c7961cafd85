"""Samples of several processes → each model's ratio to the baseline, the A/A control and the verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.bench.protocol import Protocol
from costlens.bench.statistics import Estimate, process_log_ratio, ratio_estimate
from costlens.bench.verdict import judge, resolution, too_noisy
from costlens.bench.worker import ProcessSamples
from costlens.results.latency import Control, LatencyRatio


@dataclass(frozen=True, slots=True)
class Ratios:
    """The ratios of all models to the baseline; ``control`` is None where no copy could be measured.

    A ratio's reason says why its verdict is not settled; it is empty for one that is.
    """

    ratios: tuple[LatencyRatio, ...]
    control: Control | None

    @property
    def settled(self) -> bool:
        """Whether more processes change nothing: all verdicts are settled, or there is no control to settle them."""
        if self.control is None:
            return True
        return not self.control.too_noisy and not any(ratio.reason for ratio in self.ratios)


def to_baseline(
    processes: Sequence[ProcessSamples], labels: Iterable[str], baseline: str, control: str | None, protocol: Protocol
) -> Ratios:
    """Return each model's ratio to the baseline and its verdict; ``control`` is the label of the baseline's copy."""
    confidence, threshold, number = protocol.confidence, protocol.threshold, len(processes)

    def estimate_of(label: str) -> Estimate:
        blocks = [(process.models[label].blocks_ns, process.models[baseline].blocks_ns) for process in processes]
        return ratio_estimate([process_log_ratio(*pair) for pair in blocks], confidence)

    def figures(one: Estimate) -> dict[str, Any]:
        interval = {"low": one.low, "high": one.high, "confidence": one.confidence}
        return {"baseline": baseline, "ratio": one.value, "processes": number, **interval}

    checked, doubt = None, "the baseline's copy could not be measured"
    if control is not None:
        copy = estimate_of(control)
        noisy = too_noisy(copy, confidence, threshold)
        checked = Control(**figures(copy), resolution=resolution(copy), too_noisy=noisy)
        doubt = "the machine is too noisy" if noisy else ""
    ratios = []
    for label in labels:
        if label != baseline:
            found = estimate_of(label)
            verdict, reason = judge(found, number, confidence, threshold, doubt=doubt)
            ratios.append(LatencyRatio(label=label, **figures(found), macs_ratio=None, verdict=verdict, reason=reason))
    return Ratios(tuple(ratios), checked)
