"""What an interval says: faster, slower, equivalent or nothing yet; and whether a machine can be believed at all.

Limits are symmetric in logarithms, so swapping model and baseline turns the verdict round: a threshold of 3 % is
a ratio above 1.03 or below 1/1.03.
"""

from __future__ import annotations

from dataclasses import dataclass

from costlens.arithmetic.units import plural
from costlens.bench.statistics import Estimate
from costlens.results.latency import Verdict

EQUIVALENCE = 0.02
"""Two models are equivalent where the whole interval lies within this; or within the threshold, if that is less."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and why it is inconclusive where it is."""

    verdict: Verdict
    reason: str = ""

    @property
    def settled(self) -> bool:
        """Whether more processes are not needed."""
        return self.verdict != "inconclusive"


def judge(estimate: Estimate, processes: int, confidence: float, threshold: float, *, doubt: str = "") -> Judgement:
    """Return the verdict on a ratio, time of a model over time of the baseline; ``doubt`` is why none is given.

    >>> judge(Estimate(1.05, 1.04, 1.06, 0.986), 10, 0.983, 0.03).verdict
    'slower'
    >>> judge(Estimate(0.999, 0.99, 1.01, 0.986), 10, 0.983, 0.03).verdict
    'equivalent'
    >>> judge(Estimate(1.025, 1.02, 1.03, 0.986), 10, 0.983, 0.03).reason
    'it is slower, but not by more than 3 %'
    """
    if estimate.confidence < confidence:
        return Judgement("inconclusive", f"{plural(processes, 'process', 'es')} cannot settle it")
    if doubt:
        return Judgement("inconclusive", doubt)
    word = "slower" if estimate.low > 1 else "faster" if estimate.high < 1 else ""
    margin = margin_of(threshold)
    if word and not 1 / (1 + threshold) <= estimate.value <= 1 + threshold:
        return Judgement("slower" if word == "slower" else "faster")
    if 1 / (1 + margin) < estimate.low and estimate.high < 1 + margin:
        return Judgement("equivalent")
    below = f"it is {word}, but not by more than {100 * threshold:g} %"
    return Judgement("inconclusive", below if word else f"the interval holds 1 and more than ±{100 * margin:g} %")


def margin_of(threshold: float) -> float:
    """Return how far from 1 an interval may reach that is called equivalent.

    >>> margin_of(0.03), margin_of(0.005)
    (0.02, 0.005)
    """
    return min(EQUIVALENCE, threshold)


def resolution(estimate: Estimate) -> float:
    """Return the farthest that the control's interval reaches from 1, as a fraction.

    >>> round(resolution(Estimate(1.0, 0.98, 1.01, 0.986)), 4)
    0.0204
    """
    return max(estimate.high, 1 / estimate.low) - 1


def too_noisy(control: Estimate, confidence: float, threshold: float) -> bool:
    """Say whether the control claims a difference: its interval excludes 1 by more than half the equivalence margin.

    An interval of too few processes claims nothing.

    >>> too_noisy(Estimate(1.03, 1.015, 1.04, 0.986), 0.983, 0.03)
    True
    >>> too_noisy(Estimate(1.01, 1.005, 1.02, 0.986), 0.983, 0.03)
    False
    >>> too_noisy(Estimate(1.01, 1.005, 1.02, 0.986), 0.983, 0.005)
    True
    """
    if control.confidence < confidence:
        return False
    floor = margin_of(threshold) / 2
    return control.low > 1 + floor or control.high < 1 / (1 + floor)
