"""The graph of a network: boxes in boxes along the names of its rows, lines from what makes a tensor to what reads it.

One drawing for each depth at which it can be read; what is still folded then is drawn block by block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from costlens.arithmetic import units
from costlens.arithmetic.shapes import written as shape
from costlens.formats.charts import Panel
from costlens.formats.charts._blocks import Block, tree
from costlens.formats.charts._heat import METRICS, figures, largest
from costlens.formats.charts._lanes import Metric, counted
from costlens.formats.charts._nested import Given, Graph, drawing
from costlens.formats.escape import fragment
from costlens.results.charts import Network
from costlens.results.columns import Column
from costlens.results.counts import ModelCount
from costlens.results.names import inputs_beside
from costlens.results.page import Line, Table
from costlens.results.page import Mark as Marked

title = "The graph"
beside = False
_SHOWN_FIRST, _MOST = 64, 256
"""Boxes of the drawing that is shown first, at most, and of any other one."""
_MORE = 1.6
"""How many times as many boxes a deeper drawing has at least."""
_ON_PAGE = 1_000
"""Boxes of all drawings of a page, but for one drawing of each variant."""


@dataclass(frozen=True, slots=True)
class _Variant:
    """A variant whose graph is known, its blocks, and how deep these are opened in the drawing that is shown first."""

    name: str
    graph: Graph
    root: Block
    first: int

    @property
    def others(self) -> list[int]:
        """How deep blocks are opened in further drawings: each has some more boxes than the one before."""
        depths = {self.boxes(depth): depth for depth in range(self.root.depth() - 1, 0, -1)}
        found = [self.boxes(self.first)]
        for many in sorted(depths, reverse=True):
            if many * _MORE <= found[0]:
                found.insert(0, many)
        for many in sorted(depths):
            if found[-1] * _MORE <= many <= _MOST or found[-1] < many == len(self.graph.rows) <= _MOST:
                found.append(many)
        return [depths[many] for many in found if depths[many] != self.first]

    def boxes(self, depth: int) -> int:
        """Return how many boxes a drawing has."""
        return sum(1 for _ in self.root.boxes(depth))


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is drawn of a variant: depths, and blocks that are folded in all of these. left: those that stay folded."""

    variant: _Variant
    depths: Sequence[int]
    insides: Sequence[Block]
    left: int


def says(data: Network) -> Sequence[Line]:
    """Say what a box, a line and a colour are, and what is not drawn."""
    left = sum(plan.left for plan in _plans(data))
    return (
        "A box is a layer, or a folded block of layers with their sum; it links to its row. "
        "A line leads from what makes a tensor to what reads it.",
        f"{units.plural(left, 'block')} stay folded to keep the page small; tables list their rows." if left else "",
    )


def panels(data: Network) -> Sequence[Panel]:
    """Return a drawing for each depth of each variant, and one for each block that is folded in all of them."""
    plans = _plans(data)
    found: list[Panel] = []
    for plan in plans:
        one, graph = plan.variant, plan.variant.graph
        fold = f"{one.name}: {units.plural(len(graph.rows), 'row')}" if len(plans) > 1 else ""
        address = {block.rows: _address(one, block) for block in plan.insides}
        for depth in plan.depths:
            boxes = one.boxes(depth)
            name = f"all {boxes} rows" if boxes == len(graph.rows) else units.plural(boxes, "block")
            draw = partial(drawing, graph, one.root, depth, address)
            found.append(Panel(name, draw, fold=fold, first=depth == one.first))
        parts = [part for block in plan.insides for part in block.boxes(_opened(block))]
        most = {metric.field: largest(graph.rows, parts, metric.field) for metric in METRICS}
        for block in plan.insides:
            draw = partial(drawing, graph, block, _opened(block), {}, most)
            name = f"{block.name}: {units.plural(len(block.rows), 'row')}"
            found.append(Panel(name, draw, fold=fold, small=True, address=address[block.rows]))
    return found


