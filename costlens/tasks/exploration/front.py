"""The Pareto front of points: those that no other beats in every figure. Smaller is better unless said otherwise."""

from collections.abc import Sequence

Costs = tuple[float, ...]


def front(costs: Sequence[Costs]) -> list[bool]:
    """Say of each point whether it is on the front; equal ones are all on it.

    One beats another where none of its costs is larger and one is smaller. In the order of their costs only an earlier
    point can beat a later one, and one that is on the front itself.

    >>> front([(1, 5), (2, 2), (2, 6), (2, 2), (0, 9)])
    [True, True, False, True, True]
    """
    kept: list[Costs] = []
    is_on: dict[Costs, bool] = {}
    for one in sorted(set(costs)):
        is_on[one] = not any(all(ours <= theirs for ours, theirs in zip(other, one, strict=True)) for other in kept)
        if is_on[one]:
            kept.append(one)
    return [is_on[one] for one in costs]
