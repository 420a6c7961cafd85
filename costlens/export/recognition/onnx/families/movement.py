"""What moves values: parts of tensors, tensors side by side, padding, and blocks of space and depth."""

from __future__ import annotations

from functools import partial
from typing import Any

from costlens.export.recognition.built import NoKindError
from costlens.export.recognition.onnx.call import Call, channels_second

_FAR = 1 << 30
_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}


def _concat(call: Call) -> None:
    axes = max((call.view(place).axes for place in range(call.count)), key=lambda one: one != tuple(sorted(one)))
    inputs = [call.ordered(place, axes) for place in range(call.count)]
    axis = axes[call.attributes["axis"] % len(axes)]
    if axis == 0:
        raise NoKindError("works along the batch")
    if len(inputs) == 1:
        call.returns(inputs[0], axes)
        return
    call.returns(call.add("concat", *inputs, axis=None if axis == len(axes) - 1 else axis - 1), axes)


def _split(call: Call) -> None:
    view = call.view()
    along = call.attributes.get("axis", 0)
    axis = call.axis(along)
    parts = tuple(call.made(place)[along] for place in range(len(call.step.outputs)))
    if len(parts) == 1:
        call.returns(view.tensor, view.axes)
        return
    said = len(parts) if len(set(parts)) == 1 else parts
    for place, made in enumerate(call.add_all("split", view.tensor, parts=said, axis=axis)):
        call.returns(made, view.axes, place)


def _slice(call: Call) -> None:
    given = call.attributes
    starts, ends, axes, steps = (
        given.get(name, call.array(place)) for place, name in enumerate(("starts", "ends", "axes", "steps"), 1)
    )
    view, made = call.view(), call.view().tensor
    axes = range(len(starts)) if axes is None else axes
    steps = [1] * len(starts) if steps is None else steps
    cuts = [cut for each in zip(axes, starts, ends, steps, strict=True) if (cut := _cut(call, *map(int, each)))]
    for ordinal, cut in enumerate(cuts):
        made = call.add("slice", made, part="" if ordinal == len(cuts) - 1 else f"part{ordinal + 1}", **cut)
    call.returns(made, view.axes)


def _cut(call: Call, axis: int, start: int, end: int, step: int) -> dict[str, Any]:
    """Return the fields of a slice; none where it keeps all."""
    if step < 1:
        raise NoKindError(f"steps: {step}")
    whole = call.sizes()[axis]
    kept = range(whole)[start:end:step]
    if len(kept) == whole:
        return {}
    more = {"step": step} if step > 1 else {}
    return {"start": kept.start, "size": len(kept), "axis": call.axis(axis), **more}


def _padded(call: Call) -> None:
    rank = len(call.sizes())
    given = call.attributes
    cells = [int(one) for one in given.get("pads") or call.array(1)]
    axes = [int(one) for one in call.array(3, otherwise=range(rank))]
    mode = given.get("mode", "constant")
    value = given.get("value", 0.0) if "pads" in given else call.array(2, otherwise=0.0)
    if mode not in _MODES:
        raise NoKindError(f"mode: {mode}")
    pads = {call.axis(axis) % (rank - 1): (cells[at], cells[at + len(axes)]) for at, axis in enumerate(axes)
            if cells[at] or cells[at + len(axes)]}  # fmt: skip
    if any(least < 0 for pad in pads.values() for least in pad):
        raise NoKindError(f"pads: {cells} cut cells off")
    view = call.view()
    if not pads:
        call.returns(view.tensor, view.axes)
        return
    if rank - 2 in pads:
        raise NoKindError("adds channels")
    amount = tuple(_amount(pads.get(axis, (0, 0))) for axis in range(rank - 2))
    made = call.add(
        "pad",
        view.tensor,
        amount=amount[0] if len({*amount}) == 1 and isinstance(amount[0], int) else amount,
        mode=_MODES[mode],
        value=float(value) or None,
    )
    call.returns(made, view.axes)


def _amount(pad: tuple[int, int]) -> int | tuple[int, int]:
    return pad[0] if pad[0] == pad[1] else pad


def _blocks(kind: str, call: Call) -> None:
    axes = channels_second(len(call.sizes()))
    order = call.attributes.get("mode", "DCR")
    made = call.add(kind, call.ordered(0, axes), block=call.attributes["blocksize"], order=order)
    call.returns(made, axes)


OPERATORS = {
    "Concat": _concat,
    "Split": _split,
    "Slice": _slice,
    "Pad": _padded,
    "DepthToSpace": partial(_blocks, "depth_to_space"),
    "SpaceToDepth": partial(_blocks, "space_to_depth"),
}
