"""One option a site, so that sums and peaks stay within limits and a cost is least: a mixed-integer linear program.

A site is what is decided at once: a convolution, or several that share a decision. Options are numbers alone, so what
they are of (counts, times) is known to their maker only. Figures that add up are sums; of a figure that is the most
that is alive at once, an option has its own peak, which no other site changes: an option above the limit is left out.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from costlens.errors import not_installed

Costs = Sequence[Sequence[float]]
"""A number for each option of each site."""
Mix = tuple[int, ...]
"""The place of the option of each site."""
_EXACT_SITES = 24
"""Up to so many sites the least is proven; of more sites a mix may cost so much more, relatively, as ``_GAP``."""
_GAP = 1e-3
_NODES = 300
_SLACK = 1e-9
"""Relative error of a sum of times."""
_MOST_CUTS = 100
_STDOUT = 1


@dataclass(frozen=True, slots=True)
class Option:
    """What a part of a network costs in one form: figures that add up, and those of which the largest counts."""

    kind: str
    sums: Mapping[str, float]
    peaks: Mapping[str, float] = field(default_factory=dict)

    def with_sum(self, figure: str, value: float) -> Option:
        """Return the same with one more figure that adds up."""
        return Option(self.kind, {**self.sums, figure: value}, self.peaks)


@dataclass(frozen=True, slots=True)
class Site:
    """What is decided at once, and its options, of which the first is the form as written. names: of its layers."""

    names: tuple[str, ...]
    options: tuple[Option, ...]


class Chosen(NamedTuple):
    """A mix, and how much more than the least it may cost, as a fraction; 0 where it is proven to be the least."""

    mix: Mix
    gap: float


@dataclass(frozen=True, slots=True)
class Choices:
    """The sites of a network, and what the rest of it costs."""

    sites: tuple[Site, ...]
    rest: Option

    def costs(self, figure: str) -> Costs:
        """Return a figure that adds up of every option."""
        return [[option.sums[figure] for option in site.options] for site in self.sites]

    def taken(self, mix: Mix) -> list[Option]:
        """Return the options of a mix."""
        return [site.options[place] for site, place in zip(self.sites, mix, strict=True)]

    def total(self, figure: str, mix: Mix) -> float:
        """Return a figure of a whole network."""
        if figure in self.rest.peaks:
            return max([self.rest.peaks[figure], *(option.peaks[figure] for option in self.taken(mix))])
        return self.rest.sums[figure] + sum(option.sums[figure] for option in self.taken(mix))

    def with_figure(self, figure: str, costs: Costs, rest: float) -> Choices:
        """Return the same with one more figure that adds up: of each option of each site, and of the rest."""
        sites = (
            Site(site.names, tuple(one.with_sum(figure, value) for one, value in zip(site.options, each, strict=True)))
            for site, each in zip(self.sites, costs, strict=True)
        )
        return Choices(tuple(sites), self.rest.with_sum(figure, rest))

    def with_rest(self, figure: str, value: float) -> Choices:
        """Return the same with another figure of the rest."""
        return Choices(self.sites, self.rest.with_sum(figure, value))

    @property
    def as_written(self) -> Mix:
        """The mix that changes nothing."""
        return (0,) * len(self.sites)

    def bound(self, figure: str) -> float:
        """Return what no mix goes below."""
        if figure in self.rest.peaks:
            return max([self.rest.peaks[figure], *(min(o.peaks[figure] for o in site.options) for site in self.sites)])
        return self.rest.sums[figure] + sum(min(o.sums[figure] for o in site.options) for site in self.sites)

    def least(self, limits: Mapping[str, float], costs: Costs, finer: Costs | None = None) -> Chosen | None:
        """Return the mix within limits that costs the least; None where no mix keeps them all.

        Among the options of a site that cost the same, ``finer`` costs decide. The same choices give the same mix.
        RuntimeUnavailable without SciPy.
        """
        sums, peaks = self.rest.sums, self.rest.peaks
        if any(peaks[name] > limit for name, limit in limits.items() if name in peaks):
            return None
        held = [_Row(self.costs(name), limit - sums[name]) for name, limit in limits.items() if name in sums]
        allowed = [[_fits(option, limits) for option in site.options] for site in self.sites]
        found = _solved(costs, held, allowed)
        if found is None or finer is None:
            return found
        same = [
            [fits and cost == each[place] for fits, cost in zip(fit, each, strict=True)]
            for fit, each, place in zip(allowed, costs, found.mix, strict=True)
        ]
        chosen = _solved(finer, held, same)
        return Chosen(chosen.mix, found.gap) if chosen else found


@dataclass(frozen=True, slots=True)
class _Row:
    """A sum over options that is at most so much."""

    costs: Costs
    most: float

    def keeps(self, mix: Mix) -> bool:
        """Say whether a mix keeps it: exactly where the figures are whole numbers."""
        amount = sum(each[place] for each, place in zip(self.costs, mix, strict=True))
        return amount <= self.most or (isinstance(amount, float) and amount <= self.most + _SLACK * abs(self.most))


def _fits(option: Option, limits: Mapping[str, float]) -> bool:
    return all(peak <= limits[name] for name, peak in option.peaks.items() if name in limits)


def _solved(costs: Costs, held: Sequence[_Row], allowed: Sequence[Sequence[bool]]) -> Chosen | None:
    """Return the mix of least cost; one that the solver's tolerance lets pass and a limit does not is cut off."""
    if not all(map(any, allowed)):
        return None
    if not costs:
        return Chosen((), 0.0) if all(row.keeps(()) for row in held) else None
    cuts: list[Mix] = []
    while len(cuts) < _MOST_CUTS:
        found = _program(costs, held, allowed, cuts)
        if found is None or all(row.keeps(found.mix) for row in held):
            return found
        cuts.append(found.mix)
    return None


