"""The choices of a network, and the mix that is chosen → the result: budgets, layers, and the curve."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from costlens.analysis.budgets import TIME, Limit
from costlens.analysis.choosing import Choices, Chosen, Mix
from costlens.analysis.forms import AWAY, LAYERS, MOVED, PEAKS, Forms
from costlens.results.advice import Advice, AdvisedLayer, AdvisedLimit, CurvePoint, Form, Objective, shown_figures
from costlens.results.counts import FIGURES
from costlens.sources._source import Model
from costlens.tasks._prices import Conditions

POINTS = 20
"""Budgets of change that the curve has."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: what the network may cost at most by figure, and how it may be changed.

    keep: globs on the names of what stays as it is. tie: equal layers of a ``repeat`` get one kind. kinds: those that
    layers may get, all where none is named. objective: what change is. under: how it
    is run, where its time is limited.
    """

    limits: Sequence[Limit]
    keep: tuple[str, ...] = ()
    tie: bool = False
    kinds: tuple[str, ...] = ()
    objective: Objective = "moved_macs"
    under: Conditions = field(default=Conditions())


def limits_of(wanted: Wish, choices: Choices) -> dict[str, float]:
    """Return what a network may cost at most, by figure."""
    return {field_of(one): _value(one, choices) for one in wanted.limits}


def field_of(limit: Limit) -> str:
    """Return the field of totals that a limit is of."""
    return FIGURES.get(limit.figure, limit.figure)


def least(choices: Choices, wanted: Wish, limits: Mapping[str, float]) -> Chosen | None:
    """Return the mix of the least change within limits; None where no mix keeps them."""
    return choices.least(limits, choices.costs(wanted.objective), choices.costs(AWAY))


def advised(model: Model, held: Forms, wanted: Wish, limits: Mapping[str, float], chosen: Chosen | None) -> Advice:
    """Return the result of a choice; figures that are not known of the network are left out."""
    choices = held.choices
    known = {**choices.rest.sums, **choices.rest.peaks}
    figures = [name for name in shown_figures(limits) if name in known]
    curve_of = next((name for name in (*limits, "macs") if name not in PEAKS), "macs")
    written = choices.as_written
    mix = chosen.mix if chosen else None
    return Advice(
        Advice.SCHEMA,
        model.count.name,
        model.count.title,
        model.count.variant,
        wanted.objective,
        tuple(_limit(one, limits, held, mix) for one in wanted.limits),
        held.kinds(mix) if mix is not None else None,
        chosen.gap if chosen else 0.0,
        tuple(_layers(choices, mix, figures)),
        held.one_form,
        held.stays,
        {name: choices.total(name, written) for name in figures},
        {name: choices.total(name, mix) for name in figures} if mix is not None else {},
        _movable(choices),
        int(choices.total(MOVED, mix)) if mix is not None else 0,
        curve_of,
        tuple(_curve(choices, curve_of)) if curve_of in known else (),
    )


def _value(limit: Limit, choices: Choices) -> float:
    """Return what a limit allows; one in percent is relative to the network as written."""
    if not limit.amount.relative:
        return limit.amount.value
    written = choices.total(field_of(limit), choices.as_written)
    return written * (1 + limit.amount.value / 100) if limit.figure == TIME else limit.amount.of(int(written))


def _limit(limit: Limit, limits: Mapping[str, float], held: Forms, mix: Mix | None) -> AdvisedLimit:
    name, choices = field_of(limit), held.choices
    of = "peaks" if name in PEAKS else "sums"
    reached: float | None = choices.bound(name)
    if mix is None and len(limits) > 1:
        reached = _least_of(choices, name, {other: value for other, value in limits.items() if other != name})
    return AdvisedLimit(
        limit.figure,
        limit.amount.text,
        limits[name],
        choices.total(name, choices.as_written),
        None if mix is None else choices.total(name, mix),
        choices.bound(name),
        reached,
        getattr(held.kept, of).get(name, 0.0),
        getattr(choices.rest, of)[name],
    )


def _least_of(choices: Choices, figure: str, others: Mapping[str, float]) -> float | None:
    """Return the least of a figure while the other limits are kept; None where these alone cannot be."""
    if figure not in PEAKS:
        found = choices.least(others, choices.costs(figure))
        return choices.total(figure, found.mix) if found else None
    peaks = sorted({option.peaks[figure] for site in choices.sites for option in site.options})
    bound = choices.bound(figure)
    for peak in (bound, *(each for each in peaks if each > bound)):
        if found := choices.least({**others, figure: peak}, choices.costs(LAYERS)):
            return choices.total(figure, found.mix)
    return None


def _layers(choices: Choices, mix: Mix | None, figures: Sequence[str]) -> list[AdvisedLayer]:
    return [
        AdvisedLayer(
            site.names,
            tuple(Form(one.kind, {name: {**one.sums, **one.peaks}[name] for name in figures}) for one in site.options),
            site.options[mix[place]].kind if mix is not None else "",
        )
        for place, site in enumerate(choices.sites)
    ]


def _movable(choices: Choices) -> int:
    return int(sum(site.options[-1].sums[MOVED] for site in choices.sites))


def _curve(choices: Choices, figure: str) -> list[CurvePoint]:
    """Return the least of a figure for budgets of change, the smallest first."""
    movable = _movable(choices)
    found = []
    for step in range(1, POINTS + 1) if choices.sites else ():
        best = choices.least({MOVED: step * movable / POINTS}, choices.costs(figure))
        if best is None:
            raise RuntimeError("the network as written moves nothing")
        found.append(_point(choices, figure, step / POINTS, best))
    return found


def _point(choices: Choices, figure: str, share: float, best: Chosen) -> CurvePoint:
    def total(name: str) -> int:
        return int(choices.total(name, best.mix))

    params, macs = (total(name) if name in choices.rest.sums else None for name in ("params", "macs"))
    return CurvePoint(share, choices.total(figure, best.mix), total(MOVED), total(LAYERS), params, macs)
