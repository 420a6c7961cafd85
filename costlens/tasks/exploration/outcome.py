"""Counts in any order → the points of a result in their own: equal networks, constraints, the front."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern

from costlens.analysis.pareto import undominated
from costlens.results.counts import FIGURES, Totals
from costlens.results.exploration import PREDICTED, ExploredPoint, FrontAxis
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
) -> tuple[ExploredPoint, ...]:
    """Return what each point costs, or why it cannot be; equal networks share their totals, and say the first's number.

    knobs: what each stands for at points that do not set it.
    """
    found = _placed(len(points.points), counted)
    names = points.names
    needs_knobs = bool(limits) or any(axis.name not in FIGURES for axis in axes)
    holds: list[bool | None] = [None] * len(found.totals)
    costs: dict[int, tuple[float, ...]] = {}
    for number, totals in enumerate(found.totals):
        if totals is None:
            continue
        values = {**knobs, **settings(names, points.points[number])} if needs_knobs else knobs
        if limits:
            holds[number] = all(limit.holds(totals, values, found.predicted[number]) for limit in limits)
        if found.same_as[number] is None and holds[number] is not False:
            costs[number] = tuple([_cost(totals, found.predicted[number], axis, values) for axis in axes])
    on_front = {number for number, is_on in zip(costs, undominated([*costs.values()]), strict=True) if is_on}
    rows = zip(found.totals, found.reasons, found.same_as, holds, strict=True)
    return tuple(
        [
            ExploredPoint(points.points[number], *row, number in on_front, found.predicted[number])
            for number, row in enumerate(rows)
        ]
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """What is counted, by the places of points; ``same_as`` are numbers from 1."""

    totals: list[Totals | None]
    reasons: list[str]
    same_as: list[int | None]
    predicted: list[float | None]


def _placed(points: int, counted: Iterable[Counted]) -> _Placed:
    found = _Placed([None] * points, [""] * points, [None] * points, [None] * points)
    networks: dict[str, int] = {}
    network_at = array("q", [_NO_NETWORK]) * points
    for one in counted:
        found.totals[one.number], found.reasons[one.number] = one.totals, intern(one.reason)
        found.predicted[one.number] = one.predicted_ms
        if one.totals is not None:
            network_at[one.number] = networks.setdefault(one.identity, len(networks))
    first: dict[int, int] = {}
    for number, network in enumerate(network_at):
        if network != _NO_NETWORK and (known := first.setdefault(network, number)) != number:
            found.totals[number], found.same_as[number] = found.totals[known], known + 1
    return found


def _cost(totals: Totals, predicted_ms: float | None, axis: FrontAxis, values: Mapping[str, object]) -> float:
    if axis.name == PREDICTED:
        value: object = predicted_ms
    else:
        value = getattr(totals, FIGURES[axis.name]) if axis.name in FIGURES else values[axis.name]
    value = plain(value) if isinstance(value, str) else value
    cost = value if isinstance(value, int | float) else 0.0
    return -cost if axis.larger else cost
