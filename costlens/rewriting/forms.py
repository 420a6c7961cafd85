"""A file and its variants of one kind → what each convolution costs in each kind, as options to choose from.

As of a graph, the figures are those of real rows: a kind changes no tensor outside its convolution.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from costlens.analysis.choosing import Choices, Option
from costlens.analysis.choosing import Site as Decided
from costlens.analysis.forms import AWAY, LAYERS, MOVED, PEAKS, SUMS, Forms, kept
from costlens.results.counts import CountRow, LeftAlone, ModelCount
from costlens.results.names import levels
from costlens.rewriting.plan import Plan
from costlens.rewriting.sites import Site

_OF_A_BATCH = frozenset({"macs", "flops", *PEAKS})
_NUMBER = re.compile(r"\d+")
_PEAK_OF = {"peak_activation_bytes": "live_bytes", "peak_activation_bytes_int8": "live_bytes_int8"}


@dataclass(frozen=True, slots=True)
class Form:
    """A file as it is written, or with its convolutions in one kind: its count, and the convolution of each row."""

    count: ModelCount
    owners: Mapping[str, str]

    def knows(self, figure: str) -> bool:
        """Say whether a total is complete, and can be shared out: what is moved of several examples cannot."""
        return self.count.complete(figure) is not None and (self.count.batch == 1 or figure != "traffic_bytes")

    def total(self, figure: str) -> int:
        """Return a total of one example that is known."""
        found: int = getattr(self.count.totals, figure)
        return found // self.count.batch if figure in _OF_A_BATCH else found

    def rows(self) -> dict[str, list[CountRow]]:
        """Return the rows of each convolution, those of no convolution under no name."""
        found: dict[str, list[CountRow]] = {}
        for row in self.count.rows:
            found.setdefault(self.owners.get(row.name, ""), []).append(row)
        return found


def forms(
    sites: Sequence[Site], written: Form, made: Mapping[str, tuple[Plan, Form]], *, keep: Sequence[str], tie: bool
) -> Forms:
    """Return the options of every convolution of a file that has several; figures that are not known are left out.

    made: the file in each kind that there is to choose from. keep, tie: as of a graph; without a ``repeat``, those are
    decided together that are equal and have the same place in blocks whose names differ in numbers only. UsageError
    for a glob that matches nothing.
    """
    names = {name: site.name for site in sites for name in (*site.rows, site.name)}
    staying = {names[name] for name in kept(keep, [*names])}
    figures = [name for name in (*SUMS, *PEAKS) if all(form.knows(name) for form in _all(written, made))]
    cost = _Costs(figures, written.count.batch)
    in_kind = {kind: form.rows() for kind, (_, form) in made.items()}
    rows = written.rows()
    decided: list[Decided] = []
    one_form = {site.name: site.reason for site in sites if site.layer is None}
    stays: list[str] = []
    for group in _groups(sites, rows, staying, tie=tie):
        able = [
            k for k, (plan, _) in made.items() if {one.name for one in group} <= {c.site.name for c in plan.changes}
        ]
        own = tuple(one.name for one in group)
        if not able:
            one_form |= {name: _reason(name, made) for name in own}
        elif own[0] in staying:
            stays += own
        else:
            before = _of(rows, own)
            changed = (cost.changed(kind, _of(in_kind[kind], own), before, len(own)) for kind in able)
            decided.append(Decided(own, (cost.option(group[0].kind, before), *changed)))
    free = {name for site in decided for name in site.names}
    rest = cost.option("", [row for owner, each in rows.items() if owner not in free for row in each])
    sums = {name: written.total(name) - sum(site.options[0].sums[name] for site in decided) for name in cost.sums}
    order = dict.fromkeys(site.name for site in sites)
    return Forms(
        Choices(tuple(decided), Option("", {**rest.sums, **sums}, rest.peaks)),
        tuple(LeftAlone(name, one_form[name]) for name in order if name in one_form),
        tuple(stays),
        cost.option("", _of(rows, stays)),
    )


@dataclass(frozen=True, slots=True)
class _Costs:
    """Rows → an option, with the figures that are known of all of them, of one example."""

    figures: Sequence[str]
    batch: int

    @property
    def sums(self) -> list[str]:
        return [name for name in self.figures if name not in PEAKS]

    def option(self, kind: str, rows: Sequence[CountRow]) -> Option:
        sums = {name: self._each(name, sum(getattr(row, name) or 0 for row in rows)) for name in self.sums}
        peaks = {
            name: self._each(name, max((getattr(row, _PEAK_OF[name]) or 0 for row in rows), default=0))
            for name in self.figures
            if name in PEAKS
        }
        return Option(kind, {**sums, MOVED: 0, LAYERS: 0, AWAY: 0}, peaks)

    def changed(self, kind: str, rows: Sequence[CountRow], written: Sequence[CountRow], layers: int) -> Option:
        found, before = self.option(kind, rows), self.macs(written)
        change = {MOVED: before, LAYERS: layers, AWAY: abs(before - self.macs(rows))}
        return Option(kind, {**found.sums, **change}, found.peaks)

    def macs(self, rows: Sequence[CountRow]) -> int:
        """Return the MACs of convolutions, which are known even where those of other rows are not."""
        return self._each("macs", sum(row.macs or 0 for row in rows))

    def _each(self, figure: str, value: int) -> int:
        return value // self.batch if figure in _OF_A_BATCH else value


def _all(written: Form, made: Mapping[str, tuple[Plan, Form]]) -> Iterable[Form]:
    return (written, *(form for _, form in made.values()))


def _of(rows: Mapping[str, list[CountRow]], names: Iterable[str]) -> list[CountRow]:
    return [row for name in names for row in rows.get(name, ())]


def _groups(
    sites: Sequence[Site], rows: Mapping[str, list[CountRow]], staying: set[str], *, tie: bool
) -> list[list[Site]]:
    """Return the convolutions that are decided together; one of a kept one's weights is kept, too."""
    able = [site for site in sites if site.layer]
    shared: dict[tuple[str, ...], list[Site]] = {}
    for site in able:
        shared.setdefault(site.weights, []).append(site)
    for group in shared.values():
        if any(one.name in staying for one in group):
            staying.update(one.name for one in group)
    if not tie:
        return [*shared.values()]
    inside = Counter(level for site in able for level in levels(site.name))
    tied: dict[object, list[Site]] = {}
    for group in shared.values():
        one = group[0]
        alike = (_place(one.name, inside), one.layer, one.kind, rows[one.name][0].input, len(group))
        tied.setdefault((*alike, one.name in staying), []).extend(group)
    return [*tied.values()]


def _place(name: str, inside: Mapping[str, int]) -> str:
    """Return a name in which numbers are left out of the blocks that hold several convolutions."""
    found, before = "", ""
    for level in levels(name):
        part = level.removeprefix(before)
        found += _NUMBER.sub("#", part) if inside[level] > 1 else part
        before = level
    return found


def _reason(name: str, made: Mapping[str, tuple[Plan, Form]]) -> str:
    reasons = dict.fromkeys(left.reason for plan, _ in made.values() for left in plan.left_alone if left.name == name)
    return "; ".join(reasons) or "has no other kind of those named"
