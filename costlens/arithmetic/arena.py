"""An arena: tensors with sizes and lifetimes → where each lies in one piece of memory.

Microcontrollers have no heap to speak of, so their runtimes plan once where every tensor lies. This is the plan of
TensorFlow Lite Micro (``GreedyMemoryPlanner``): the largest tensor first, of equal ones the last, each at the lowest
offset where it meets no tensor that is in use at the same time; sizes are rounded up to 16 bytes.

Steps are numbered from 0 in the order in which operators run. A tensor is in use from the step that writes it to the
last one that reads it, both included: an operator's outputs never lie where its inputs are, unless it works in place.
What a network reads is in use from step 0 on, what it returns until the last step.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

ALIGNMENT = 16
"""Bytes to which TensorFlow Lite Micro rounds a tensor's size up, and so the offsets."""


class Tensor(NamedTuple):
    """A piece of memory of ``bytes`` bytes that is in use from step ``first`` to step ``last``, both included.

    over: the earlier tensor in whose place it can be written, by an operator that works in place; it is there if that
    tensor is read for the last time in step ``first``. scratch: what a kernel needs while it works, no result.
    """

    name: str
    bytes: int
    first: int
    last: int
    over: str = ""
    scratch: bool = False


class Place(NamedTuple):
    """Where a tensor lies: ``size`` bytes from ``offset`` on; ``size`` is rounded up."""

    tensor: Tensor
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class Arena:
    """A plan: ``bytes`` is its size, ``peak`` what no plan of the same tensors can go below.

    ``peak`` is the largest sum of sizes in use in one step, which is ``busiest``, the first such step. Places are in
    the order of the tensors that were given.
    """

    places: tuple[Place, ...]
    bytes: int
    peak: int
    busiest: int

    def during(self, step: int) -> list[Place]:
        """Return what is in use in a step, by offset; of tensors in one place, each that is in use."""
        found = (place for place in self.places if place.tensor.first <= step <= place.tensor.last)
        return sorted(found, key=lambda place: (place.offset, place.tensor.first))


def plan(
    tensors: Sequence[Tensor], *, alignment: int = ALIGNMENT, in_place: bool = False, tight: bool = False
) -> Arena:
    """Plan an arena for tensors of different names.

    tight: looks for a smaller plan than the runtime makes (:func:`tightest`).

    in_place: tensors with ``over`` take the place of the one that dies there, as LiteRT's operators may; TensorFlow
    Lite Micro gives each its own.

    >>> chain = [Tensor("x", 100, 0, 0), Tensor("a", 400, 0, 1), Tensor("b", 400, 1, 2, over="a"), Tensor("y", 8, 2, 2)]
    >>> [(place.tensor.name, place.offset) for place in plan(chain).places], plan(chain).bytes
    ([('x', 0), ('a', 400), ('b', 0), ('y', 400)], 800)
    >>> plan(chain, in_place=True).bytes
    512
    """
    held = _shared(tensors) if in_place else list(range(len(tensors)))
    owners = sorted(set(held))
    place = {owner: index for index, owner in enumerate(owners)}
    sizes, first, last = [0] * len(owners), [0] * len(owners), [0] * len(owners)
    for tensor, owner in zip(tensors, held, strict=True):
        index = place[owner]
        sizes[index] = max(sizes[index], rounded(tensor.bytes, alignment))
        first[index] = tensors[owner].first
        last[index] = max(last[index], tensor.last)
    found = (tightest if tight else offsets)(sizes, first, last)
    live = in_use(sizes, first, last)
    peak = max(live, default=0)
    return Arena(
        tuple(
            Place(tensor, found[place[owner]], rounded(tensor.bytes, alignment))
            for tensor, owner in zip(tensors, held, strict=True)
        ),
        _taken(found, sizes),
        peak,
        live.index(peak) if live else 0,
    )


