"""``costlens advise``: word → graph → what each convolution costs in each kind → the mix that keeps the budgets."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costlens.analysis.budgets import TIME, Limit
from costlens.analysis.choosing import Choices, Chosen, Mix
from costlens.analysis.forms import AWAY, LAYERS, MOVED, PEAKS, Forms, forms
from costlens.arithmetic.figures import Figure
from costlens.errors import UsageError
from costlens.network.variants import convolution_kind, kind_names
from costlens.results.advice import (
    Advice,
    AdvisedLayer,
    AdvisedLimit,
    CurvePoint,
    Form,
    Objective,
    PlannedTime,
    Proof,
    shown_figures,
)
from costlens.results.counts import AS_WRITTEN, FIGURES
from costlens.sources._source import Asked, Model
from costlens.sources._word import Word
from costlens.sources.find import models, one_file, require, require_one_variant
from costlens.spec.model import flag
from costlens.tasks._advice_proof import measured, profiled, told
from costlens.tasks._prices import Conditions, Prices, corrected, priced
from costlens.tasks._tools import Tools
from costlens.tasks.new import Written, variant_as_spec

if TYPE_CHECKING:
    from costlens.bench.protocol import Protocol

PROOFS = 3
"""Mixes at most that are built and timed."""
ROUNDS = 8
"""Choices at most until one keeps a budget of time by its own prediction."""
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


def wish(budget: Mapping[str, object], **how: object) -> Wish:
    """Return what is asked for by options; UsageError for a budget or a kind that is none, and where there is none."""
    if not budget:
        raise UsageError(
            "advise: what may it cost? add a budget, for example --budget macs=300M or --budget params=-30%"
        )
    found = Wish([_read(name, written) for name, written in budget.items()], **how)  # type: ignore[arg-type]
    for kind in found.kinds:
        convolution_kind(kind)
    return found


def _read(name: str, written: object) -> Limit:
    """Read a budget; one of time may be relative, too, as what it is relative to is predicted as well."""
    text = str(written).strip()
    if name != TIME or not text.endswith("%"):
        return flag(name, written)
    try:
        return Limit("flag", name, Figure.parse_change(text))
    except ValueError as error:
        raise UsageError(f"--budget {name}={text}: {error}") from None


def advise(
    word: str | Word, asked: Asked, wanted: Wish, plan: Protocol | None = None, *, tools: Tools
) -> tuple[Advice, Model]:
    """Choose the mix of kinds that keeps budgets at the least change; the result says where there is none.

    A budget in percent, as ``macs=-30%``, is relative to the network as written. UsageError for a word that names
    several networks or none with a graph, and for a glob that matches nothing. With a plan a budget of time is proven
    by measuring.
    """
    require_one_variant(asked, "advise changes")
    given = one_file([word], "advise")
    if isinstance(given, Word):
        given, asked = replace(given, settings={**asked.settings, **given.settings}), replace(asked, settings={})
    found = models([given], asked)
    require(found, "graph", "advise chooses kinds of convolution")
    (model,) = found
    if model.graph is None:
        raise TypeError("a model that has a graph")
    held = forms(model.graph, wanted.kinds or kind_names(), keep=wanted.keep, tie=wanted.tie)
    if not any(one.figure == TIME for one in wanted.limits):
        return _advice(model, held, wanted, *_chosen(held.choices, wanted)), model
    prices = Prices(model, model.graph, wanted.under, tools)
    held, limits, chosen = _in_time(replace(held, choices=priced(held, prices)), wanted, prices)
    proofs: list[Proof] = []
    if plan is not None and chosen and any(chosen.mix):
        held, chosen, proofs = _proven(model, held, wanted, limits, chosen, prices, plan, tools)
    made = _advice(model, held, wanted, limits, chosen)
    made = _timed(made, prices, None if chosen is None else held.kinds(chosen.mix))
    return replace(made, proofs=tuple(proofs)), model


def _proven(
    model: Model, held: Forms, wanted: Wish, limits: Mapping[str, float], chosen: Chosen, prices: Prices,
    plan: Protocol, tools: Tools,
) -> tuple[Forms, Chosen | None, list[Proof]]:  # fmt: skip
    """Time what was chosen; what misses its budget corrects the plan and is chosen anew, ``PROOFS`` times at most."""
    graph = model.graph
    if graph is None:
        raise TypeError("a model that has a graph")
    found: list[Proof] = []
    best: Chosen | None = chosen
    while best is not None:
        kinds = held.kinds(best.mix)
        (plain,) = prices.predict(kinds)
        planned = held.choices.total(TIME, best.mix)
        interval = planned * plain.low / plain.milliseconds, planned * plain.high / plain.milliseconds
        proof, made = measured(model, graph, kinds, (planned, *interval), limits[TIME], plan, tools)
        found.append(proof)
        if proof.verdict != "missed" or len(found) == PROOFS:
            break
        held = told(held, best.mix, profiled(made, plan, tools), proof.measured_ms)
        best = _least(held.choices, wanted, limits)
    return held, best, found


def _in_time(held: Forms, wanted: Wish, prices: Prices) -> tuple[Forms, dict[str, float], Chosen | None]:
    """Choose until a mix keeps its budgets by its own prediction; its rows correct the times that it was planned by.

    Without an answer after ``ROUNDS`` the last choice is none: the mixes that were planned take longer than planned.
    """
    limits = _limits(wanted, held.choices)
    for _ in range(ROUNDS):
        chosen = _least(held.choices, wanted, limits)
        if chosen is None:
            return held, limits, None
        kinds = held.kinds(chosen.mix)
        (whole,) = prices.predict(kinds)
        rows, rest = prices.rows(kinds), held.choices.rest.sums[TIME]
        choices = corrected(held.choices, chosen.mix, rows, whole.milliseconds)
        kept = whole.milliseconds <= limits[TIME]
        held = replace(held, choices=choices if kept else choices.with_rest(TIME, max(rest, choices.rest.sums[TIME])))
        if kept:
            return held, limits, chosen
    return held, limits, None


def _timed(made: Advice, prices: Prices, kinds: Mapping[str, str] | None) -> Advice:
    """Return advice with the network's own time as written, and with that of the mix and how sure it is."""
    (before,) = prices.predict({})
    written = {**made.written, TIME: before.milliseconds}
    limits = [replace(one, written=before.milliseconds) if one.figure == TIME else one for one in made.limits]
    planned = None
    if kinds is not None:
        (after,) = prices.predict(kinds)
        planned = PlannedTime(after.milliseconds, after.low, after.high, after.threads, after.batch, after.shares)
    return replace(made, written=written, limits=tuple(limits), planned_time=planned, notes=prices.notes)


