"""Operators that move or copy values: no multiply-accumulates and no FLOPs."""

from collections.abc import Sequence
from itertools import accumulate
from math import prod

from costlens.readers.tflite.operators._operator import Call, Operator, Out
from costlens.readers.tflite.operators._rules import axes_of, axis_of, joined, needs, picked, place_of, sized
from costlens.readers.tflite.tensor import MOST_VALUES, Shape, Tensor

_REST = -1
_MOST_AXES = 32


def _reshape(call: Call) -> Sequence[Out]:
    first, count = call.input(0), prod(call.shape(0))
    wanted = call.value(1) if call.has(1) else (call.options.get("new_shape") or ())
    if tuple(wanted) == (0,) and count == 1:  # how old files write a scalar
        wanted = ()
    needs(len(wanted) <= _MOST_AXES, f"it makes a tensor of {len(wanted)} axes")
    rest = prod(size for size in wanted if size != _REST)
    open_ = [axis for axis, size in enumerate(wanted) if size == _REST]
    needs(len(open_) <= 1, f"it makes a tensor of {list(wanted)}")
    shape = list(wanted)
    if open_:
        needs(rest > 0 and count % rest == 0, f"{count:,} values do not divide into {list(wanted)}")
        shape[open_[0]] = count // rest
    needs(min(shape, default=1) >= 0 and prod(shape) == count, f"{count:,} values do not fill {shape}")
    return (Out(tuple(shape), first.value),)


