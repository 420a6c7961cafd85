"""The order in which a graph's rows run, and orders that hold less in memory at once.

Rows on parallel branches can run in any order. A search in breadth looks for one with a lower peak: it keeps the best
few sets of rows that have run, by their peak and then by what they hold. It finds good orders, not surely the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from costlens.arithmetic.precision import WIDTHS, Precision
from costlens.arithmetic.shapes import elements
from costlens.network import figures
from costlens.network.graph import Graph, Row

_KEPT = 24
_MOST_ROWS = 1_000


class _State(NamedTuple):
    """Rows that have run, in order; how many readers each tensor still has; what is held, and the most so far."""

    peak: int
    held: int
    order: tuple[int, ...]
    ready: tuple[int, ...]


def better_order(
    graph: Graph, rows: Sequence[Row], of_row: Mapping[str, Precision], batch: int = 1
) -> tuple[int, ...] | None:
    """Return the places of rows in an order with a lower peak than theirs; None where none is found."""
    if len(rows) > _MOST_ROWS:
        return None
    search = _Search(graph, rows, of_row, batch)
    own = search.peak_of(range(len(rows)))
    found = search.best()
    return found.order if found is not None and found.peak < own else None


class _Search:
    """Rows as what they read and make, in bytes."""

    def __init__(self, graph: Graph, rows: Sequence[Row], of_row: Mapping[str, Precision], batch: int) -> None:
        self._sizes: dict[str, int] = {}
        for row in reversed(rows):
            wide = batch * WIDTHS[of_row[row.name]]
            self._sizes |= {
                name: wide * elements(graph.shapes[name]) for name in row.inputs if name in dict(graph.inputs)
            }
        self._reads = [row.inputs for row in rows]
        self._makes = [graph.writes(row) for row in rows]
        self._inside = []
        for row in rows:
            wide = batch * WIDTHS[of_row[row.name]]
            self._sizes |= {name: wide * elements(graph.shapes[name]) for name in graph.writes(row)}
            more = (
                max(
                    (
                        *figures.between(node.layer, graph.input_shapes(node)),
                        figures.inside(node.layer, graph.input_shapes(node)),
                    ),
                    default=0,
                )
                for node in row.nodes
            )
            self._inside.append(wide * max(more, default=0))
        self._readers: dict[str, set[int]] = {}
        for place, names in enumerate(self._reads):
            for name in names:
                self._readers.setdefault(name, set()).add(place)
        makers = {name: place for place, names in enumerate(self._makes) for name in names}
        self._needs = [frozenset(makers[name] for name in names if name in makers) for names in self._reads]
        self._kept = frozenset(graph.outputs)
        self._given = sum(self._sizes.get(name, 0) for name, _ in graph.inputs)

    def peak_of(self, order: Sequence[int]) -> int:
        """Return the most that is held in an order."""
        state, done = _State(0, self._given, (), ()), set[int]()
        for place in order:
            state = self._after(state, place, done)
            done.add(place)
        return state.peak

    def best(self) -> _State | None:
        """Search in breadth, one row a step."""
        start = tuple(place for place, needs in enumerate(self._needs) if not needs)
        states = [_State(0, self._given, (), start)]
        for _ in range(len(self._reads)):
            found: dict[frozenset[int], _State] = {}
            for state in states:
                done = frozenset(state.order)
                for place in state.ready:
                    after = self._after(state, place, done)
                    key = done | {place}
                    if key not in found or after[:2] < found[key][:2]:
                        found[key] = after
            states = sorted(found.values(), key=lambda state: state[:2])[:_KEPT]
        return min(states, default=None, key=lambda state: state[:2])

    def _after(self, state: _State, place: int, done: frozenset[int] | set[int]) -> _State:
        made = sum(self._sizes[name] for name in self._makes[place])
        peak = max(state.peak, state.held + max(made, self._inside[place]))
        gone = sum(
            self._sizes.get(name, 0)
            for name in self._reads[place]
            if name not in self._kept and self._readers[name] <= done | {place}
        )
        unread = sum(
            self._sizes[name] for name in self._makes[place] if name not in self._readers and name not in self._kept
        )
        ready = [one for one in state.ready if one != place]
        ran = done | {place}
        ready += [
            one
            for name in self._makes[place]
            for one in sorted(self._readers.get(name, ()))
            if one not in ready and self._needs[one] <= ran and one not in ran
        ]
        return _State(peak, state.held + made - gone - unread, (*state.order, place), tuple(dict.fromkeys(ready)))


def moves(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the rows that run earlier, each with the row that it runs directly before; of runs the first.

    >>> list(moves(["a", "b", "c", "d"], ["a", "c", "b", "d"]))
    [('c', 'b')]
    """
    for sort, _, _, first, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if sort in ("insert", "replace") and end < len(after):
            yield after[first], after[end]
