"""How many bytes of activations are alive while each step of a run works, and in which steps each tensor is in use."""

from collections.abc import Iterable, Iterator, Sequence

from costlens.arithmetic import arena
from costlens.readers.reads import followed
from costlens.readers.tflite.steps import Step, Walk
from costlens.readers.tflite.tensor import Tensor
from costlens.results.names import numbered


def live_bytes(found: Walk) -> list[int | None]:
    """Return, for each step, the bytes of activations that are alive while it runs; the inputs included.

    A tensor lives from the step that writes it to the last one that reads it, also where another graph or what was
    executed sees it; the network's outputs live to the end. An operator that works in place writes over its first input
    where that dies and is as large as its output. None while a tensor of unknown size is alive.
    """
    last = _last_uses(found)
    ends: dict[int, list[int]] = {}
    for key, index in last.items():
        ends.setdefault(index, []).append(key)
    alive = {id(one): one.size_bytes for one in found.inputs}
    held, unknown = _sum(alive.values())
    sizes: list[int | None] = []
    for index, step in enumerate(found.steps):
        made = {id(one): one.size_bytes for one in step.outputs if id(one) not in alive}
        new, more = _sum(made.values())
        held, unknown = held + new, unknown + more
        dying = [key for key in ends.get(index, ()) if key in alive]
        sizes.append(None if unknown else held - _spared(step, dying, alive))
        alive |= made
        gone = [alive.pop(key) for key in dict.fromkeys((*dying, *made)) if last.get(key, -1) <= index]
        less, fewer = _sum(gone)
        held, unknown = held - less, unknown - fewer
    return sizes


def tensors(found: Walk) -> list[arena.Tensor] | None:
    """Return the tensors of a run with their steps, as an arena holds them; None where the size of one is not known.

    Weights and what outlives a run lie elsewhere. A tensor that an operator may write over its input says so.
    """
    last, end = _last_uses(found), max(len(found.steps) - 1, 0)
    made = dict(_made(found))
    if any(one.size_bytes is None for one, _, _ in made.values()):
        return None
    names = dict(zip(made, numbered([one.name for one, _, _ in made.values()]), strict=True))
    return [
        arena.Tensor(
            names[key], one.size_bytes or 0, first, min(max(last.get(key, first), first), end), names.get(over, "")
        )
        for key, (one, first, over) in made.items()
    ]


def _made(found: Walk) -> Iterator[tuple[int, tuple[Tensor, int, int]]]:
    """Yield each tensor by its identity, with the step that makes it and the one whose place it may take, or 0."""
    yield from ((id(one), (one, 0, 0)) for one in found.inputs)
    for index, step in enumerate(found.steps):
        read = _read(step)
        like = read[0] if step.entry.in_place and len({*map(id, read)}) == 1 else None
        for place, one in enumerate(step.outputs):
            over = like is not None and not place and one.size_bytes == like.size_bytes
            yield id(one), (one, index, id(like) if over else 0)


def _last_uses(found: Walk) -> dict[int, int]:
    """Return the last step that reads each tensor, by its identity; what the network returns is read after all."""
    last: dict[int, int] = {}
    for index, step in enumerate(found.steps):
        last |= {id(one): index for one in _read(step)}
    last |= {id(one): len(found.steps) for one in found.outputs}
    _see_elsewhere(found, last)
    return last


def _see_elsewhere(found: Walk, last: dict[int, int]) -> None:
    """Let tensors live as long as they are seen under other shapes or by other graphs."""
    made = {id(one): one for step in found.steps for one in step.outputs} | {id(one): one for one in found.inputs}
    reads = [one for step in found.steps for one in _read(step)]
    for one in (*reads, *found.outputs):
        if one.made_of and id(one) not in made:
            for part in followed(one, made):
                last[id(part)] = max(last.get(id(part), -1), last[id(one)])


def _read(step: Step) -> list[Tensor]:
    return [one for one in step.call.inputs if one is not None and not one.constant]


def _sum(sizes: Iterable[int | None]) -> tuple[int, int]:
    """Return the sum of the sizes that are known, and how many are not."""
    given = list(sizes)
    known = [size for size in given if size is not None]
    return sum(known), len(given) - len(known)


def _spared(step: Step, dying: Sequence[int], alive: dict[int, int | None]) -> int:
    """Return what working in place saves: the output takes the memory of the only tensor that is read."""
    read = {id(one) for one in _read(step)}
    if not step.entry.in_place or len(read) != 1 or len(dying) != 1 or not step.outputs:
        return 0
    size = alive[dying[0]]
    return size if size is not None and size == step.outputs[0].size_bytes else 0
