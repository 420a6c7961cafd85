"""Where a series of figures changes its level.

Counts are exact: a level begins with each other value. Times are noisy: the levels are those whose squared deviations,
with a price for each level, have the least sum (optimal partitioning: Jackson et al., An algorithm for optimal
partitioning of data on an interval, 2005; the price as in Yao, Estimating the number of change-points via Schwarz'
criterion, 1988, half as much again). It is taken of logarithms, since times change by factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from math import log
from statistics import median

LEAST_RUNS = 2
"""Runs of a level at least: a single slow run is no level."""
THRESHOLD = 0.03
"""Levels that differ by less are one."""
_FLOOR = 0.01
"""Times of one network on one machine differ by as much from one day to the next."""
_PRICE = 3.0
_NORMAL = 0.6745
_MOST = 400
"""So many values are partitioned exactly; of a longer series neighbours are first taken together."""


def of_counts(values: Sequence[float]) -> list[int]:
    """Return the places at which values differ from those before.

    >>> of_counts([5, 5, 7, 7, 5])
    [2, 4]
    """
    return [place for place, (one, other) in enumerate(pairwise(values), 1) if one != other]


def of_times(values: Sequence[float]) -> list[int]:
    """Return the places at which a new level of times above 0 begins.

    >>> of_times([1.0, 1.01, 0.99, 1.0, 1.2, 1.21, 1.19])
    [4]
    >>> of_times([1.0, 1.01, 0.99, 3.0, 1.0, 1.01])
    []
    """
    if len(values) < 2 * LEAST_RUNS:
        return []
    logs = [log(value) for value in values]
    calm = _without_single(logs)
    width = -(-len(calm) // _MOST)
    groups = [calm[start : start + width] for start in range(0, len(calm), width)]
    price = _PRICE * max(_FLOOR, _noise(logs)) ** 2 * log(len(logs))
    starts = [width * place for place in _partition(groups, price, LEAST_RUNS if width == 1 else 1)]
    if width > 1:
        starts = _refined(calm, starts, width)
    return _far_apart(logs, starts)


def _without_single(values: Sequence[float]) -> list[float]:
    """Return running medians of three: a step stays where it is, a single value that stands out goes."""
    inner = [sorted(values[place - 1 : place + 2])[1] for place in range(1, len(values) - 1)]
    return [values[0], *inner, values[-1]]


def _noise(logs: Sequence[float]) -> float:
    """Return the standard deviation of the noise, from the median step between neighbours, which few levels touch."""
    return median(abs(other - one) for one, other in pairwise(logs)) / (_NORMAL * 2**0.5)


def _partition(groups: Sequence[Sequence[float]], price: float, least: int) -> list[int]:
    """Return the places of groups at which levels begin, the first one left out."""
    sums = [0.0, *accumulate(sum(group) for group in groups)]
    squares = [0.0, *accumulate(sum(value * value for value in group) for group in groups)]
    sizes = [0, *accumulate(map(len, groups))]
    best, begins = [-price], [0]
    for end in range(1, len(groups) + 1):
        cheapest, begin = float("inf"), 0
        for start in range(end - least + 1):
            if start and start < least:
                continue
            total = sums[end] - sums[start]
            cost = best[start] + squares[end] - squares[start] - total * total / (sizes[end] - sizes[start]) + price
            if cost < cheapest:
                cheapest, begin = cost, start
        best.append(cheapest)
        begins.append(begin)
    found = []
    place = len(groups)
    while place and (place := begins[place]):
        found.append(place)
    return found[::-1]


def _refined(values: Sequence[float], starts: Sequence[int], width: int) -> list[int]:
    """Return each start at the value where its two levels fit best, within a group of where it was found."""
    ends = [0, *starts, len(values)]
    return [
        _fitting(values[before:after], start - before, width) + before
        for before, start, after in zip(ends, ends[1:], ends[2:], strict=False)
    ]


def _fitting(values: Sequence[float], near: int, width: int) -> int:
    sums = [0.0, *accumulate(values)]

    def explained(place: int) -> float:  # what both means explain of the squares
        return sums[place] ** 2 / place + (sums[-1] - sums[place]) ** 2 / (len(values) - place)

    return max(range(max(1, near - width), min(len(values), near + width + 1)), key=explained)


def _far_apart(logs: Sequence[float], starts: Sequence[int]) -> list[int]:
    """Leave out starts of levels that are no further than the threshold from those before, the nearest first."""
    left = list(starts)
    while left:
        ends = [0, *left, len(logs)]
        middles = [median(logs[one:other]) for one, other in pairwise(ends)]
        steps = [abs(other - one) for one, other in pairwise(middles)]
        smallest = min(range(len(steps)), key=steps.__getitem__)
        if steps[smallest] >= log(1 + THRESHOLD):
            break
        del left[smallest]
    return left
