"""Sums, products and concatenations of several tensors."""

from collections.abc import Sequence

from costlens.prediction.layout import IMAGE, Layout, Shape, Tensor
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import NCHWC, Operand


def join(w: Writer, op: str, tensors: Sequence[Tensor], shape: Shape) -> Tensor:
    """Write Add, Mul, Max and the like of two tensors."""
    equal = all(each.shape == shape for each in tensors)
    in_blocks = equal and all(each.made_in_blocks for each in tensors)
    if op in {"Add", "Mul"} and in_blocks:
        return _join_in_blocks(w, op, tensors, shape)
    layout = w.common(*tensors)
    reads = [w.lay(each, layout) for each in tensors]
    left = any(each.is_left for each in tensors) if made_of_lines(tensors) else all(each.normed for each in tensors)
    made = Tensor(shape, {layout}, normed=left)
    made.maker = w.emit(op, reads, w.operand(made, layout))
    if op == "Add" and equal and layout == "first" and len(shape) == IMAGE:
        for one, other in ((0, 1), (1, 0)):
            maker = tensors[one].maker
            if maker is not None and maker.op == "Conv" and tensors[one].uses == 1:
                w.sums[id(made.maker)] = maker, reads[other]
                break
    return made


def _join_in_blocks(w: Writer, op: str, tensors: Sequence[Tensor], shape: Shape) -> Tensor:
    made = Tensor(shape, {"blocks"}, blocks_of=tensors[0].blocks_of, normed=all(each.normed for each in tensors))
    same = len({each.blocks_of for each in tensors}) == 1
    if op == "Add" and same:
        for one, other in (tensors, reversed(tensors)):
            maker = one.maker
            if maker is None or maker.op != f"{NCHWC}Conv" or one.uses > 1:
                continue
            if len(maker.inputs) > 3 or "activation" in maker.attributes:  # noqa: PLR2004
                continue
            maker.inputs += [None] * (3 - len(maker.inputs)) + [w.operand(other, "blocks")]
            w.kernels.remove(maker)  # it runs when both are there
            w.kernels.append(maker)
            made.maker = maker
            return made
    read = w.operand(made, "blocks")
    if not same:  # sizes are equal, but the runtime cannot know: it adds with the blocks as an axis
        batch, channels, *sizes = read.shape
        read = Operand((batch, channels // w.block, *sizes, w.block))
        for each in tensors:
            w.emit("Reshape", [w.operand(each, "blocks")], read)
    w.emit(op, [read] * len(tensors), read)
    if not same:
        w.emit("Reshape", [read], w.operand(made, "blocks"))
    return made


def concat(w: Writer, tensors: Sequence[Tensor], shape: Shape, axis: int) -> Tensor:
    """Write a concatenation along an axis of the shape without the batch."""
    rank = len(shape)
    channels = axis == rank - 1
    by_step = [each for each in tensors if each.home == "steps"]
    if channels and all(each.made_in_blocks and each.channels % w.block == 0 for each in tensors):
        layout: Layout = "blocks"
    elif len(by_step) * 2 > len(tensors):
        layout = "steps"
    elif any(not each.turns for each in tensors) and all(each.normed for each in tensors if each.turns):
        layout = "last"  # turning one for another is no gain
    else:
        layout = w.common(*tensors)
    reads = [w.lay(each, layout) for each in tensors]
    made = Tensor(shape, {layout}, blocks_of=tensors[0].blocks_of, normed=all(each.normed for each in tensors))
    place = 2 if layout == "steps" else axis + 1 if layout == "last" else 1 if channels else axis + 2
    w.emit("Concat", reads, w.operand(made, layout), axis=place)
    return made


def made_of_lines(tensors: Sequence[Tensor]) -> bool:
    """Say whether all tensors are sequences."""
    return all(each.is_line for each in tensors)