def rounded(size: int, alignment: int = ALIGNMENT) -> int:
    """Round a number of bytes up.

    >>> rounded(1), rounded(16), rounded(0)
    (16, 16, 0)
    """
    return -(-size // alignment) * alignment


def offsets(
    sizes: Sequence[int], first: Sequence[int], last: Sequence[int], order: Sequence[int] | None = None
) -> list[int]:
    """Return the offset of each tensor, by the sizes in bytes and the first and last steps in which they are in use.

    order: in which they are placed; the largest first, of equal ones the last, unless it is given.

    >>> offsets([16, 64, 32], [0, 0, 1], [0, 1, 1])
    [64, 0, 64]
    """
    found = [0] * len(sizes)
    taken: list[list[tuple[int, int]]] = [[] for _ in range(max(last, default=-1) + 1)]
    for index in _by_size(sizes) if order is None else order:
        size, steps = sizes[index], taken[first[index] : last[index] + 1]
        spans = [span for step in steps for span in step]  # of those that are placed; long ones several times
        spans.sort()
        offset = 0
        for begin, end in spans:
            if begin - offset >= size:
                break
            offset = max(offset, end)
        found[index] = offset
        own = (offset, offset + size)
        for step in steps:
            step.append(own)
    return found


def tightest(sizes: Sequence[int], first: Sequence[int], last: Sequence[int]) -> list[int]:
    """Return offsets of a smaller plan where one is found: tensors are placed in several orders, then the best is bent.

    A plan by size alone can take 1.4 times what is needed: of a chain of 48, 32, 32 and 48 bytes it puts both ends at
    the bottom. The orders are those of Pisarchyk and Lee (2020, Efficient memory management for deep neural net
    inference), by size and by the busiest step, and by lifetime. Then what lies on top is placed earlier, again and
    again, which is kept where the plan does not grow. TensorFlow Lite Micro takes such offsets from a file
    (``OfflineMemoryAllocation``).

    >>> chain = [48, 32, 32, 48], [0, 1, 2, 3], [1, 2, 3, 4]
    >>> [max(map(sum, zip(way(*chain), chain[0]))) for way in (offsets, tightest)]
    [112, 80]
    """
    least = max(in_use(sizes, first, last), default=0)
    best: tuple[int, list[int], list[int]] | None = None
    for order in _orders(sizes, first, last):
        found = offsets(sizes, first, last, order)
        taken = _taken(found, sizes)
        if best is None or taken < best[0]:
            best = taken, order, found
    if best is None:
        return []
    taken, order, found = best
    current = found
    for _ in range(min(_BENDS, 4 * len(sizes))):
        if taken <= least:
            break
        top = max(range(len(sizes)), key=lambda index: (current[index] + sizes[index], index))
        place = order.index(top)
        if not place:
            break
        order = [*order[: place // 2], top, *order[place // 2 : place], *order[place + 1 :]]
        current = offsets(sizes, first, last, order)
        if _taken(current, sizes) <= taken:
            taken, found = _taken(current, sizes), current
    return found


_BENDS = 200


def _taken(found: Sequence[int], sizes: Sequence[int]) -> int:
    return max((at + each for at, each in zip(found, sizes, strict=True)), default=0)


def _by_size(sizes: Sequence[int]) -> list[int]:
    return sorted(range(len(sizes)), key=lambda index: (-sizes[index], -index))


def _orders(sizes: Sequence[int], first: Sequence[int], last: Sequence[int]) -> Iterator[list[int]]:
    """Yield orders to place tensors in."""
    by_size = _by_size(sizes)
    yield by_size
    busy = in_use(sizes, first, last)
    held = sorted(range(len(busy)), key=lambda step: -busy[step])
    yield [*dict.fromkeys(index for step in held for index in by_size if first[index] <= step <= last[index])]
    yield sorted(by_size, key=lambda index: first[index] - last[index])
    yield sorted(by_size, key=lambda index: sizes[index] * (first[index] - last[index] - 1))
    yield sorted(by_size, key=lambda index: first[index])
    yield sorted(by_size, key=lambda index: -last[index])


def size(sizes: Sequence[int], first: Sequence[int], last: Sequence[int]) -> int:
    """Return the size of a plan alone, of tensors of these bytes, none over another.

    >>> size([100, 400, 8], [0, 0, 1], [0, 1, 1])
    512
    """
    whole = [rounded(each) for each in sizes]
    return _taken(offsets(whole, first, last), whole)


def in_use(sizes: Sequence[int], first: Sequence[int], last: Sequence[int]) -> list[int]:
    """Return the sum of the sizes that are in use, by step.

    >>> in_use([16, 64, 32], [0, 0, 1], [0, 1, 1])
    [80, 96]
    """
    changes = [0] * (max(last, default=-1) + 2)
    for size, begin, end in zip(sizes, first, last, strict=True):
        changes[begin] += size
        changes[end + 1] -= size
    sums, held = [], 0
    for change in changes[:-1]:
        held += change
        sums.append(held)
    return sums


def _shared(tensors: Sequence[Tensor]) -> list[int]:
    """Return, for each tensor, the index of the one whose place it takes; its own where it has its own."""
    by_name = {tensor.name: index for index, tensor in enumerate(tensors)}
    owners: list[int] = []
    for index, tensor in enumerate(tensors):
        over = by_name.get(tensor.over, index)
        dies = over < index and tensors[over].last == tensor.first
        owners.append(owners[over] if dies else index)
    return owners
