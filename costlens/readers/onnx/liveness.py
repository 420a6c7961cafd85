"""How many bytes of activations are alive while each step of a run works."""

from math import prod

from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.steps import Step, Walk
from costlens.readers.onnx.tensor import BITS, Tensor
from costlens.readers.reads import followed


def size_bytes(tensor: Tensor) -> AnySize | None:
    """Return what a tensor takes in memory; None where its shape or its type is not known."""
    bits = BITS.get(tensor.dtype)
    if tensor.shape is None or bits is None:
        return None
    return (prod(tensor.shape) * bits + 7) // 8


def live_bytes(found: Walk) -> list[AnySize | None]:
    """Return, for each step, the bytes of activations that are alive while it runs; the inputs included.

    A tensor lives from the step that writes it to the last one that reads it, also where another graph sees it; the
    graph's outputs live to the end. What a loop gathers is whole from the first of its parts on. An operator that works
    in place writes over its first input where that dies and is as large as its output.
    """
    last = _last_read(found)
    gathered = _seen_elsewhere(found, last)
    ends: dict[int, list[Tensor]] = {}
    for tensor, index in last.items():
        ends.setdefault(index, []).append(tensor)
    alive = {one: size_bytes(one) for one in found.inputs}
    held = sum(size for size in alive.values() if isinstance(size, int))
    unknown = sum(1 for size in alive.values() if not isinstance(size, int))
    known: dict[int, AnySize | None] = {}
    sizes: list[AnySize | None] = []
    for index, step in enumerate(found.steps):
        dying = [one for one in ends.get(index, ()) if one in alive]
        freed = alive[dying[0]] if len(dying) == 1 and step.known.entry.in_place and _reads_one(step) else None
        spared = 0
        outputs = step.outputs if not gathered else [*step.outputs, *_parts_of(step, gathered)]
        for place, one in enumerate(outputs):
            if one is None or one.constant or one in alive:
                continue
            like = id(one.held)
            if like not in known:
                known[like] = size_bytes(one)
            size = alive[one] = known[like]
            if isinstance(size, int):
                held += size
                spared = size if size == freed and not place else spared
            else:
                unknown += 1
            if last.get(one, -1) <= index:
                dying.append(one)
        sizes.append(held - spared if not unknown else None)
        for one in dying:
            size = alive.pop(one)
            if isinstance(size, int):
                held -= size
            else:
                unknown -= 1
    return sizes


def _reads_one(step: Step) -> bool:
    return len({one for one in step.inputs if one is not None and not one.constant}) == 1


def _last_read(found: Walk) -> dict[Tensor, int]:
    """Return the last step that reads each tensor; the outputs of the graph are read after all of them."""
    last: dict[Tensor, int] = {}
    for index, step in enumerate(found.steps):
        for one in step.inputs:
            if one is not None and not one.constant:
                last[one] = index
    return last | {one: len(found.steps) for one in found.outputs if one is not None}


def _seen_elsewhere(found: Walk, last: dict[Tensor, int]) -> dict[Tensor, list[Tensor]]:
    """Let tensors live as long as other graphs see them; return what is larger there, by the tensors it is made of."""
    seen = [one for one in last if one.made_of]
    if not seen:
        return {}
    steps = (one for step in found.steps for one in step.outputs if one is not None and not one.constant)
    made = {id(one): one for one in (*found.inputs, *steps)}
    larger: dict[Tensor, list[Tensor]] = {}
    for one in seen:
        if id(one) in made:
            continue
        for part in followed(one, made):
            if _fits(size_bytes(one), size_bytes(part)):
                last[part] = max(last.get(part, -1), last[one])
            else:
                larger.setdefault(part, []).append(one)
    return larger


def _fits(size: AnySize | None, whole: AnySize | None) -> bool:
    """Say whether a tensor is all or a slice of another one, by their bytes."""
    return size == whole or (isinstance(size, int) and isinstance(whole, int) and size < whole)


def _parts_of(step: Step, gathered: dict[Tensor, list[Tensor]]) -> list[Tensor]:
    return [whole for one in step.outputs if one is not None for whole in gathered.get(one, ())]
