"""Where the level of a series changes: counts at each other value, times where noise does not explain it."""

from itertools import pairwise, product
from random import Random

import pytest

from costlens.analysis import levels
from tests.cases.recorded import noisy


@pytest.mark.parametrize(("values", "places"), [
    ([], []),
    ([5], []),
    ([5, 5, 5], []),
    ([5, 6], [1]),
    ([5, 5, 6, 6, 5], [2, 4]),
    ([1, 2, 3], [1, 2]),
])  # fmt: skip
def test_counts_change_at_each_other_value(values: list[int], places: list[int]) -> None:
    assert levels.of_counts(values) == places


# numbers of runs at levels in ms, noise, where levels begin, and how far away they may be found
FOUND: list[tuple[list[tuple[int, float]], float, list[int], int]] = [
    ([(3, 1.0), (3, 1.2)], 0.01, [3], 0),
    ([(20, 1.0), (20, 1.06)], 0.01, [20], 1),
    ([(20, 1.0), (20, 0.5), (20, 1.0)], 0.02, [20, 40], 1),
    ([(15, 1.0), (2, 2.0), (15, 1.0)], 0.01, [15, 17], 0),
    ([(40, 1.0), (40, 1.1), (40, 1.21), (40, 1.1)], 0.02, [40, 80, 120], 2),
    ([(500, 1.0), (700, 1.1), (800, 1.0)], 0.02, [500, 1200], 6),
    ([(6000, 3.0), (4000, 3.3)], 0.03, [6000], 10),
    ([(30, 1.0), (1, 3.0), (30, 1.0)], 0.01, [], 0),
    ([(50, 1.0), (50, 1.02)], 0.001, [], 0),
]


@pytest.mark.parametrize(("runs", "noise", "wanted", "near"), FOUND, ids=str)
def test_levels_of_times_are_found_where_they_begin(
    runs: list[tuple[int, float]], noise: float, wanted: list[int], near: int
) -> None:
    found = levels.of_times(noisy(runs, noise))
    assert len(found) == len(wanted), found
    assert all(abs(one - other) <= near for one, other in zip(found, wanted, strict=True)), found


def test_noise_alone_has_hardly_any_levels() -> None:
    drawn = product((4, 12, 60), (0.005, 0.02, 0.1), range(40))
    series = [noisy([(size, 1.0)], noise, seed) for size, noise, seed in drawn]
    false = sum(bool(levels.of_times(values)) for values in series)
    assert false <= 0.05 * len(series)


def test_a_series_of_equal_times_has_one_level() -> None:
    assert levels.of_times([1.5] * 1000) == []


def costs(values: list[float], starts: list[int], price: float) -> float:
    ends = [0, *starts, len(values)]
    parts = [values[one:other] for one, other in pairwise(ends)]
    means = [sum(part) / len(part) for part in parts]
    squares = sum((value - mean) ** 2 for part, mean in zip(parts, means, strict=True) for value in part)
    return squares + price * len(starts)


def all_starts(size: int, least: int, first: int = 0) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for start in range(first + least, size - least + 1):
        found += [[start, *rest] for rest in all_starts(size, least, start)]
    return found


@pytest.mark.parametrize("seed", range(10))
def test_a_partition_is_the_best_of_all(seed: int) -> None:
    random = Random(seed)
    values = [random.choice([0.0, 0.5, 1.0]) + random.gauss(0, 0.2) for _ in range(9)]
    for price in (0.02, 0.2, 2.0):
        for least in (1, 2):
            found = levels._partition([[value] for value in values], price, least)
            best = min(costs(values, starts, price) for starts in all_starts(len(values), least))
            assert costs(values, found, price) == pytest.approx(best)
