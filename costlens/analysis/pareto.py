"""Models beside each other: ratios to the first, the Pareto front, an order. Pure arithmetic on results."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from costlens.results.comparison import FIGURES, ComparedModel, Comparison, ModelTime, Timing
from costlens.results.latency import FailedModel

LATENCY = "latency"

Interval = tuple[float, float]
Costs = tuple[float, ...]


class Sort(StrEnum):
    """What the smallest of comes first."""

    MACS = "macs"
    PARAMS = "params"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True)
class Point:
    """A model's exact costs, and its time; ``to_first`` is the interval of its ratio to the first, where measured."""

    costs: tuple[int, ...]
    time: ModelTime | None = None
    to_first: Interval | None = None


def side_by_side(
    models: Sequence[ComparedModel],
    timing: Timing | None = None,
    *,
    margin: float = 0.0,
    sort: Sort | None = None,
    failed: Sequence[FailedModel] = (),
) -> Comparison:
    """Return models, the first of which is the one that ratios are to, with their ratios and the Pareto front.

    margin: how far from 1 the interval of a ratio of times may reach that makes two equal. ``sort`` puts the smallest
    first, and a model without the figure last; at first stand those named first. failed: what could not be exported.
    """
    axes = front_axes(models, timing)
    on_front = front_of(models, axes, margin)
    compared = [
        replace(model, ratios=_ratios(model, models[0]), front=place)
        for model, place in zip(models, on_front, strict=True)
    ]
    ordered = sorted(compared, key=lambda model: _rank(model, sort)) if sort else compared
    return Comparison(Comparison.SCHEMA, models[0].label, axes, tuple(ordered), timing, tuple(failed))


def front(points: Sequence[Point | None], margin: float = 0.0) -> list[bool | None]:
    """Say of each point whether it is on the Pareto front; None of one that is not known, which dominates nothing.

    Smaller is better. One dominates another where no cost is larger, its time is shorter or equal, and one of these is
    smaller. Of two times the intervals of the ratios to the first decide where both have one, else their own: a time
    is shorter where they lie apart, equal where they and what lies between them span no more than the margin. Else
    nothing is known of the two, and neither dominates.

    >>> front([Point((1, 5)), Point((2, 2)), Point((2, 6)), None])
    [True, True, False, None]
    >>> time = ModelTime(10.0, (9.0, 10.5), 0.98, measured=True)
    >>> front([Point((5,), time, (1.0, 1.0)), Point((6,), time, (0.94, 0.96)), Point((6,), time, (0.99, 1.01))], 0.02)
    [True, True, False]
    """
    known = [point for point in points if point is not None]
    if all(point.time is None for point in known):
        on = iter(undominated([point.costs for point in known]))
        return [None if point is None else next(on) for point in points]
    return [None if point is None else not any(_dominates(one, point, margin) for one in known) for point in points]


def undominated(costs: Sequence[Costs]) -> list[bool]:
    """Say of each of many points, by its costs alone, whether no other is nowhere larger and somewhere smaller.

    In the order of their costs only an earlier point can beat a later one, and one that is on the front itself; the
    nearest before it mostly does.

    >>> undominated([(1, 5), (2, 2), (2, 6), (2, 2), (0, 9)])
    [True, True, False, True, True]
    """
    kept: list[Costs] = []
    is_on: dict[Costs, bool] = {}
    for one in sorted(set(costs)):
        beaten = (all(ours <= theirs for ours, theirs in zip(other, one, strict=True)) for other in reversed(kept))
        is_on[one] = not any(beaten)
        if is_on[one]:
            kept.append(one)
    return [is_on[one] for one in costs]


def front_of(models: Sequence[ComparedModel], axes: Sequence[str], margin: float = 0.0) -> list[bool | None]:
    """Say of each model, the first of which is the one that ratios are to, whether it is on the front of these axes.

    axes: figures and ``latency``. None where one of them is not complete.
    """
    return front([_point(model, axes, first=place == 0) for place, model in enumerate(models)], margin)


def front_axes(models: Sequence[ComparedModel], timing: Timing | None = None) -> tuple[str, ...]:
    """Return the figures that the front is of.

    Parameters and MACs, each where it is complete of any model; deployed parameters where those are all that is known
    of some model. Latency where models were timed for this comparison
    and a ratio can be believed, or where a stored time is known of every model that could be on the front.
    """
    stored = "deployed_params" if any(map(_holds_deployed_only, models)) else "params"
    counted = tuple(axis for axis in (stored, "macs") if any(model.complete(axis) is not None for model in models))
    rivals = [model for model in models if _point(model, counted) is not None]
    timed = [model for model in rivals if model.time is not None]
    if timing is None or timing.too_noisy or not timed or not (timing.measured or len(timed) == len(rivals)):
        return counted
    return (*counted, LATENCY)


def _holds_deployed_only(model: ComparedModel) -> bool:
    return model.complete("params") is None and model.complete("deployed_params") is not None


def _dominates(one: Point, other: Point, margin: float) -> bool:
    pairs = list(zip(one.costs, other.costs, strict=True))
    if any(ours > theirs for ours, theirs in pairs):
        return False
    cheaper = any(ours < theirs for ours, theirs in pairs)
    if one.time is None or other.time is None:
        return cheaper
    if one.to_first and other.to_first:
        (low, high), (other_low, other_high) = one.to_first, other.to_first
    else:
        (low, high), (other_low, other_high) = one.time.interval_ms, other.time.interval_ms
    if high <= (1 + margin) * other_low and other_high <= (1 + margin) * low:
        return cheaper
    # by medians too: intervals of two kinds could otherwise let each of three models dominate the next
    return high < other_low and one.time.median_ms < other.time.median_ms


def _point(model: ComparedModel, axes: Sequence[str], *, first: bool = False) -> Point | None:
    """Return a model on axes; None where one of its figures is not complete or disputed, or there is no axis."""
    costs = [model.complete(axis) for axis in axes if axis != LATENCY]
    known = tuple(cost for cost in costs if cost is not None)
    if not axes or len(known) < len(costs) or model.disagreement:
        return None
    if LATENCY not in axes:
        return Point(known)
    if model.time is None:
        return None
    ratio = model.time_ratio
    measured = (ratio.low, ratio.high) if ratio and ratio.low is not None and ratio.high is not None else None
    return Point(known, model.time, (1.0, 1.0) if first else measured)


def _ratios(model: ComparedModel, first: ComparedModel) -> dict[str, float]:
    pairs = {figure: (model.complete(figure), first.complete(figure)) for figure in FIGURES}
    return {figure: ours / theirs for figure, (ours, theirs) in pairs.items() if ours is not None and theirs}


def _rank(model: ComparedModel, sort: Sort) -> tuple[bool, float]:
    if sort is Sort.LATENCY:
        value: float | None = model.time.median_ms if model.time else None
    else:
        value = getattr(model.figures, sort)
    return value is None, value or 0