def _limits(wanted: Wish, choices: Choices) -> dict[str, float]:
    return {FIGURES.get(one.figure, one.figure): _value(one, choices) for one in wanted.limits}


def _least(choices: Choices, wanted: Wish, limits: Mapping[str, float]) -> Chosen | None:
    return choices.least(limits, choices.costs(wanted.objective), choices.costs(AWAY))


def _chosen(choices: Choices, wanted: Wish) -> tuple[dict[str, float], Chosen | None]:
    limits = _limits(wanted, choices)
    return limits, _least(choices, wanted, limits)


def _advice(model: Model, held: Forms, wanted: Wish, limits: Mapping[str, float], chosen: Chosen | None) -> Advice:
    choices = held.choices
    figures = shown_figures(limits)
    curve_of = next((name for name in limits if name not in PEAKS), "macs")
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
        tuple(_curve(choices, curve_of)),
    )


def _value(limit: Limit, choices: Choices) -> float:
    """Return what a limit allows; one in percent is relative to the network as written."""
    if not limit.amount.relative:
        return limit.amount.value
    if limit.figure == TIME:
        return choices.total(TIME, choices.as_written) * (1 + limit.amount.value / 100)
    return limit.amount.of(int(choices.total(FIGURES.get(limit.figure, limit.figure), choices.as_written)))


def _limit(limit: Limit, limits: Mapping[str, float], held: Forms, mix: Mix | None) -> AdvisedLimit:
    name, choices = FIGURES.get(limit.figure, limit.figure), held.choices
    of = "peaks" if name in PEAKS else "sums"
    least: float | None = choices.bound(name)
    if mix is None and len(limits) > 1:
        least = _least_of(choices, name, {other: value for other, value in limits.items() if other != name})
    return AdvisedLimit(
        limit.figure,
        limit.amount.text,
        limits[name],
        choices.total(name, choices.as_written),
        None if mix is None else choices.total(name, mix),
        choices.bound(name),
        least,
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
    return int(sum(site.options[0].sums["macs"] for site in choices.sites))


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

    return CurvePoint(share, choices.total(figure, best.mix), *map(total, (MOVED, LAYERS, "params", "macs")))


def as_spec(model: Model, kinds: Mapping[str, str], file: Path) -> Written:
    """Return the spec of what results: a spec's text with ``kinds``, named as the file that it is for.

    UsageError where the network is not that of a spec on disk.
    """
    variant = model.count.variant
    before = model.count.mixes.get(variant) or ({} if variant == AS_WRITTEN else {"*": variant})
    plain = replace(model.word, variant="", kinds=())
    rules = tuple({**before, **kinds}.items())
    name = re.sub(r"[^A-Za-z0-9_-]", "_", file.stem)[:100]
    asked = Asked(kinds=rules) if rules else Asked()
    return variant_as_spec(plain, asked, name=name if name[:1].isalpha() else "", folder=file.parent)
