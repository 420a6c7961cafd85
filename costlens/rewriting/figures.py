"""What a file's convolutions cost as the formulas of kinds say, beside what a count of the rewritten file finds."""

from __future__ import annotations

from collections.abc import Sequence

from costlens.arithmetic.shapes import Shape
from costlens.network.layers.conv import Conv
from costlens.network.variants import convolution_kind, overhead_notes
from costlens.results.counts import ModelCount
from costlens.rewriting.plan import Plan
from costlens.rewriting.sites import Site


class Figures:
    """The MACs of a file as it is written, those of each convolution in it, and of the same in other kinds.

    All are None where the size of an axis, or the MACs of the file, are not known.
    """

    def __init__(self, count: ModelCount, sites: Sequence[Site]) -> None:
        rows = {row.name: row for row in count.rows}
        self._macs = count.totals.macs
        self._own: dict[str, int] = {}
        self._layers: dict[str, tuple[Conv, Shape, int]] = {}
        for site in sites:
            if site.layer is None:
                continue
            first, own = rows[site.rows[0]], [rows[name].macs for name in site.rows]
            if first.input is None or None in own:
                self._macs = None
                continue
            batch, channels, *sizes = first.input
            self._own[site.name] = sum(macs for macs in own if macs is not None)
            self._layers[site.name] = site.layer, (*sizes, channels), batch

    def macs_of(self, plan: Plan) -> int | None:
        """Return the MACs of a variant by the layers of its kinds."""
        if self._macs is None:
            return None
        found = self._macs
        for change in plan.changes:
            _, shape, batch = self._layers[change.site.name]
            found += batch * change.macs(shape) - self._own[change.site.name]
        return found

    def to_standard(self, macs: int | None) -> float | None:
        """Return MACs over those of the standard variant."""
        return macs / self._standard if macs is not None and self._macs is not None and self._standard else None

    def theory(self, plan: Plan) -> float | None:
        """Return MACs over those of the standard variant as the formulas of the kinds predict; the rest as it is."""
        if self._macs is None or not self._standard:
            return None
        predicted = float(self._others)
        for name, (layer, shape, batch) in self._layers.items():
            predicted += batch * layer.cost(shape).macs * convolution_kind(plan.kinds[name]).theory(layer, shape)
        return predicted / self._standard

    def overheads(self, plan: Plan) -> tuple[str, ...]:
        """Return a sentence for each kind on the MACs that its formula leaves out."""
        found: dict[str, list[int]] = {}
        for name, (layer, shape, batch) in self._layers.items():
            kind = plan.kinds[name]
            if macs := batch * convolution_kind(kind).overhead(layer, shape):
                found.setdefault(kind, []).append(macs)
        return overhead_notes(found)

    @property
    def _others(self) -> int:
        """The MACs of all that is no convolution of several forms."""
        return (self._macs or 0) - sum(self._own.values())

    @property
    def _standard(self) -> int:
        return self._others + sum(batch * layer.cost(shape).macs for layer, shape, batch in self._layers.values())
