"""The charts of a diff: both sides of one spec as bars, and what grew and what shrank: its blocks, or each spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.formats.pages import latency as timing
from costlens.formats.pages._diff_columns import layer_name, spec_name, what
from costlens.formats.pages.count import CALLED
from costlens.results.charts import Bars, Change, Changes
from costlens.results.columns import INTERVAL_MS, MS, AtLeast, Column
from costlens.results.diff import BASE, HEAD, Contribution, Diff, SpecDiff, TotalDelta
from costlens.results.page import Block, Chart, Table

_FIGURES: dict[Contribution, str] = {"macs": "MACs", "params": "parameters"}
_IN_DETAIL = 6
"""Of so many specs the blocks are drawn, too."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A spec as it is on one side."""

    spec: SpecDiff
    called: str
    which: str

    def total(self, figure: str) -> Any:
        """Return a total of this side, a lower bound where it is partial."""
        total = self.spec.total(figure)
        return total and AtLeast.of(getattr(total, self.which), getattr(total, f"{self.which}_status"))

    def time(self, field: str) -> Any:
        """Return what was measured of this side."""
        models = self.spec.latency.models if self.spec.latency else ()
        return next((getattr(one, field) for one in models if one.label == self.which), None)


def charts(diff: Diff, base: str, head: str, figures: Sequence[str]) -> list[Block]:
    """Return the charts of a diff whose sides have these names; ``figures`` are the totals that are shown of a spec."""
    told = [spec for spec in diff.specs if spec.totals and spec.standing not in {"same_cost", "base_broken"}]
    if len(diff.specs) == 1 and told:
        (spec,) = told
        sides = [_Side(spec, called, which) for called, which in ((base, BASE), (head, HEAD))]
        grown = {called: tuple(_layers(spec, figure)) for figure, called in _FIGURES.items()}
        return [Chart("bars", _bars(sides, figures)), Chart("changes", Changes("block", grown))]
    of_all = {called: tuple(_specs(told, figure)) for figure, called in _FIGURES.items()}
    for spec in [spec for spec in told if spec.changes][:_IN_DETAIL]:
        of_all |= {f"{spec.path}: {called}": tuple(_layers(spec, figure)) for figure, called in _FIGURES.items()}
    return [Chart("changes", Changes("spec", of_all))]


def _bars(sides: Sequence[_Side], figures: Sequence[str]) -> Bars:
    """Return totals and time before and after."""
    ratio = sides[0].spec.ratio

    def total(figure: str) -> Column[_Side]:
        called, unit = CALLED[figure]
        return Column(figure, called, unit, lambda side: side.total(figure))

    columns: list[Column[_Side]] = [
        Column("called", "side"),
        *map(total, figures),
        Column("median_ms", "median time", MS, lambda side: side.time("median_ms")),
        Column("interval", "interval", INTERVAL_MS, lambda side: side.time("median_interval_ms")),
        Column("verdict", "verdict", value=lambda side: timing.concluded(ratio) if side.which == HEAD else ""),
    ]
    return Bars(Table(columns, sides), (*figures, "median_ms"), {"median_ms": "interval"}, "verdict")


def _layers(spec: SpecDiff, figure: Contribution) -> Iterator[Change]:
    """Yield the layers of a spec whose figure changed for sure."""
    for line in spec.changes:
        amount = getattr(line, figure)
        if amount.delta and not line.partial:
            base = None if line.change == "added" else amount.base
            head = None if line.change == "removed" else amount.head
            yield Change(layer_name(line), base, head, what(line))


def _specs(specs: Sequence[SpecDiff], figure: Contribution) -> Iterator[Change]:
    """Yield the specs whose total changed for sure, new ones and those that are gone among them."""
    for spec in specs:
        total = spec.total(spec.params_of if figure == "params" else figure)
        if total and _sure(total) and total.base != total.head:
            yield Change(spec_name(spec), total.base, total.head)


def _sure(total: TotalDelta) -> bool:
    return {total.base_status, total.head_status} <= {"complete", None}
