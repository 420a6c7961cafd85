"""Models beside each other: ratios to the first, the Pareto front, an order. Pure arithmetic on results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from costlens.results.comparison import FIGURES, SCHEMA, ComparedModel, Comparison, Timing

LATENCY = "latency"
_COUNTED = ("params", "macs")

Interval = tuple[float, float]


class Sort(StrEnum):
    """What the smallest of comes first."""

    MACS = "macs"
    PARAMS = "params"
    LATENCY = "latency"


def side_by_side(
    models: Sequence[ComparedModel], timing: Timing | None = None, *, sort: Sort | None = None
) -> Comparison:
    """Return models, the first of which is the one that ratios are to, with their ratios and the Pareto front.

    ``sort`` puts the smallest first, and a model without the figure last; at first stand those named first.
    """
    axes = front_axes(models, timing)
    on_front = front([_point(model, axes) for model in models])
    compared = [
        replace(model, ratios=_ratios(model, models[0]), front=place)
        for model, place in zip(models, on_front, strict=True)
    ]
    ordered = sorted(compared, key=lambda model: _rank(model, sort)) if sort else compared
    return Comparison(SCHEMA, models[0].label, axes, tuple(ordered), timing)


def front(points: Sequence[Sequence[Interval] | None]) -> list[bool | None]:
    """Say of each point whether it is on the Pareto front; None of one that is not known, which dominates nothing.

    A point is an interval on each axis, a number twice where it is exact; smaller is better. One dominates another
    where it is worse on no axis and better on at least one: intervals that overlap are neither.

    >>> front([[(1, 1), (5, 5)], [(2, 2), (2, 2)], [(2, 2), (6, 6)], None])
    [True, True, False, None]
    >>> front([[(1, 1), (10.0, 10.2)], [(1, 1), (10.1, 10.3)]])
    [True, True]
    """
    known = [point for point in points if point is not None]
    return [None if point is None else not any(_dominates(other, point) for other in known) for point in points]


def front_axes(models: Sequence[ComparedModel], timing: Timing | None = None) -> tuple[str, ...]:
    """Return the figures that the front is of.

    Parameters and MACs, each where it is complete of any model. Latency where models were timed for this comparison
    and a ratio can be believed, or where a stored time is known of every model that could be on the front.
    """
    counted = tuple(axis for axis in _COUNTED if any(model.complete(axis) is not None for model in models))
    rivals = [model for model in models if _point(model, counted) is not None]
    timed = [model for model in rivals if model.time is not None]
    if timing is None or timing.too_noisy or not timed or not (timing.measured or len(timed) == len(rivals)):
        return counted
    return (*counted, LATENCY)


def _dominates(one: Sequence[Interval], other: Sequence[Interval]) -> bool:
    pairs = list(zip(one, other, strict=True))
    return all(ours[0] <= theirs[1] for ours, theirs in pairs) and any(ours[1] < theirs[0] for ours, theirs in pairs)


def _point(model: ComparedModel, axes: Sequence[str]) -> list[Interval] | None:
    """Return a model's figures on axes as intervals; None where one is not complete, or there is no axis."""
    point: list[Interval] = []
    for axis in axes:
        if axis == LATENCY:
            if model.time is None:
                return None
            point.append(model.time.interval_ms)
        elif (value := model.complete(axis)) is not None:
            point.append((value, value))
        else:
            return None
    return point or None


def _ratios(model: ComparedModel, first: ComparedModel) -> dict[str, float]:
    pairs = {figure: (model.complete(figure), first.complete(figure)) for figure in FIGURES}
    return {figure: ours / theirs for figure, (ours, theirs) in pairs.items() if ours is not None and theirs}


def _rank(model: ComparedModel, sort: Sort) -> tuple[bool, float]:
    if sort is Sort.LATENCY:
        value: float | None = model.time.median_ms if model.time else None
    else:
        value = getattr(model.figures, sort)
    return value is None, value or 0
