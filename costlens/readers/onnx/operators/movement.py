"""Operators that move or copy values: no multiply-accumulates. A stored table that is read from is a parameter."""

from collections.abc import Sequence
from itertools import product as combinations
from math import prod

from costlens.arithmetic.sizes import AnySize, Size, UndecidedError, difference, smallest
from costlens.readers.onnx.operators._operator import Call, ContradictionError, NotCountedError, Operator, Out
from costlens.readers.onnx.operators._rules import axes_of, axis_of, broadcast, count, picked, small, spread, strides
from costlens.readers.onnx.tensor import INT64, Shape, Value


def _one(call: Call, shape: Shape, value: Value | None = None) -> Sequence[Out]:
    return (Out(call.input(0).dtype, shape, value),)


def _identity(call: Call) -> Sequence[Out]:
    first = call.input(0)
    return (Out(first.dtype, first.shape, first.value),)


def _reshape(call: Call) -> Sequence[Out]:
    """Return the sizes asked for: 0 copies an axis, −1 takes what is left."""
    asked = call.ints(1) if call.has(1) else tuple(call.attributes.get("shape", ()))
    keep = not call.attributes.get("allowzero", 0)
    first = call.input(0)
    if keep and any(size == 0 for size in asked):
        shape = call.shape(0)
        if any(size == 0 and index >= len(shape) for index, size in enumerate(asked)):
            raise ContradictionError(f"Reshape copies an axis that {first.name} does not have")
        asked = tuple(shape[index] if size == 0 else size for index, size in enumerate(asked))
    if -1 not in asked:
        if first.shape is not None:
            _fits(call, count(first.shape), count(asked), f"Reshape of {_shown(first.shape)} to {_shown(asked)}")
        return _one(call, asked, first.value)
    rest = prod(size for size in asked if size != -1)
    whole = count(call.shape(0))
    if rest == 0 or (isinstance(whole, int) and isinstance(rest, int) and whole % rest):
        raise ContradictionError(f"Reshape of {_shown(call.shape(0))} to {_shown(asked)}")
    left = _divided(whole, rest)
    if left * rest != whole:  # a run ends only where it divides evenly
        call.equal.append((whole, left * rest))
    return _one(call, tuple(left if size == -1 else size for size in asked), first.value)


def _divided(whole: AnySize, by: AnySize) -> AnySize:
    try:
        return whole // by
    except UndecidedError as undecided:
        raise NotCountedError(f"a size is {undecided}") from None


def _fits(call: Call, whole: AnySize, parts: AnySize, what: str) -> None:
    """Hold sizes to be equal."""
    if isinstance(whole, int) and isinstance(parts, int) and whole != parts:
        raise ContradictionError(what)
    call.same(whole, parts)


def _shown(shape: Shape) -> str:
    return f"({', '.join(map(str, shape))})"