def table(data: Network) -> Table:
    """Return the boxes of the drawings that are shown first, with what each reads."""
    shown = [*_variants(data)]
    rows = [(one, block) for one in shown for block in one.root.boxes(one.first)]
    variant: Column[tuple[_Variant, Block]] = Column("variant", "variant", value=lambda row: row[0].name)
    columns: list[Column[tuple[_Variant, Block]]] = [
        Column("block", "block", value=lambda row: Marked(row[1].name, "", f"#{row[0].graph.address(row[1])}")),
        *([variant] if len(shown) > 1 else []),
        Column("kind", "kind", value=lambda row: row[0].graph.kind(row[1])),
        Column("reads", "reads", value=lambda row: ", ".join(row[0].graph.reads(row[1], row[0].root, row[0].first))),
        Column("output", "output", value=lambda row: shape(row[0].graph.output(row[1]))),
        *map(_cost, METRICS),
    ]
    return Table(columns, rows)


def _cost(metric: Metric) -> Column[tuple[_Variant, Block]]:
    """Return the column of what boxes cost."""
    return Column(metric.field, metric.name, metric.unit, lambda row: figures(row[0].graph.rows, row[1], metric.field))


def _variants(data: Network) -> Iterator[_Variant]:
    """Yield the variants of which it is known what their rows read."""
    for model, (name, rows) in zip(data.counts, counted(data), strict=True):
        if len(rows) > 1 and any(row.reads for row in model.rows):
            graph = Graph(model, rows, *_edges(model))
            root = tree([row.name for row in model.rows], graph.sources)
            yield _Variant(name or model.name, graph, root, _opened(root))


def _plans(data: Network) -> list[_Plan]:
    """Return what is drawn: one depth of each variant, then more as the page has room."""
    variants = [*_variants(data)]
    left = _ON_PAGE - sum(one.boxes(one.first) for one in variants)
    depths: list[list[int]] = []
    for one in variants:
        depths.append([one.first])
        for depth in one.others:
            if (boxes := one.boxes(depth)) <= left:
                left -= boxes
                depths[-1].append(depth)
    plans = []
    for one, drawn in zip(variants, depths, strict=True):
        folded = [block for block in one.root.boxes(max(drawn)) if block.parts]
        insides = []
        for block in folded:
            if (boxes := _inside(block)) <= left:
                left -= boxes
                insides.append(block)
        plans.append(_Plan(one, sorted(drawn), insides, len(folded) - len(insides)))
    return plans


def _edges(model: ModelCount) -> tuple[Sequence[Given], Sequence[tuple[int, int]]]:
    """Return the inputs of a network, and its edges by places: of rows from 0, of its inputs after them."""
    places = {row.name: place for place, row in enumerate(model.rows)}
    shapes = {called: model.inputs[name] for name, called in inputs_beside(places, model.inputs).items()}
    given: dict[str, int] = {}
    edges = [
        (places[name] if name in places else given.setdefault(name, len(model.rows) + len(given)), place)
        for place, row in enumerate(model.rows)
        for name in row.reads
    ]
    return [Given(name, "×".join(map(str, shapes.get(name, ())))) for name in given], edges


def _opened(block: Block) -> int:
    """Return how deep a block is opened in a drawing of its own: no deeper than it takes to show all of it."""
    counts = {depth: sum(1 for _ in block.boxes(depth)) for depth in range(block.depth() - 1, 0, -1)}
    fitting = {many: depth for depth, many in counts.items() if many <= _SHOWN_FIRST}
    return fitting[max(fitting)] if fitting else 1


def _inside(block: Block) -> int:
    """Return how many boxes the drawing of a block has."""
    return sum(1 for _ in block.boxes(_opened(block)))


def _address(one: _Variant, block: Block) -> str:
    return fragment("inside", one.graph.model.name, one.graph.model.variant, one.graph.rows[block.rows[0]].name)
