"""The rows of a network as blocks in blocks, along the paths in their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from itertools import groupby, pairwise
from math import ceil, log

from costlens.results.folding import path

MOST = 48
"""Parts of one block at most; runs of more become blocks themselves."""
_DEEPEST = 24
_Row = tuple[int, tuple[str, ...]]
"""The place of a row, and the parts of its name."""


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that begin with the same names; a single row has no parts.

    label: what the block around it does not say already. rows: their places in the count.
    """

    name: str
    label: str
    rows: tuple[int, ...]
    parts: tuple[Block, ...] = ()

    def depth(self) -> int:
        """Return how many blocks are within each other, at most."""
        return 1 + max((part.depth() for part in self.parts), default=0)

    def boxes(self, depth: int) -> Iterator[Block]:
        """Yield what is drawn as a box where so many levels of this block are opened."""
        if not depth or not self.parts:
            yield self
        else:
            for part in self.parts:
                yield from part.boxes(depth - 1)


def tree(names: Sequence[str], reads: Sequence[Sequence[int]] = ()) -> Block:
    """Return the block of all rows, by their names in the order that they run in; reads: the rows that each reads.

    >>> [(block.label, len(block.rows)) for block in tree(["stem", "stage1.a", "stage1.b", "stage2.a"]).parts]
    [('stem', 1), ('stage1', 2), ('stage2.a', 1)]
    """
    paths = [(place, tuple(path(name).split(".", _DEEPEST))) for place, name in enumerate(names)]
    return _block(paths, 0, 0, names, reads or [()] * len(names))


def _block(rows: Sequence[_Row], above: int, depth: int, names: Sequence[str], reads: Sequence[Sequence[int]]) -> Block:
    """Return the block of rows whose first ``depth`` parts are equal, ``above`` of them those of the block around."""
    if len(rows) == 1:
        ((place, own),) = rows
        return Block(names[place], ".".join(own[above:]) or own[-1], (place,))
    groups: dict[str, list[_Row]] = {}
    alone: list[list[_Row]] = []
    for row in rows:
        if len(row[1]) > depth:
            groups.setdefault(row[1][depth], []).append(row)
        else:
            alone.append([row])
    if len(groups) == 1 and not alone:  # a block of one block is that block
        return _block(rows, above, depth + 1, names, reads)
    parts = [
        _block(group, depth, depth + (len(group) > 1), names, reads)
        for group in _without_circles([*groups.values(), *alone], rows, reads)
    ]
    shared = rows[0][1][:depth]
    return Block(".".join(shared), ".".join(shared[above:]), tuple(place for place, _ in rows), _in_runs(parts))


def _without_circles(
    groups: list[list[_Row]], rows: Sequence[_Row], reads: Sequence[Sequence[int]]
) -> list[list[_Row]]:
    """Return groups in the order of their rows; those that read each other in a circle as runs of neighbours.

    Names such as ``Conv.0, Relu.0, Conv.1`` say nothing about blocks.
    """
    order = {place: number for number, (place, _) in enumerate(rows)}
    while True:
        groups = sorted(groups, key=lambda group: order[group[0][0]])
        group_of = {place: number for number, group in enumerate(groups) for place, _ in group}
        read = {
            number: {group_of[source] for place, _ in group for source in reads[place] if source in group_of} - {number}
            for number, group in enumerate(groups)
        }
        try:
            TopologicalSorter(read).prepare()
        except CycleError as circle:
            runs = {number: _runs(groups[number], order) for number in circle.args[1]}
            if all(len(each) == 1 for each in runs.values()):  # a layer that is called twice
                return groups
            groups = [run for number, group in enumerate(groups) for run in runs.get(number, [group])]
        else:
            return groups


def _runs(group: Sequence[_Row], order: Mapping[int, int]) -> list[list[_Row]]:
    """Return rows as runs of those that are next to each other."""
    apart = groupby(enumerate(group), key=lambda each: order[each[1][0]] - each[0])
    return [[row for _, row in run] for _, run in apart]


def _in_runs(parts: Sequence[Block]) -> tuple[Block, ...]:
    """Return parts, runs of them as blocks where they are too many; about as many in each as there are runs."""
    while len(parts) > MOST:
        levels = ceil(log(len(parts), MOST))
        many = ceil(len(parts) / ceil(len(parts) ** (1 / levels)))
        ends = [len(parts) * place // many for place in range(many + 1)]
        parts = [_run(parts[start:end]) for start, end in pairwise(ends)]
    return tuple(parts)


def _run(parts: Sequence[Block]) -> Block:
    """Return neighbours as one block.

    >>> _run([Block("a", "a", (0,)), Block("b", "b", (1,))]).label
    'a – b'
    """
    first, last = (part.label.partition(" – ") for part in (parts[0], parts[-1]))
    label = f"{first[0]} – {last[2] or last[0]}"
    name = f"{parts[0].name.partition(' – ')[0]} – {parts[-1].name.rpartition(' – ')[2]}"
    return Block(name, label, tuple(place for part in parts for place in part.rows), tuple(parts))
