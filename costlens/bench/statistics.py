"""Estimates and exact intervals from few processes; no normal distribution is assumed anywhere.

A comparison: in each block the log-ratio of the two models' minima, the median of these in each process, and
over the processes the Hodges-Lehmann estimate with the interval that inverts Wilcoxon's signed-rank test
(Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 3.2-3.3). One model: the median of the
processes' medians with the interval of order statistics that inverts the sign test (ibid. 3.4-3.6).

SciPy has both tests, but of the two intervals only that of the median (``quantile_test``), and its import takes a
second or two. The tests compare these intervals with SciPy's exact distributions.

Few processes cannot reach 95 %: then the widest interval is returned, with the confidence that it has.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from statistics import median

from costlens.results.verdict import CONFIDENCE


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval, which holds with exactly ``confidence``; 0 for a single process."""

    value: float
    low: float
    high: float
    confidence: float


def process_log_ratio(blocks: Sequence[Sequence[float]], baseline_blocks: Sequence[Sequence[float]]) -> float:
    """Return one process's answer: the median over blocks of log(minimum / baseline's minimum).

    The minimum of more calls is lower, so both sides' are over as many calls as the shorter side has.

    >>> process_log_ratio([[2.0, 9.0], [4.0, 4.0]], [[1.0, 1.5], [2.0, 8.0]]) == math.log(2)
    True
    >>> process_log_ratio([[2.0, 3.0]], [[2.0, 2.5, 1.0]])
    0.0
    """
    return median(_log_ratio(*pair) for pair in zip(blocks, baseline_blocks, strict=True))


def _log_ratio(side: Sequence[float], baseline: Sequence[float]) -> float:
    calls = min(len(side), len(baseline))
    return math.log(min(side[:calls]) / min(baseline[:calls]))


def ratio_estimate(log_ratios: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Return exp of the Hodges-Lehmann estimate of the processes' log-ratios and of its signed-rank interval.

    >>> estimate = ratio_estimate([0.0] * 10)
    >>> estimate.low, estimate.value, estimate.high, round(estimate.confidence, 3)
    (1.0, 1.0, 1.0, 0.951)
    """
    averages = walsh_averages(log_ratios)
    cut, reached = _cut(_signed_rank_counts(len(log_ratios)), confidence)
    low, value, high = averages[cut], median(averages), averages[len(averages) - 1 - cut]
    return Estimate(math.exp(value), math.exp(low), math.exp(high), reached)


def median_estimate(process_medians: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Return the median over processes and the order statistics around it.

    >>> median_estimate([5.0, 1.0, 3.0])
    Estimate(value=3.0, low=1.0, high=5.0, confidence=0.75)
    """
    ordered = sorted(process_medians)
    number = len(ordered)
    cut, reached = _cut([math.comb(number, successes) for successes in range(number + 1)], confidence)
    return Estimate(median(ordered), ordered[cut], ordered[number - 1 - cut], reached)


def walsh_averages(values: Sequence[float]) -> list[float]:
    """Return the averages of all pairs, each value with itself too, in ascending order.

    >>> walsh_averages([1.0, 3.0])
    [1.0, 2.0, 3.0]
    """
    return sorted((values[i] + values[j]) / 2 for i in range(len(values)) for j in range(i, len(values)))


def median_absolute_deviation(values: Sequence[float]) -> float:
    """Return the median distance from the median, not scaled to a standard deviation.

    >>> median_absolute_deviation([1.0, 1.0, 2.0, 4.0, 9.0])
    1.0
    """
    middle = median(values)
    return median(abs(value - middle) for value in values)


def least_processes(confidence: float) -> int:
    """Return the fewest processes whose signed-rank interval of a ratio can hold with a confidence.

    >>> least_processes(0.95), least_processes(0.983)
    (6, 7)
    """
    return math.ceil(1 - math.log2(1 - confidence))


@cache
def _signed_rank_counts(number: int) -> tuple[int, ...]:
    """Return how many of the 2^n sign patterns give each rank sum: the product of (1 + x^rank)."""
    counts = [1]
    for rank in range(1, number + 1):
        longer = counts + [0] * rank
        for total, ways in enumerate(counts):
            longer[total + rank] += ways
        counts = longer
    return tuple(counts)


def _cut(counts: Sequence[int], confidence: float) -> tuple[int, float]:
    """Return how many values to drop at each end so that the interval still holds, and what it then holds.

    ``counts`` is a symmetric null distribution; dropping k at each end loses twice P(statistic <= k).
    """
    patterns = sum(counts)
    cut, below = 0, counts[0]
    while 2 * (below + counts[cut + 1]) <= (1 - confidence) * patterns:
        cut += 1
        below += counts[cut]
    return cut, max(0.0, 1 - 2 * below / patterns)
