"""What an interval shows: faster, slower, equivalent or nothing yet; and whether the machine is quiet enough.

Limits are symmetric in logarithms, so swapping model and baseline swaps faster and slower and changes nothing else:
a threshold of 3 % is a ratio above 1.03 or below 1/1.03.
"""

from typing import NamedTuple

from costlens.arithmetic.units import plural
from costlens.bench.statistics import Estimate, least_processes
from costlens.results.verdict import CONFIDENCE, Verdict

EQUIVALENCE = 0.02
"""Two models are equivalent where the whole interval lies within this, or within the threshold if that is less."""


class Judgement(NamedTuple):
    """A verdict, and why it is not settled; the reason of a settled one, for which no more processes run, is empty."""

    verdict: Verdict
    reason: str = ""


def judge(estimate: Estimate, processes: int, confidence: float, threshold: float, *, doubt: str = "") -> Judgement:
    """Return the verdict on a ratio, time of a model over time of the baseline; ``doubt`` is why none can be given.

    A quick look, whose few processes cannot reach 95 %, has the verdict that its interval shows, not settled.

    >>> judge(Estimate(1.05, 1.04, 1.06, 0.986), 10, 0.983, 0.03).verdict
    'slower'
    >>> judge(Estimate(0.999, 0.99, 1.01, 0.986), 10, 0.983, 0.03).verdict
    'equivalent'
    >>> judge(Estimate(1.025, 1.02, 1.03, 0.986), 10, 0.983, 0.03).reason
    'the difference is real, but not above 3 %'
    >>> judge(Estimate(0.125, 0.114, 0.139, 0.75), 3, 0.95, 0.03)
    Judgement(verdict='faster', reason='3 processes cannot give a verdict: at least 6 are needed')
    """
    if doubt:
        return Judgement("inconclusive", doubt)
    found = _by_interval(estimate, threshold)
    if estimate.confidence >= confidence:
        return found
    needed = f"at least {least_processes(confidence)} are needed"
    few = f"{plural(processes, 'process', 'es')} cannot give a verdict: {needed}"
    return Judgement(found.verdict if estimate.confidence < CONFIDENCE else "inconclusive", few)


def _by_interval(estimate: Estimate, threshold: float) -> Judgement:
    """Return what an interval shows, whatever confidence it holds with."""
    differs = estimate.low > 1 or estimate.high < 1
    margin = margin_of(threshold)
    if differs and not 1 / (1 + threshold) <= estimate.value <= 1 + threshold:
        return Judgement("slower" if estimate.low > 1 else "faster")
    if 1 / (1 + margin) < estimate.low and estimate.high < 1 + margin:
        return Judgement("equivalent")
    if differs:
        return Judgement("inconclusive", f"the difference is real, but not above {100 * threshold:g} %")
    return Judgement("inconclusive", f"the interval holds 1 and more than ±{100 * margin:g} %")


def margin_of(threshold: float) -> float:
    """Return how far from 1 an interval of equivalent models may reach.

    >>> margin_of(0.03), margin_of(0.005)
    (0.02, 0.005)
    """
    return min(EQUIVALENCE, threshold)


def resolution(estimate: Estimate) -> float:
    """Return how far the control's interval reaches from 1 at most, as a fraction.

    >>> round(resolution(Estimate(1.0, 0.98, 1.01, 0.986)), 4)
    0.0204
    """
    return max(estimate.high, 1 / estimate.low) - 1


def too_noisy(control: Estimate, confidence: float, threshold: float) -> bool:
    """Return whether the control shows a difference: its interval excludes 1 by more than half the equivalence margin.

    An interval of too few processes shows none.

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
