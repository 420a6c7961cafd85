"""Estimates and exact intervals against SciPy, published tables and brute force."""

import itertools
import math
import random

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costlens.bench import statistics as ours
from costlens.bench.protocol import Protocol

# Two-sided 5 % critical values of Wilcoxon's signed-rank statistic (McCornack 1965; any textbook's table).
CRITICAL = {6: 0, 7: 2, 8: 3, 9: 5, 10: 8, 11: 10, 12: 13, 13: 17, 14: 21, 15: 25, 20: 52, 25: 89, 30: 137}

LOOK = Protocol().confidence
"""What the intervals of each of three looks have to hold with."""

samples = st.lists(st.floats(-5, 5, allow_subnormal=False), min_size=1, max_size=12)


def exact_p(values: list[float], shift: float) -> float:
    """Return with what probability SciPy's signed-rank test would find values as far from a shift as these."""
    from scipy import stats

    return float(stats.wilcoxon([value - shift for value in values], method="exact").pvalue)


def normal(number: int, seed: int) -> list[float]:
    source = random.Random(seed)
    return [source.gauss(0.0, 1.0) for _ in range(number)]


@pytest.mark.parametrize(("number", "critical"), CRITICAL.items())
def test_signed_rank_interval_drops_as_many_averages_as_the_table_says(number: int, critical: int) -> None:
    values = normal(number, seed=number)
    averages = ours.walsh_averages(values)
    estimate = ours.ratio_estimate(values)
    assert math.log(estimate.low) == pytest.approx(averages[critical])
    assert math.log(estimate.high) == pytest.approx(averages[-1 - critical])
    assert 0.95 <= estimate.confidence < 0.97


@pytest.mark.parametrize(
    ("number", "confidence"),
    [(6, 0.95), (8, 0.95), (10, 0.95), (14, 0.95), (10, LOOK), (20, LOOK), (30, LOOK)],
)
@pytest.mark.parametrize("seed", range(3))
def test_signed_rank_interval_holds_exactly_what_scipys_test_does_not_reject(
    number: int, confidence: float, seed: int
) -> None:
    values = normal(number, seed)
    estimate = ours.ratio_estimate(values, confidence)
    low, high = math.log(estimate.low), math.log(estimate.high)
    assert min(exact_p(values, low + 1e-9), exact_p(values, high - 1e-9)) > 1 - confidence
    assert max(exact_p(values, low - 1e-9), exact_p(values, high + 1e-9)) <= 1 - confidence
    assert estimate.confidence >= confidence
    assert confidence == 0.95 or estimate.confidence < LOOK + 0.005


@pytest.mark.parametrize("number", range(1, 11))
def test_signed_rank_confidence_by_trying_all_signs(number: int) -> None:
    """The interval misses zero for exactly the sign patterns that the confidence leaves."""
    sizes = [1.0 + 0.37 * rank**1.5 for rank in range(number)]
    patterns = [
        [sign * size for sign, size in zip(signs, sizes, strict=True)]
        for signs in itertools.product((-1, 1), repeat=number)
    ]
    estimates = [ours.ratio_estimate(pattern) for pattern in patterns]
    held = sum(estimate.low <= 1 <= estimate.high for estimate in estimates)
    assert held / len(patterns) == pytest.approx(estimates[0].confidence)


@pytest.mark.parametrize("number", [6, 7, 10, 15, 20, 31])
def test_median_interval_agrees_with_scipy(number: int) -> None:
    from scipy import stats

    values = normal(number, seed=number)
    estimate = ours.median_estimate(values)
    theirs = stats.quantile_test(values, q=estimate.value, p=0.5).confidence_interval(0.95)
    assert (estimate.low, estimate.high) == (theirs.low, theirs.high)
    assert estimate.value == numpy.median(values)


@pytest.mark.parametrize(
    ("number", "ratio_confidence", "median_confidence"),
    [(1, 0.0, 0.0), (2, 0.5, 0.5), (3, 0.75, 0.75), (5, 0.9375, 0.9375), (10, 1 - 50 / 1024, 1 - 22 / 1024)],
)
def test_few_processes_say_what_their_interval_holds(
    number: int, ratio_confidence: float, median_confidence: float
) -> None:
    values = normal(number, seed=5)
    assert ours.ratio_estimate(values).confidence == ratio_confidence
    assert ours.median_estimate(values).confidence == median_confidence


@given(samples)
def test_estimates_lie_in_their_intervals(values: list[float]) -> None:
    for estimate in (ours.ratio_estimate(values), ours.median_estimate(values)):
        assert estimate.low <= estimate.value <= estimate.high


@given(samples)
def test_swapping_model_and_baseline_inverts_the_ratio(values: list[float]) -> None:
    forth = ours.ratio_estimate(values)
    back = ours.ratio_estimate([-value for value in values])
    assert (1 / back.high, 1 / back.value, 1 / back.low) == pytest.approx((forth.low, forth.value, forth.high))


def test_process_log_ratio_takes_minima_by_block_and_their_median() -> None:
    blocks = [[30, 20], [99, 40], [80, 90]]
    baseline = [[10, 11], [10, 12], [10, 13]]
    assert ours.process_log_ratio(blocks, baseline) == math.log(4)
    with pytest.raises(ValueError, match="shorter"):
        ours.process_log_ratio(blocks, baseline[:2])


@given(samples)
def test_median_absolute_deviation_is_scipys(values: list[float]) -> None:
    from scipy import stats

    theirs = stats.median_abs_deviation(values)
    assert ours.median_absolute_deviation(values) == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize(("confidence", "least"), [(0.95, 6), (LOOK, 7), (0.75, 3), (0.999, 11)])
def test_the_fewest_processes_that_can_settle_a_verdict(confidence: float, least: int) -> None:
    assert ours.least_processes(confidence) == least
    assert ours.ratio_estimate([0.0] * (least - 1), confidence).confidence < confidence
    assert ours.ratio_estimate([0.0] * least, confidence).confidence >= confidence
