"""Layers that give maps another size."""

from collections.abc import Sequence
from typing import Any

from costlens.prediction.layout import IMAGE, LINE, Shape, Tensor
from costlens.prediction.rules.shapes import view
from costlens.prediction.writer import Writer
from costlens.runtimes._operation import MOST_VALUES, NCHWC, Operand

_MODES = {"nearest": "nearest", "bilinear": "linear"}


def _resize(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor | None:
    (x,) = reads
    is_whole = all(new % old == 0 for new, old in zip(out, x.shape, strict=True))
    if layer.mode == "nearest" and not is_whole:
        return _chosen(w, x, out)
    if len(out) not in {LINE, IMAGE}:
        return None
    place = "asymmetric" if layer.mode == "nearest" else "align_corners" if layer.align_corners else "half_pixel"
    how: dict[str, Any] = {"mode": _MODES[layer.mode], "coordinate_transformation_mode": place}
    if is_whole and x.made_in_blocks and not x.is_one_place and len(out) == IMAGE:
        made = Tensor(out, {"blocks"}, first_later=x.first_later, blocks_of=x.blocks_of)
        scales = (1, 1, *(new // old for new, old in zip(out[:-1], x.shape, strict=False)))
        w.emit(f"{NCHWC}Upsample", [w.lay(x, "blocks")], w.operand(made, "blocks"), scales=scales, **how)
        return made
    made = Tensor(out, {"first"}, first_later=x.first_later)
    read, written = (_as_image(each) for each in (w.lay(x, "first"), w.operand(made, "first")))
    if x.is_line:
        w.emit("Reshape", [w.operand(x, "first")], read)
    w.emit("Resize", [read], written, **how, nearest_mode="floor" if layer.mode == "nearest" else None)
    if x.is_line:
        w.emit("Reshape", [written], w.operand(made, "first"))
    return made


def _as_image(read: Operand) -> Operand:
    """Return a sequence as an image of one row."""
    batch, channels, *sizes = read.shape
    return Operand((batch, channels, *(1,) * (IMAGE - 1 - len(sizes)), *sizes))


def _chosen(w: Writer, x: Tensor, out: Shape) -> Tensor:
    """Write a choice of values axis by axis."""
    read, shape = w.lay(x, "last"), list(x.shape)
    for axis, (new, old) in enumerate(zip(out, x.shape, strict=True)):
        if new == old:
            continue
        places = tuple((2 * index + 1) * old // (2 * new) for index in range(new)) if new <= MOST_VALUES else ()
        shape[axis] = new
        made = Operand((w.batch, *shape))
        w.emit("Gather", [read, Operand((new,), "int32", stored=True, values=places)], made, axis=axis + 1)
        read = made
    return Tensor(out, {"last"}, first_later=x.first_later)


def _blocks(op: str, **attributes: str) -> Any:
    def rule(w: Writer, layer: Any, reads: Sequence[Tensor], out: Shape) -> Tensor:
        (x,) = reads
        is_image = len(out) == IMAGE
        if layer.order == "DCR" and len(out) < IMAGE:
            return view(w, layer, reads, out)
        read = w.lay(x, "first")
        made = Tensor(out, {"first"}, first_later=x.first_later)
        if layer.order == "DCR" and is_image:
            w.emit(op, [read], w.operand(made, "first"), blocksize=layer.block, **attributes)
            return made
        split, order = layer.turned(out)
        w.emit("Reshape", [read], Operand((w.batch, *split)))
        turned = Operand((w.batch, *(split[axis - 1] for axis in order)))
        w.emit("Transpose", [Operand((w.batch, *split))], turned, perm=(0, *order))
        w.emit("Reshape", [turned], w.operand(made, "first"))
        return made

    return rule


RULES = {
    "upsample": _resize, "resize": _resize,
    "depth_to_space": _blocks("DepthToSpace", mode="DCR"), "space_to_depth": _blocks("SpaceToDepth"),
}  # fmt: skip