def _flatten(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    axis = call.attributes.get("axis", 1)
    axis = axis + len(shape) if axis < 0 else axis
    return _one(call, (count(shape[:axis]), count(shape[axis:])), call.input(0).value)


def _listed(call: Call, name: str, index: int) -> Sequence[AnySize] | None:
    """Return axes, given as an attribute by old files and as an input by new ones; None where left out."""
    if call.has(index):
        return call.ints(index)
    return call.attributes.get(name)


def _squeeze(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    asked = _listed(call, "axes", 1)
    if asked is None:
        if any(isinstance(size, Size) for size in shape):
            raise NotCountedError("whether an axis is dropped depends on a free axis")
        gone = {index for index, size in enumerate(shape) if size == 1}
    else:
        gone = set(axes_of(asked, len(shape)))
        if any(isinstance(shape[index], int) and shape[index] != 1 for index in gone):
            raise ContradictionError(f"Squeeze drops axes {sorted(gone)} of {_shown(shape)}")
    return _one(call, tuple(size for index, size in enumerate(shape) if index not in gone), call.input(0).value)


def _unsqueeze(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    asked = _listed(call, "axes", 1)
    if asked is None:
        raise ContradictionError("Unsqueeze has no axes")
    rank = len(shape) + len(asked)
    for axis in sorted(axes_of(asked, rank)):
        shape.insert(axis, 1)
    return _one(call, tuple(shape), call.input(0).value)


def _transpose(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    order = call.attributes.get("perm") or range(len(shape))[::-1]
    if sorted(order) != list(range(len(shape))):
        raise ContradictionError(f"Transpose of {len(shape)} axes by {list(order)}")
    value = call.input(0).value
    if value is not None and len(shape) > 1 and small(shape):
        steps = strides(shape)
        ranges = [range(0, shape[axis] * steps[axis], steps[axis]) for axis in order]
        value = tuple(value[sum(offsets)] for offsets in combinations(*ranges))
    return _one(call, tuple(shape[index] for index in order), value)


def _expand(call: Call) -> Sequence[Out]:
    first = call.input(0)
    shape = broadcast(call, call.shape(0), call.ints(1))
    if first.value is None or first.shape is None or not small(shape):
        return _one(call, shape)
    return _one(call, shape, spread(first.value, first.shape, shape))


def _tile(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    times = call.ints(1)
    if len(times) != len(shape):
        raise ContradictionError(f"Tile of {len(shape)} axes by {_shown(times)}")
    made = tuple(size * often for size, often in zip(shape, times, strict=True))
    first = call.input(0)
    value = None
    if first.value is not None and small(shape) and small(made):
        indices = [[*range(int(size))] * int(often) for size, often in zip(shape, times, strict=True)]
        value = picked(first.value, shape, indices)
    return _one(call, made, value)


def _concat(call: Call) -> Sequence[Out]:
    shapes = [call.shape(index) for index in range(len(call.inputs))]
    axis = axis_of(call.attributes.get("axis", 1), len(shapes[0]))
    if not shapes[0] or any(len(shape) != len(shapes[0]) for shape in shapes):
        raise ContradictionError(f"Concat of {' and '.join(map(_shown, shapes))}")
    made = list(shapes[0])
    for index, sizes in enumerate(zip(*shapes, strict=True)):
        fixed = {size for size in sizes if isinstance(size, int)}
        if index != axis and len(fixed) > 1:
            raise ContradictionError(f"Concat along axis {axis} of {' and '.join(map(_shown, shapes))}")
        if index != axis:
            for size in sizes:
                made[index] = call.same(made[index], size)
    made[axis] = sum(shape[axis] for shape in shapes)
    values = [tensor.value for tensor in call.inputs if tensor is not None and tensor.value is not None]
    known = len(made) == 1 and len(values) == len(shapes) and small(tuple(made))
    value = tuple(number for one in values for number in one) if known else None
    return _one(call, tuple(made), value)


def _slice(call: Call) -> Sequence[Out]:
    """Return every ``step``-th index from ``start`` to before ``end``; both are cut off at the ends of the axis."""
    shape = call.shape(0)
    rank = len(shape)
    if "starts" in call.attributes:  # before opset 10
        starts, ends = call.attributes["starts"], call.attributes.get("ends", ())
        axes, steps = call.attributes.get("axes"), None
    else:
        starts, ends = _maybe(call, 1), _maybe(call, 2)
        axes = call.ints(3) if call.has(3) else None
        steps = call.ints(4) if call.has(4) else None
    length = len(starts) if starts is not None else None
    if axes is None:
        if length is None:
            raise NotCountedError("where a Slice begins is not known before a run")
        axes = range(length)
    axes = axes_of(axes, rank)
    made, ranges = list(shape), [range(size) if isinstance(size, int) else None for size in shape]
    for index, axis in enumerate(axes):
        step = steps[index] if steps is not None else 1
        if not isinstance(step, int) or step == 0:
            raise ContradictionError(f"Slice by a step of {step}")
        if starts is None or ends is None:
            raise NotCountedError("where a Slice begins or ends is not known before a run")
        made[axis], ranges[axis] = _cut(call, shape[axis], starts[index], ends[index], step)
    first = call.input(0)
    value = None
    known = [one for one in ranges if one is not None]
    if first.value is not None and small(shape) and len(known) == rank:
        value = picked(first.value, shape, known)
    return _one(call, tuple(made), value)


def _maybe(call: Call, index: int) -> tuple[AnySize, ...] | None:
    return call.ints(index) if call.input(index).value is not None else None


_FAR = 1_000_000
"""A start or an end beyond this means the end of a free axis, as exporters write it."""


def _cut(call: Call, size: AnySize, start: AnySize, end: AnySize, step: int) -> tuple[AnySize, range | None]:
    """Return how many indices a slice takes, and which where no free axis decides."""
    if isinstance(size, int) and isinstance(start, int) and isinstance(end, int):
        found = range(size)[start:end:step] if step > 0 or end >= -size else range(size)[start::step]
        return len(found), found
    if step < 0:
        if isinstance(end, int) and end <= -_FAR and start == -1:
            return (size + -step - 1) // -step, None
        raise NotCountedError("the length of a Slice backwards depends on a free axis")
    length = _end(call, size, end) - _end(call, size, start)
    if isinstance(length, int):
        return max(-(-length // step), 0), None
    call.needs(length)
    return (length + step - 1) // step, None


def _end(call: Call, size: AnySize, at: AnySize) -> AnySize:
    """Return a start or an end, counted from the front and within the axis."""
    if isinstance(at, int) and abs(at) >= _FAR:
        call.needs(abs(at) - size)
        return size if at > 0 else 0
    if (smallest(-at) or 0) > 0:  # below 0 whatever the axes are: counted from the end
        at = size + at
        call.needs(at)
        return at
    apart = difference(at, size)
    if apart is not None and apart >= 0:
        return size
    call.needs(at)
    call.needs(size - at)
    return at


def _split(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    axis = axis_of(call.attributes.get("axis", 0), len(shape))
    parts = call.ints(1) if call.has(1) else call.attributes.get("split")
    size = shape[axis]
    if parts is None:
        number = call.attributes.get("num_outputs", call.wanted)
        each = (size + number - 1) // number
        parts = (*([each] * (number - 1)), size - each * (number - 1))
    else:
        _fits(call, size, sum(parts), f"Split of {size} into {_shown(tuple(parts))}")
    first, begin, outs = call.input(0), 0, []
    for part in parts:
        value = first.value[begin : begin + part] if first.value is not None and len(shape) == 1 else None
        begin += part if isinstance(part, int) else 0
        outs.append(Out(first.dtype, (*shape[:axis], part, *shape[axis + 1 :]), value))
    return outs


def _pad(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    pads = _listed(call, "pads", 1) or call.attributes.get("paddings")
    if pads is None:
        raise ContradictionError("Pad has no pads")
    axes = axes_of(call.ints(3), len(shape)) if call.has(3) else list(range(len(shape)))
    if len(pads) != 2 * len(axes):
        raise ContradictionError(f"Pad of {len(axes)} axes by {list(pads)}")
    made = list(shape)
    for index, axis in enumerate(axes):
        made[axis] = made[axis] + pads[index] + pads[index + len(axes)]
    return _one(call, tuple(made))


def _gather(call: Call) -> Sequence[Out]:
    shape, indices = call.shape(0), call.shape(1)
    axis = axis_of(call.attributes.get("axis", 0), len(shape))
    made = (*shape[:axis], *indices, *shape[axis + 1 :])
    values, at = call.input(0).value, call.input(1).value
    value = None
    if values is not None and at is not None and small(shape) and small(made) and small(indices):
        size = int(shape[axis])
        if any(isinstance(one, Size) for one in at):
            return _one(call, made)
        if any(not -size <= one < size for one in at):
            raise ContradictionError(f"Gather of index {list(at)[:4]} from an axis of {size}")
        ranges = [range(int(one)) for one in shape]
        picks: list[Sequence[int]] = [*ranges[:axis], [int(one) % size for one in at], *ranges[axis + 1 :]]
        value = picked(values, shape, picks)
    return _one(call, made, value)


def _gather_elements(call: Call) -> Sequence[Out]:
    return _one(call, call.shape(1))


def _gather_nd(call: Call) -> Sequence[Out]:
    shape, indices = call.shape(0), call.shape(1)
    batch = call.attributes.get("batch_dims", 0)
    deep = indices[-1] if indices else 0
    if not isinstance(deep, int):
        raise NotCountedError("how deep GatherND reads depends on a free axis")
    return _one(call, (*indices[:-1], *shape[batch + deep :]))


def _one_hot(call: Call) -> Sequence[Out]:
    indices = list(call.shape(0))
    (depth,) = call.ints(1)
    axis = call.attributes.get("axis", -1)
    indices.insert(axis + len(indices) + 1 if axis < 0 else axis, depth)
    return (Out(call.input(2).dtype, tuple(indices)),)


def _depth_to_space(call: Call) -> Sequence[Out]:
    batch, channels, *places = call.shape(0)
    block = call.attributes.get("blocksize", 1)
    return _one(call, (batch, channels // block ** len(places), *(size * block for size in places)))


def _space_to_depth(call: Call) -> Sequence[Out]:
    batch, channels, *places = call.shape(0)
    block = call.attributes.get("blocksize", 1)
    return _one(call, (batch, channels * block ** len(places), *(size // block for size in places)))


def _compress(call: Call) -> Sequence[Out]:
    kept = call.input(1).value
    if kept is None:
        raise NotCountedError("how many Compress keeps is not known before a run")
    number = sum(map(bool, kept))
    if (axis := call.attributes.get("axis")) is None:
        return _one(call, (number,))
    shape = list(call.shape(0))
    shape[axis_of(axis, len(shape))] = number
    return _one(call, tuple(shape))


def _center_crop_pad(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    axes = axes_of(call.attributes.get("axes") or range(len(shape)), len(shape))
    for axis, size in zip(axes, call.ints(1), strict=True):
        shape[axis] = size
    return _one(call, tuple(shape))


def _col_to_image(call: Call) -> Sequence[Out]:
    batch, columns, _ = call.shape(0)
    return _one(call, (batch, columns // prod(call.ints(2)), *call.ints(1)))


def _shape_of(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    rank = len(shape)
    start, end = call.attributes.get("start", 0), call.attributes.get("end", rank)
    value = shape[max(start + rank, 0) if start < 0 else start : max(end + rank, 0) if end < 0 else end]
    return (Out(INT64, (len(value),), tuple(value)),)


def _size_of(call: Call) -> Sequence[Out]:
    return (Out(INT64, (), (count(call.shape(0)),)),)


def _crop(call: Call) -> Sequence[Out]:
    """Return an image without its borders (left, top, right, bottom), or of a size (height, width) after them."""
    batch, channels, height, width = call.shape(0, 4)
    left, top, right, bottom = call.attributes.get("border") or (0, 0, 0, 0)
    sides = call.attributes.get("scale") or (height - top - bottom, width - left - right)
    return _one(call, (batch, channels, *sides))


OPERATORS = {
    **dict.fromkeys(("Identity", "MemcpyFromHost", "MemcpyToHost"), Operator(_identity, role="layout", in_place=True)),
    "Reshape": Operator(_reshape, weights=(0,), role="layout", in_place=True),
    "Flatten": Operator(_flatten, role="layout", in_place=True),
    "Squeeze": Operator(_squeeze, weights=(0,), role="layout", in_place=True),
    "Unsqueeze": Operator(_unsqueeze, weights=(0,), role="layout", in_place=True),
    "Transpose": Operator(_transpose, role="layout"),
    **dict.fromkeys(("ReorderInput", "ReorderOutput"), Operator(None, role="layout")),
    "Expand": Operator(_expand, weights=(0,), role="carrier"),
    "Tile": Operator(_tile, weights=(0,), role="carrier"),
    **dict.fromkeys(("DynamicSlice", "Slice"), Operator(_slice, weights=(0,), role="carrier")),
    "Split": Operator(_split, weights=(0,), role="carrier"),
    "Pad": Operator(_pad, weights=(0,), role="carrier"),
    "Concat": Operator(_concat, weights=None, role="carrier"),
    "Gather": Operator(_gather, weights=(0,), role="carrier"),
    "GatherElements": Operator(_gather_elements, weights=(0,)),
    "GatherND": Operator(_gather_nd, weights=(0,)),
    "ScatterND": Operator(weights=(0, 2)),
    "ScatterElements": Operator(weights=(0, 2)),
    "Scatter": Operator(weights=(0, 2)),
    "TensorScatter": Operator(weights=(0, 1)),
    "OneHot": Operator(_one_hot),
    "ReverseSequence": Operator(weights=(0,)),
    "Trilu": Operator(weights=(0,)),
    "DepthToSpace": Operator(_depth_to_space),
    "SpaceToDepth": Operator(_space_to_depth),
    "Compress": Operator(_compress, weights=(0,)),
    "Crop": Operator(_crop),
    "CenterCropPad": Operator(_center_crop_pad, weights=(0,)),
    "Col2Im": Operator(_col_to_image),
    "Shape": Operator(_shape_of),
    "Size": Operator(_size_of),
}
