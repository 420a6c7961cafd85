"""Counts in any order → the points of a result in their own: equal networks, constraints, the front."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from sys import intern
from typing import NamedTuple

from costlens.analysis.pareto import undominated
from costlens.results.counts import FIGURES
from costlens.results.exploration import PREDICTED, FrontAxis
from costlens.results.explored_points import ExploredPoints, TotalsColumns
from costlens.spec.tree import plain
from costlens.tasks.exploration.constraint import Constraint
from costlens.tasks.exploration.lines import Counted
from costlens.tasks.exploration.space import Space, settings

_NO_NETWORK = -1


def outcome(
    points: Space,
    counted: Iterable[Counted],
    limits: Sequence[Constraint],
    axes: Sequence[FrontAxis],
    knobs: Mapping[str, object],
) -> ExploredPoints:
    """Return what each point costs, or why it cannot be; equal networks share their totals, and say the first's number.

    knobs: what each stands for at points that do not set it.
    """
    found = _placed(len(points.points), counted)
    needs_knobs = bool(limits) or any(axis.name not in FIGURES for axis in axes)
    misses, front = bytearray(len(points.points)), bytearray(len(points.points))
    places, costs = array("q"), []
    for place, same_as in enumerate(found.same_as):
        counted_at = same_as - 1 if same_as else place
        if not found.totals.knows(counted_at) or (same_as and not limits):
            continue
        values = {**knobs, **settings(points.names, points.points[place])} if needs_knobs else knobs
        predicted_ms = found.predicted_ms[place] if found.predicted_ms else None
        if limits and (totals := found.totals[counted_at]):
            misses[place] = not all(limit.holds(totals, values, predicted_ms) for limit in limits)
        if not same_as and not misses[place]:
            places.append(place)
            costs.append(tuple([_cost(found.totals, place, predicted_ms, axis, values) for axis in axes]))
    for place, is_on in zip(places, undominated(costs), strict=True):
        front[place] = is_on
    return ExploredPoints(
        points.points, found.totals, found.reasons, found.same_as, misses if limits else None, front, found.predicted_ms
    )


class _Placed(NamedTuple):
    """What is counted, by the places of points; ``same_as`` are numbers from 1, 0 where there is none."""

    totals: TotalsColumns
    reasons: dict[int, str]
    same_as: array[int]
    predicted_ms: array[float] | None


def _placed(points: int, counted: Iterable[Counted]) -> _Placed:
    totals, reasons, same_as = TotalsColumns(points), dict[int, str](), array("q", [0]) * points
    predicted_ms: array[float] | None = None
    networks: dict[str, int] = {}
    network_at = array("q", [_NO_NETWORK]) * points
    for one in counted:
        if one.figures is None:
            reasons[one.number] = intern(one.reason)
            continue
        totals[one.number] = one.figures
        network_at[one.number] = networks.setdefault(one.identity, len(networks))
        if one.predicted_ms is not None:
            predicted_ms = predicted_ms or array("d", [0.0]) * points
            predicted_ms[one.number] = one.predicted_ms
    first = array("q", [_NO_NETWORK]) * len(networks)
    for place, network in enumerate(network_at):
        if network == _NO_NETWORK:
            continue
        if first[network] == _NO_NETWORK:
            first[network] = place
        else:
            same_as[place] = first[network] + 1
    return _Placed(totals, reasons, same_as, predicted_ms)


def _cost(
    totals: TotalsColumns, place: int, predicted_ms: float | None, axis: FrontAxis, values: Mapping[str, object]
) -> float:
    if axis.name == PREDICTED:
        value: object = predicted_ms
    else:
        value = totals.figure(place, FIGURES[axis.name]) if axis.name in FIGURES else values[axis.name]
    value = plain(value) if isinstance(value, str) else value
    cost = value if isinstance(value, int | float) else 0.0
    return -cost if axis.larger else cost
