"""How many bytes of activations are alive while each step of a run works."""

from math import prod

from costlens.arithmetic.sizes import AnySize
from costlens.readers.onnx.steps import Step, Walk
from costlens.readers.onnx.tensor import BITS, Tensor


def size_bytes(tensor: Tensor) -> AnySize | None:
    """Return what a tensor takes in memory; None where its shape or its type is not known."""
    bits = BITS.get(tensor.dtype)
    if tensor.shape is None or bits is None:
        return None
    return (prod(tensor.shape) * bits + 7) // 8


def live_bytes(found: Walk) -> list[AnySize | None]:
    """Return, for each step, the bytes of activations that are alive while it runs; the inputs included.

    A tensor lives from the step that writes it to the last one that reads it; the graph's outputs live to the end. An
    operator that works in place writes over its first input where that dies and is as large as its output.
    """
    last = _last_read(found)
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
        for place, one in enumerate(step.outputs):
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
