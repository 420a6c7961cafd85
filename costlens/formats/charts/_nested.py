"""A drawing of blocks within blocks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from costlens.arithmetic import units
from costlens.arithmetic.shapes import written as shape
from costlens.formats.charts._blocks import Block
from costlens.formats.charts._heat import KEY_HEIGHT, KEY_WIDTH, METRICS, classes, figures, key, known, largest, letters
from costlens.formats.charts._lanes import Metric, Row
from costlens.formats.charts._layout import HEADER, Node, layout
from costlens.formats.charts._shapes import Anchor, Arrows, Boxes, Drawing, Mark, Shape, Words
from costlens.formats.escape import NAME, shorten
from costlens.formats.pages.count import kernel
from costlens.results.columns import AtLeast
from costlens.results.counts import ModelCount, ShapeTuple

_LETTER, _BOLD, _LINE, _WIDEST = 6.2, 7.4, 14.0, 38
"""Pixels of a letter, rather too many, and of a line; and the most letters of a line."""
_WITH_UNITS = {"traffic_bytes", "microseconds"}
_COST = "66k parameters, 12.1%"
"""A figure that is as long as most are."""
_ROOM, _EDGE = 8.0, 1.0
"""Pixels around the text of a box, and around a drawing."""


@dataclass(frozen=True, slots=True)
class Given:
    """An input of a network, and its shape as text."""

    name: str
    shape: str


@dataclass(frozen=True)
class Graph:
    """The rows of a count and the lines between them.

    edges: (from, to) by the places of rows; the inputs have the places after the rows.
    """

    model: ModelCount
    rows: Sequence[Row]
    inputs: Sequence[Given]
    edges: Sequence[tuple[int, int]]

    @property
    def sources(self) -> list[list[int]]:
        """The rows that each row reads, by their places."""
        found: list[list[int]] = [[] for _ in self.rows]
        for source, target in self.edges:
            if source < len(self.rows):
                found[target].append(source)
        return found

    @cached_property
    def totals(self) -> dict[str, float]:
        """What all rows cost by metric, as far as it is known."""
        return {one.field: sum(row.figures.get(one.field) or 0 for row in self.rows) for one in METRICS}

    def address(self, block: Block) -> str:
        """Return where the page has the first row of a block."""
        return self.rows[block.rows[0]].address

    def kind(self, block: Block) -> str:
        """Return what a box is: the kind of its row and its kernel, or how many rows it holds."""
        if block.parts:
            return units.plural(len(block.rows), "row")
        row = self.model.rows[block.rows[0]]
        return f"{row.kind} {kernel(row)}".strip()

    def output(self, block: Block) -> ShapeTuple | None:
        """Return what a block makes last."""
        return self.model.rows[block.rows[-1]].output

    def reads(self, block: Block, root: Block, depth: int) -> list[str]:
        """Return the names of the boxes and the inputs that a box reads."""
        inside = set(block.rows)
        boxes = {place: each.name for each in root.boxes(depth) for place in each.rows}
        names = [*map(boxes.get, range(len(self.rows))), *(given.name for given in self.inputs)]
        read = (names[source] for source, target in self.edges if target in inside and source not in inside)
        return [name for name in dict.fromkeys(read) if name]


def drawing(
    graph: Graph,
    root: Block,
    depth: int,
    inside: Mapping[tuple[int, ...], str],
    most: Mapping[str, float] | None = None,
) -> Drawing:
    """Draw the parts of a block, so many levels opened.

    inside: the addresses of drawings of folded blocks, by their rows. most: the largest figure of each metric, that
    of a box of this drawing where it is not given.
    """
    boxes = [*root.boxes(depth)]
    drawer = _Drawer(graph, inside, most or {one.field: largest(graph.rows, boxes, one.field) for one in METRICS})
    return drawer.draw(root, depth)


@dataclass(frozen=True, slots=True)
class _Drawer:
    """Draws blocks of one graph. inside: the addresses of drawings of blocks. most: the largest figures."""

    graph: Graph
    inside: Mapping[tuple[int, ...], str]
    most: Mapping[str, float]

    def draw(self, root: Block, depth: int) -> Drawing:
        """Draw the parts of a block, with what they read from outside of it."""
        placed = _Placed()
        for part in root.parts:
            self._add(placed, part, depth - 1, None)
        outside = self._outside(root)
        for place, each in outside.items():
            placed.number[place] = len(placed.nodes)
            placed.nodes.append(_node(each.lines))
        edges = dict.fromkeys(
            (placed.number[source], placed.number[target])
            for source, target in self.graph.edges
            if target in placed.number and target not in outside
        )
        found = layout(placed.nodes, [edge for edge in edges if edge[0] != edge[1]])
        boxes = [(x + _EDGE, y + KEY_HEIGHT, width, height) for x, y, width, height in found.boxes]
        held = [*zip(placed.blocks, boxes, strict=False)]
        shapes: list[Shape] = [
            *key(letters(self.graph.totals), self.most),
            *(Boxes([box], "held") for (_, opened), box in held if opened),
            Arrows([[(x + _EDGE, y + KEY_HEIGHT) for x, y in line] for line in found.lines]),
            *(self._header(block, box) for (block, opened), box in held if opened),
            *(self._box(block, box) for (block, opened), box in held if not opened),
            *(_given(each, box) for each, box in zip(outside.values(), boxes[len(held) :], strict=True)),
        ]
        return Drawing(max(found.width, KEY_WIDTH) + 2 * _EDGE, found.height + KEY_HEIGHT + _EDGE, shapes)

    def _add(self, placed: _Placed, block: Block, left: int, within: int | None) -> None:
        """Add a block, and its parts where it is opened."""
        number, opened = len(placed.nodes), bool(left and block.parts)
        placed.blocks.append((block, opened))
        if opened:
            label = f"{shorten(block.label, _WIDEST)} {_COST}"
            placed.nodes.append(Node(_BOLD * len(label) + 2 * _ROOM, HEADER, within))
            for part in block.parts:
                self._add(placed, part, left - 1, number)
        else:
            placed.nodes.append(_node([*self._lines(block), _COST], within))
            placed.number |= dict.fromkeys(block.rows, number)

    def _outside(self, root: Block) -> dict[int, _Outside]:
        """Return what a block reads that it does not hold: inputs of the network, and rows of other blocks."""
        held, rows = set(root.rows), self.graph.model.rows
        read = dict.fromkeys(source for source, target in self.graph.edges if target in held and source not in held)
        found = {}
        for source in read:
            if source < len(rows):
                name, made, address = rows[source].name, shape(rows[source].output), self.graph.rows[source].address
            else:
                given = self.graph.inputs[source - len(rows)]
                name, made, address = given.name, given.shape, ""
            found[source] = _Outside([name, f"→ {made}"] if made else [name], address)
        return found

    def _lines(self, block: Block) -> list[str]:
        """Return the first lines of a box: its name, then what it is and makes."""
        made = shape(self.graph.output(block))
        return [block.label, f"{self.graph.kind(block)} → {made}" if made else self.graph.kind(block)]

    def _header(self, block: Block, box: tuple[float, float, float, float]) -> Mark:
        """Draw what an opened block is called and costs, above the lines that lead into it."""
        left, top, width, _ = box
        middle = top + HEADER / 2 + 2
        label = Words(left + _ROOM, middle, shorten(block.label, _WIDEST), "small bold")
        costs = self._figures(block, left + width - _ROOM, middle, "end")
        return Mark(self._said(block), [label, *costs], self.graph.address(block))

    def _figures(self, block: Block, x: float, y: float, anchor: Anchor) -> Iterator[Words]:
        """Yield what a block costs by each metric; a style sheet shows one of them."""
        called = letters(self.graph.totals)
        for metric in METRICS:
            if metric.field in called and (said := self._figure(block, metric)):
                yield Words(x, y, said, f"small of-{called[metric.field]}", anchor)

    def _box(self, block: Block, box: tuple[float, float, float, float]) -> Mark:
        left, top, width, _ = box
        middle = left + width / 2
        name, kind = self._lines(block)
        called = letters(self.graph.totals)
        folded = " folded" if block.parts else ""
        shapes: list[Boxes | Words] = [
            Boxes([box], f"heat {classes(self.graph.rows, block, called, self.most)}".strip() + folded),
            Words(middle, top + _ROOM / 2 + _LINE / 2, shorten(name, _WIDEST), "bold"),
            Words(middle, top + _ROOM / 2 + 1.5 * _LINE, shorten(kind, _WIDEST), "small"),
        ]
        shapes += self._figures(block, middle, top + _ROOM / 2 + 2.5 * _LINE, "start")
        return Mark(self._said(block), shapes, self.inside.get(block.rows) or self.graph.address(block), "node")

    def _figure(self, block: Block, metric: Metric) -> str:
        """Write what a block costs and its share of the network; nothing where it costs nothing."""
        found = figures(self.graph.rows, block, metric.field)
        if found is None:
            return "" if metric.field == "microseconds" else f"{metric.name} not known"
        total = self.graph.totals[metric.field]
        least = "≥ " if isinstance(found, AtLeast) else ""
        value = known(found)
        said = metric.short(value) if metric.field in _WITH_UNITS else f"{metric.short(value)} {metric.name}"
        return f"{least}{said}, {units.percent(value / total)}" if value and total else ""

    def _said(self, block: Block) -> str:
        """Return what a pointer shows."""
        row = self.graph.model.rows[block.rows[0]]
        read = "" if block.parts else " + ".join(map(shape, row.inputs))
        groups = f", {row.groups} groups" if not block.parts and row.groups and row.groups > 1 else ""
        made = shape(self.graph.output(block))
        costs = ", ".join(filter(None, (self._figure(block, metric) for metric in METRICS)))
        name = shorten(block.name, NAME)
        sizes = " → ".join(filter(None, (read, made)))
        said = ", ".join(filter(None, (f"{name}: {self.graph.kind(block)}{groups}", sizes)))
        return f"{said}\n{costs}" if costs else said


@dataclass(frozen=True, slots=True)
class _Outside:
    """What a block reads that it does not hold: lines of text, and where the page has it."""

    lines: Sequence[str]
    address: str


@dataclass(slots=True)
class _Placed:
    """What is to be placed: nodes, the blocks that the first of them are and whether these are opened.

    number: the node of each row and input, by its place.
    """

    blocks: list[tuple[Block, bool]] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    number: dict[int, int] = field(default_factory=dict)


def _wide(lines: Sequence[str]) -> float:
    """Return how many pixels lines take, of which the first is bold."""
    sizes = [_BOLD, *[_LETTER] * len(lines)]
    return max(size * min(len(line), _WIDEST) for size, line in zip(sizes, lines, strict=False)) + 2 * _ROOM


def _node(lines: Sequence[str], within: int | None = None) -> Node:
    return Node(_wide(lines), _LINE * len(lines) + _ROOM, within)


def _given(outside: _Outside, box: tuple[float, float, float, float]) -> Mark:
    """Draw what comes from outside."""
    left, top, width, _ = box
    words = [
        Words(left + width / 2, top + _ROOM / 2 + (place + 0.5) * _LINE, shorten(line, _WIDEST), "small")
        for place, line in enumerate(outside.lines)
    ]
    style = "node outside" if outside.address else "node"
    return Mark(shorten(outside.lines[0], NAME), [Boxes([box], "given"), *words], outside.address, style)
