"""Two lists of blocks at one position → the cheapest way to turn one into the other.

An edit distance (Levenshtein) whose substitutions need a likeness, with one operation more: a block stands where
two to four stood, between the same shapes.
"""

from collections.abc import Iterator, Sequence

from costlens.analysis.alignment.blocks import Block
from costlens.results.counts import ShapeTuple

Blocks = Sequence[Block]
Step = tuple[Blocks, Blocks]
"""Blocks of both sides that belong together; one side may have none."""

_RESIZED, _FED, _ALONE, _CHANGED, _REWRITTEN = 1000, 2000, 3000, 4000, 5000
_RENAMED = 1
_MOST = 4
_CELLS = 60_000
"""More pairs than this take too long to weigh: such blocks are paired by their names alone."""


def cheapest(base: Blocks, head: Blocks) -> list[Step]:
    """Return the steps in order, the same for both directions."""
    front, back = _equal_ends(base, head)
    ours, theirs = base[front : len(base) - back], head[front : len(head) - back]
    pairs = [([one], [other]) for one, other in zip(base[:front], head[:front], strict=True)]
    ends = [([one], [other]) for one, other in zip(base[len(base) - back :], head[len(head) - back :], strict=True)]
    return [*pairs, *_middle(ours, theirs), *ends]


def _equal_ends(base: Blocks, head: Blocks) -> tuple[int, int]:
    most = min(len(base), len(head))
    front = next((i for i in range(most) if base[i].content != head[i].content), most)
    rest = range(1, most - front + 1)
    return front, next((i - 1 for i in rest if base[-i].content != head[-i].content), len(rest))


def _middle(base: Blocks, head: Blocks) -> list[Step]:
    if not base or not head or len(base) * len(head) > _CELLS:
        return [*(([one], []) for one in base), *(([], [other]) for other in head)]
    if _key(base) <= _key(head):  # of equally cheap ways both directions find the same one
        return [*_steps(base, head)]
    return [(ours, theirs) for theirs, ours in _steps(head, base)]


def _key(blocks: Blocks) -> list[tuple[str, str]]:
    return [(block.path, repr(block.content)) for block in blocks]


def _steps(base: Blocks, head: Blocks) -> Iterator[Step]:
    # cost[i][j]: of turning base[i:] into head[j:]; found from the end, read from the front
    cost = [[0] * (len(head) + 1) for _ in range(len(base) + 1)]
    sizes = [[(0, 0)] * (len(head) + 1) for _ in range(len(base) + 1)]
    for i in range(len(base), -1, -1):
        for j in range(len(head), -1, -1):
            if i < len(base) or j < len(head):
                ways = ((price + cost[i + m][j + n], (m, n)) for price, m, n in _ways(base, head, i, j))
                cost[i][j], sizes[i][j] = min(ways, key=lambda way: way[0])
    i = j = 0
    while i < len(base) or j < len(head):
        m, n = sizes[i][j]
        yield base[i : i + m], head[j : j + n]
        i, j = i + m, j + n


def _ways(base: Blocks, head: Blocks, i: int, j: int) -> Iterator[tuple[int, int, int]]:
    """Yield what can be done at a place: its price, and how many blocks of each side it takes."""
    if i < len(base) and j < len(head):
        if (price := _substitution(base[i], head[j])) is not None:
            yield price, 1, 1
        for n in range(2, min(_MOST, len(head) - j) + 1):
            if _rewritten(base[i], head[j : j + n]):
                yield _REWRITTEN, 1, n
        for m in range(2, min(_MOST, len(base) - i) + 1):
            if _rewritten(head[j], base[i : i + m]):
                yield _REWRITTEN, m, 1
    if i < len(base):
        yield _ALONE, 1, 0
    if j < len(head):
        yield _ALONE, 0, 1


def _substitution(one: Block, other: Block) -> int | None:
    """Return what it costs to take one block for the other; None where they are too different."""
    named = _RENAMED * (one.path != other.path)
    if one.content == other.content:
        return named
    if _alike(one, other, "kind", "kernel", "stride", "groups", "params"):
        return _RESIZED + named
    if _alike(one, other, "kind", "kernel", "stride") and _channels(one) == _channels(other):
        return _FED + named
    fits = one.rows[-1].output == other.rows[-1].output or _alike(one, other, "kind")
    return _CHANGED + named if fits else None


def _alike(one: Block, other: Block, *fields: str) -> bool:
    """Say whether two blocks have as many rows, with equal values in some fields."""
    return len(one.rows) == len(other.rows) and all(
        getattr(ours, field) == getattr(theirs, field)
        for ours, theirs in zip(one.rows, other.rows, strict=True)
        for field in fields
    )


def _channels(block: Block) -> list[ShapeTuple | None]:
    return [row.output and row.output[-1:] for row in block.rows]


def _rewritten(one: Block, several: Blocks) -> bool:
    """Say whether several may stand for one: between the same shapes, and none of them is that one still."""
    read = one.rows[0].inputs == several[0].rows[0].inputs
    left = one.rows[-1].output == several[-1].rows[-1].output
    return read and left and not any(_alike(one, block, "kind", "kernel") for block in several)
