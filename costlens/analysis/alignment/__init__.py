"""Rows of two counts → which of them are the same layer: by the names of blocks, then by position and shape.

Two blocks of one name are looked into; where one of them is a single row, or they have no name in common, they are
one pair: a convolution that became a depthwise and a pointwise one, say. What has no counterpart by name is paired
with what stands at the same position, in the cheapest way (``edits``). Both sides are treated alike: swapping them
turns every pair round.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from costlens.analysis.alignment.blocks import Block, Fields, Rows, content, network
from costlens.analysis.alignment.edits import cheapest
from costlens.results.counts import CountRow

__all__ = ["Fields", "Pair", "Rows", "align", "content"]

_NUMBERED = re.compile(r"(.*?)([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Pair:
    """Rows that are the same layer or block on both sides, with its name on each; one side may have none."""

    base: Rows
    head: Rows
    base_name: str = ""
    head_name: str = ""


def align(base: Sequence[CountRow], head: Sequence[CountRow], ours: Fields, theirs: Fields) -> tuple[Pair, ...]:
    """Pair the rows of two counts: each row is in one pair; ``ours`` and ``theirs`` are the fields of base and head.

    In the order of ``head``; what that lacks comes after what it follows in ``base``.
    """
    one, other = network(base, ours), network(head, theirs)
    same = one.content == other.content
    pairs = [Pair(one.rows, other.rows)] if same else [*_children(one, other)]
    return tuple(_ordered(pairs, one.rows, other.rows))


def _pairs(base: Block, head: Block) -> Iterator[Pair]:
    """Pair what is in two blocks that are the same one."""
    if base.content == head.content:
        yield Pair(base.rows, head.rows, base.path, head.path)
    elif base.outline == head.outline or base.contents == head.contents:
        yield from (Pair((b,), (h,), b.name, h.name) for b, h in zip(base.rows, head.rows, strict=True))
    elif base.is_row or head.is_row or base.children.keys().isdisjoint(head.children):
        yield Pair(base.rows, head.rows, base.path, head.path)
    else:
        yield from _children(base, head)


def _children(base: Block, head: Block) -> Iterator[Pair]:
    partners = _by_name(base.children, head.children)
    for one, other in partners:
        yield from _pairs(one, other)
    left = _gaps(base.children.values(), {one.path: place for place, (one, _) in enumerate(partners)})
    new = _gaps(head.children.values(), {other.path: place for place, (_, other) in enumerate(partners)})
    steps = [step for gap in dict.fromkeys((*left, *new)) for step in cheapest(left.get(gap, []), new.get(gap, []))]
    gone = {_last_name(ours[0]): ours[0] for ours, theirs in steps if not theirs}
    come = {_last_name(theirs[0]): theirs[0] for ours, theirs in steps if not ours}
    for ours, theirs in steps:
        if len(ours) == len(theirs) == 1:
            yield from _pairs(ours[0], theirs[0])
        elif ours and theirs:
            yield Pair(_rows_of(ours), _rows_of(theirs), _names_of(ours), _names_of(theirs))
    for name in gone.keys() & come.keys():  # of a series numbered again, what is like nothing on the other side
        yield from _pairs(gone.pop(name), come.pop(name))
    yield from (Pair(block.rows, (), block.path, "") for block in gone.values())
    yield from (Pair((), block.rows, "", block.path) for block in come.values())


def _last_name(block: Block) -> str:
    """Return the last part of a block's name."""
    return block.path.rpartition(".")[2]


def _by_name(base: Mapping[str, Block], head: Mapping[str, Block]) -> list[tuple[Block, Block]]:
    """Pair blocks of one name, but not in a numbered series that became longer or shorter: that is numbered again."""
    ours, theirs = _series(base), _series(head)
    anew = {
        block.path
        for stem, members in ours.items()
        if stem in theirs and len(members) != len(theirs[stem])
        for block in members
    }
    return [(block, head[name]) for name, block in base.items() if name in head and block.path not in anew]


def _series(children: Mapping[str, Block]) -> dict[str, list[Block]]:
    """Return the blocks that are numbered 1, 2, 3 … after one word, as layers without a name are."""
    found: dict[str, list[Block]] = {}
    broken = set()
    for name, block in children.items():
        if match := _NUMBERED.fullmatch(name):
            members = found.setdefault(match[1], [])
            members.append(block)
            if int(match[2]) != len(members):
                broken.add(match[1])
    return {stem: members for stem, members in found.items() if stem not in broken}


def _gaps(children: Iterable[Block], partnered: Mapping[str, int]) -> dict[tuple[int, int], list[Block]]:
    """Return the blocks without a partner, by the partners that stand before and after them."""
    found: dict[tuple[int, int], list[Block]] = {}
    before, waiting = -1, []
    for block in (*children, None):
        if block and block.path not in partnered:
            waiting.append(block)
            continue
        after = partnered[block.path] if block else -1
        if waiting:
            found[before, after] = waiting
        before, waiting = after, []
    return found


def _rows_of(blocks: Sequence[Block]) -> Rows:
    return tuple(row for block in blocks for row in block.rows)


def _names_of(blocks: Sequence[Block]) -> str:
    return " + ".join(block.path for block in blocks)


def _ordered(pairs: Sequence[Pair], base: Rows, head: Rows) -> list[Pair]:
    """Sort pairs by where they begin in ``head``; one that it lacks comes after what it followed in ``base``."""
    of_base = {id(row): pair for pair in pairs for row in pair.base}
    place_in_head = {id(row): place for place, row in enumerate(head)}
    keys = {id(pair): (place_in_head[id(pair.head[0])], -1) for pair in pairs if pair.head}
    last = -1
    for place, row in enumerate(base):
        pair = of_base[id(row)]
        if pair.head:
            last = place_in_head[id(pair.head[-1])]
        else:
            keys.setdefault(id(pair), (last, place))
    return sorted(pairs, key=lambda pair: keys[id(pair)])
