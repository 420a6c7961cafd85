"""Predicted milliseconds of each convolution in each kind, and of the mixes that are made of them.

A kernel's time depends on its neighbours, which may have another layout, and on the network's working set. So the
prices of a first choice are those of variants of one kind, and each mix that is chosen is predicted itself: where it
takes longer than planned, its own rows correct the prices of its options, and the choice is made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from costlens.analysis.budgets import TIME
from costlens.analysis.choosing import Choices, Mix
from costlens.analysis.forms import Forms
from costlens.errors import BenchError
from costlens.results.counts import AS_WRITTEN
from costlens.tasks.predict import predict_models

if TYPE_CHECKING:
    from costlens.results.prediction import Prediction
    from costlens.sources._source import Model
    from costlens.tasks._changeable import Changeable
    from costlens.tasks._tools import Tools


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a network is run whose time is planned; measure: whether kernels that are missing are timed, None if soon."""

    threads: int = 1
    batch: int = 1
    measure: bool | None = None


class Prices:
    """What graphs of one network take on this machine, each predicted once; all of it times ``level``."""

    def __init__(self, network: Changeable, under: Conditions, tools: Tools, level: float = 1.0) -> None:
        self._network, self._under, self._tools, self.level = network, under, tools, level
        self._known: dict[frozenset[tuple[str, str]], tuple[Model, Prediction]] = {}
        self.notes: tuple[str, ...] = ()

    def anchored(self, milliseconds: float) -> Prices:
        """Return prices at which the network as written takes so long, and its mixes longer or shorter by as much."""
        (written,) = self.predict({})
        made = Prices(self._network, self._under, self._tools, self.level * milliseconds / written.milliseconds)
        made._known, made.notes = self._known, self.notes
        return made

    def predict(self, *mixes: Mapping[str, str]) -> list[Prediction]:
        """Return the predictions of the network with these kinds by name; of those not yet known all at once.

        BenchError where one of them cannot be run.
        """
        keys = [frozenset(kinds.items()) for kinds in mixes]
        lacking = {key: kinds for key, kinds in zip(keys, mixes, strict=True) if key not in self._known}
        if lacking:
            models, under = [self._network.made(kinds) for kinds in lacking.values()], self._under
            found = predict_models(models, under.batch, threads=under.threads, measure=under.measure, tools=self._tools)
            if found.problems:
                raise BenchError("\n".join(found.problems))
            self.notes = tuple(dict.fromkeys((*self.notes, *found.notes)))
            self._known |= dict(zip(lacking, zip(models, found.predictions, strict=True), strict=True))
        return [self._known[key][1].scaled(self.level) for key in keys]

    def rows(self, kinds: Mapping[str, str]) -> dict[str, float]:
        """Return the milliseconds of each convolution of a mix, of all its rows; of the rest under no name."""
        (found,) = self.predict(kinds)
        model, _ = self._known[frozenset(kinds.items())]
        owners = self._network.owners(model)
        sums: dict[str, float] = {"": found.milliseconds - sum(row.milliseconds for row in found.rows)}
        for row in found.rows:
            owner = owners.get(row.name, "")
            sums[owner] = sums.get(owner, 0.0) + row.milliseconds
        return sums


def priced(held: Forms, prices: Prices) -> Choices:
    """Return choices with the time of each option: in the network where all that can has its kind."""
    sites = held.choices.sites
    kinds = dict.fromkeys(one.kind for site in sites for one in site.options[1:])
    pure = {
        kind: {name: kind for site in sites for name in site.names if kind in [one.kind for one in site.options[1:]]}
        for kind in kinds
    }
    prices.predict({}, *pure.values())
    times = {AS_WRITTEN: prices.rows({}), **{kind: prices.rows(mix) for kind, mix in pure.items()}}
    costs = [
        [
            sum(times[one.kind if place else AS_WRITTEN].get(name, 0.0) for name in site.names)
            for place, one in enumerate(site.options)
        ]
        for site in sites
    ]
    (whole,) = prices.predict({})
    return held.choices.with_figure(TIME, costs, whole.milliseconds - sum(each[0] for each in costs))


def corrected(choices: Choices, mix: Mix, rows: Mapping[str, float], whole_ms: float) -> Choices:
    """Return choices whose time of a mix is what the mix itself takes: of its options, and of the rest."""
    costs: list[Sequence[float]] = []
    for site, place in zip(choices.sites, mix, strict=True):
        known = [one.sums[TIME] for one in site.options]
        known[place] = sum(rows.get(name, 0.0) for name in site.names)
        costs.append(known)
    taken = sum(each[place] for each, place in zip(costs, mix, strict=True))
    return choices.with_figure(TIME, costs, whole_ms - taken)