def _squeeze(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    asked = call.options.get("squeeze_dims")
    gone = set(axes_of(asked, len(shape))) if asked else {axis for axis, size in enumerate(shape) if size == 1}
    needs(all(shape[axis] == 1 for axis in gone), f"it drops axes {sorted(gone)} of {shape}")
    return (Out(tuple(size for axis, size in enumerate(shape) if axis not in gone), call.input(0).value),)


def _expand_dims(call: Call) -> Sequence[Out]:
    shape = list(call.shape(0))
    (axis,) = call.value(1)
    shape.insert(axis_of(axis, len(shape) + 1), 1)
    return (Out(tuple(shape), call.input(0).value),)


def _transpose(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    order = axes_of(call.value(1), len(shape))
    needs(sorted(order) == list(range(len(shape))), f"it orders {len(shape)} axes by {list(order)}")
    return (Out(tuple(shape[axis] for axis in order)),)


def _concatenation(call: Call) -> Sequence[Out]:
    shapes = [call.shape(index) for index in range(len(call.inputs))]
    first = shapes[0] if shapes else ()
    axis = axis_of(call.options["axis"], len(first))
    others = {(*shape[:axis], 0, *shape[axis + 1 :]) for shape in shapes}
    needs(len(others) == 1, f"the shapes {', '.join(map(str, shapes))} do not fit each other")
    value = joined(call.inputs) if len(first) == 1 else None
    return (Out((*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :]), value),)


def _pack(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    axis = axis_of(call.options["axis"], len(shape) + 1)
    return (Out((*shape[:axis], len(call.inputs), *shape[axis:]), None if shape else joined(call.inputs)),)


def _unpack(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    axis = axis_of(call.options["axis"], len(shape))
    needs(shape[axis] == call.wanted, f"it makes {call.wanted} tensors of {shape[axis]}")
    value, rest = call.input(0).value, (*shape[:axis], *shape[axis + 1 :])
    if value is not None and not rest:
        return tuple(Out(rest, (number,)) for number in value)
    return (Out(rest),) * call.wanted


def _split(call: Call) -> Sequence[Out]:
    (place,) = call.value(0)
    shape, parts = call.shape(1), call.wanted
    axis = axis_of(place, len(shape))
    needs(parts > 0 and shape[axis] % parts == 0, f"{shape[axis]} values do not divide into {parts} parts")
    return _cut(call.input(1), axis, [shape[axis] // parts] * parts)


def _split_v(call: Call) -> Sequence[Out]:
    (place,), sizes = call.value(2), list(call.value(1))
    shape = call.shape(0)
    axis = axis_of(place, len(shape))
    if sizes.count(-1) == 1:
        sizes[sizes.index(-1)] = shape[axis] - sum(size for size in sizes if size > 0)
    needs(min(sizes, default=0) >= 0 and sum(sizes) == shape[axis], f"{shape[axis]} values do not split into {sizes}")
    return _cut(call.input(0), axis, sizes)


def _cut(tensor: Tensor, axis: int, sizes: Sequence[int]) -> Sequence[Out]:
    """Return the parts of a tensor that is cut along an axis."""
    shape, value = tensor.shape or (), tensor.value
    ends = list(accumulate(sizes))
    return [
        Out(
            (*shape[:axis], size, *shape[axis + 1 :]),
            None if value is None or len(shape) != 1 else value[end - size : end],
        )
        for size, end in zip(sizes, ends, strict=True)
    ]


def _slice(call: Call) -> Sequence[Out]:
    shape, begin, sizes = call.shape(0), call.value(1), call.value(2)
    needs(len(begin) == len(sizes) == len(shape), f"it slices {len(begin)} axes of {len(shape)}")
    made = tuple(all_ - start if size == -1 else size for all_, start, size in zip(shape, begin, sizes, strict=True))
    needs(
        all(start >= 0 <= size <= all_ - start for all_, start, size in zip(shape, begin, made, strict=True)),
        f"it slices {list(sizes)} from {list(begin)} of {shape}",
    )

    def at(index: Sequence[int]) -> int:
        return place_of([start + step for start, step in zip(begin, index, strict=True)], shape)

    return (Out(made, picked(call.input(0).value, shape, at, made)),)


def _pad(call: Call) -> Sequence[Out]:
    shape, pads = call.shape(0), call.value(1)
    needs(len(pads) == 2 * len(shape) and min(pads, default=0) >= 0, f"it pads {shape} by {list(pads)}")
    return (Out(tuple(size + pads[2 * axis] + pads[2 * axis + 1] for axis, size in enumerate(shape))),)


def _tile(call: Call) -> Sequence[Out]:
    shape, times = call.shape(0), sized(call, 1)
    needs(len(times) == len(shape), f"it repeats {len(times)} axes of {len(shape)}")
    return (Out(tuple(size * time for size, time in zip(shape, times, strict=True))),)


def _broadcast_to(call: Call) -> Sequence[Out]:
    shape, made = call.shape(0), sized(call, 1)
    aligned = zip(reversed(shape), reversed(made), strict=False)
    needs(
        len(shape) <= len(made) and all(old in (1, new) for old, new in aligned), f"{shape} is not repeated to {made}"
    )
    value = call.input(0).value
    few = value is not None and len(value) == 1 and prod(made) <= MOST_VALUES
    return (Out(made, value * prod(made) if few and value is not None else None),)


def _block(call: Call, size: int) -> int:
    needs(size > 0, f"it takes blocks of {size}")
    return size


def _depth_to_space(call: Call) -> Sequence[Out]:
    batch, height, width, channels = call.shape(0, 4)
    block = _block(call, call.options["block_size"])
    needs(channels % block**2 == 0, f"{channels} channels do not divide into blocks of {block}×{block}")
    return (Out((batch, height * block, width * block, channels // block**2)),)


def _space_to_depth(call: Call) -> Sequence[Out]:
    batch, height, width, channels = call.shape(0, 4)
    block = _block(call, call.options["block_size"])
    needs(height % block == 0 == width % block, f"{height}×{width} do not divide into blocks of {block}×{block}")
    return (Out((batch, height // block, width // block, channels * block**2)),)


def _space_to_batch(call: Call) -> Sequence[Out]:
    shape, blocks, pads = call.shape(0), call.value(1), call.value(2)
    places = _places(shape, blocks, pads)
    padded = [size + pads[2 * axis] + pads[2 * axis + 1] for axis, size in enumerate(places)]
    needs(
        min(blocks, default=1) > 0 and all(size % block == 0 for size, block in zip(padded, blocks, strict=True)),
        f"{padded} do not divide into blocks of {list(blocks)}",
    )
    made = (size // block for size, block in zip(padded, blocks, strict=True))
    return (Out((shape[0] * prod(blocks), *made, *shape[1 + len(blocks) :])),)


def _batch_to_space(call: Call) -> Sequence[Out]:
    shape, blocks, crops = call.shape(0), call.value(1), call.value(2)
    places = _places(shape, blocks, crops)
    needs(min(blocks, default=1) > 0 and shape[0] % prod(blocks) == 0, f"{shape[0]} examples in {list(blocks)} blocks")
    made = tuple(
        size * block - crops[2 * axis] - crops[2 * axis + 1]
        for axis, (size, block) in enumerate(zip(places, blocks, strict=True))
    )
    needs(min(made, default=0) >= 0, f"it crops {list(crops)} of {places}")
    return (Out((shape[0] // prod(blocks), *made, *shape[1 + len(blocks) :])),)


def _places(shape: Shape, blocks: Sequence[int], edges: Sequence[int]) -> Shape:
    """Return the axes that are cut into blocks; each has two edges."""
    needs(len(shape) > len(blocks) and len(edges) == 2 * len(blocks), f"{shape} in {len(blocks)} axes of blocks")
    return shape[1 : 1 + len(blocks)]


def _diagonal(call: Call) -> Sequence[Out]:
    shape = call.shape(0)
    needs(len(shape) > 0, "a diagonal has an axis")
    return (Out((*shape, shape[-1])),)


OPERATORS = {
    "RESHAPE": Operator(_reshape, role="layout", in_place=True),
    "SQUEEZE": Operator(_squeeze, role="layout", in_place=True),
    "EXPAND_DIMS": Operator(_expand_dims, role="layout", in_place=True),
    "TRANSPOSE": Operator(_transpose, role="layout"),
    "CONCATENATION": Operator(_concatenation, weights=None, role="carrier"),
    "PACK": Operator(_pack, weights=None, role="carrier"),
    "UNPACK": Operator(_unpack, weights=(0,), role="carrier"),
    "SPLIT": Operator(_split, weights=(1,), role="carrier"),
    "SPLIT_V": Operator(_split_v, weights=(0,), role="carrier"),
    "SLICE": Operator(_slice, weights=(0,), role="carrier"),
    **dict.fromkeys(("PAD", "PADV2", "MIRROR_PAD"), Operator(_pad, weights=(0,), role="carrier")),
    "TILE": Operator(_tile, weights=(0,), role="carrier"),
    "BROADCAST_TO": Operator(_broadcast_to, weights=(0,), role="carrier"),
    "DEPTH_TO_SPACE": Operator(_depth_to_space, role="carrier"),
    "SPACE_TO_DEPTH": Operator(_space_to_depth, role="carrier"),
    "SPACE_TO_BATCH_ND": Operator(_space_to_batch, role="carrier"),
    "BATCH_TO_SPACE_ND": Operator(_batch_to_space, role="carrier"),
    **dict.fromkeys(("REVERSE_V2", "REVERSE_SEQUENCE"), Operator(weights=(0,), role="carrier")),
    "DYNAMIC_UPDATE_SLICE": Operator(weights=(0, 1)),
    "MATRIX_DIAG": Operator(_diagonal, weights=(0,)),
    "MATRIX_SET_DIAG": Operator(weights=(0, 1)),
}