def _program(
    costs: Costs, held: Sequence[_Row], allowed: Sequence[Sequence[bool]], cuts: Sequence[Mix]
) -> Chosen | None:
    """Solve one program: a variable an option, 1 where it is chosen; one option a site."""
    try:
        from scipy.optimize import Bounds, LinearConstraint, milp  # first, as its part brings NumPy, too

        import numpy as np  # isort: skip
    except ModuleNotFoundError as error:
        raise not_installed(error) or error from None

    site = np.repeat(np.arange(len(costs)), [len(each) for each in costs])
    starts = np.searchsorted(site, np.arange(len(costs)))
    one_each = (site == np.arange(len(costs))[:, None]).astype(float)
    rules = [LinearConstraint(one_each, 1, 1)]
    for row in held:
        values, scale = _scaled(row.costs)
        rules.append(LinearConstraint(values, -np.inf, row.most / scale))
    for mix in cuts:
        taken = np.zeros(len(site))
        taken[starts + mix] = 1
        rules.append(LinearConstraint(taken, -np.inf, len(mix) - 1))
    bounds = Bounds(0, [float(fits) for each in allowed for fits in each])
    exact = len(costs) <= _EXACT_SITES
    options = {"mip_rel_gap": 0.0} if exact else {"mip_rel_gap": _GAP, "node_limit": _NODES}
    with _quiet():
        found = milp(_scaled(costs)[0], constraints=rules, integrality=1, bounds=bounds, options=options)
    if found.x is None:
        return None
    mix = tuple(int(np.argmax(each)) for each in np.split(found.x, starts[1:]))
    return Chosen(mix, 0.0 if exact else float(found.mip_gap))


def _scaled(costs: Costs) -> tuple[list[float], float]:
    """Return numbers up to 1, which a solver's tolerances are made for, and what they are to be multiplied with."""
    flat = [value for each in costs for value in each]
    scale = max(map(abs, flat), default=0) or 1
    return [value / scale for value in flat], scale


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep away what HiGHS (in SciPy 1.17) prints for its own developers; C's buffer is emptied before and after."""
    if os.name != "posix":
        yield
        return
    flush: Any = ctypes.CDLL(None).fflush
    sys.stdout.flush()
    flush(None)
    shown = os.dup(_STDOUT)
    away = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(away, _STDOUT)
        yield
    finally:
        flush(None)
        os.dup2(shown, _STDOUT)
        os.close(shown)
        os.close(away)
