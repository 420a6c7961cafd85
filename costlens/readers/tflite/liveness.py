"""How many bytes of activations are alive while each step of a run works."""

from collections.abc import Iterable, Sequence

from costlens.readers.reads import followed
from costlens.readers.tflite.steps import Step, Walk
from costlens.readers.tflite.tensor import Tensor


def live_bytes(found: Walk) -> list[int | None]:
    """Return, for each step, the bytes of activations that are alive while it runs; the inputs included.

    A tensor lives from the step that writes it to the last one that reads it, also where another graph or what was
    executed sees it; the network's outputs live to the end. An operator that works in place writes over its first input
    where that dies and is as large as its output. None while a tensor of unknown size is alive.
    """
    last: dict[int, int] = {}
    for index, step in enumerate(found.steps):
        last |= {id(one): index for one in _read(step)}
    last |= {id(one): len(found.steps) for one in found.outputs}
    _see_elsewhere(found, last)
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
