"""Operators that make tensors: constants, ranges, random numbers, resized grids."""

from collections.abc import Sequence
from math import floor
from struct import pack, unpack
from typing import Any

from costlens.arithmetic.cost import Cost, dense, interpolation
from costlens.arithmetic.sizes import AnySize, Size
from costlens.readers.onnx.operators._operator import Call, ContradictionError, NotCountedError, Operator, Out
from costlens.readers.onnx.operators._rules import count, small, used_at
from costlens.readers.onnx.tensor import FLOAT, INT64, Shape, stored


def _constant(call: Call) -> Sequence[Out]:
    """Return the tensor of a Constant node; the attributes are those of opset 13 and before."""
    kinds = {"value_int": INT64, "value_ints": INT64, "value_float": FLOAT, "value_floats": FLOAT}
    for name, value in call.attributes.items():
        if name == "value":
            made = stored(value, "")
            return (Out(made.dtype, made.shape, made.value),)
        if name == "sparse_value":
            return (Out(value.values.data_type, tuple(value.dims)),)
        if name in kinds:
            many = name.endswith("s")
            return (Out(kinds[name], (len(value),) if many else (), tuple(value) if many else (value,)),)
        if name in ("value_string", "value_strings"):
            return (Out(8, (len(value),) if name.endswith("s") else ()),)
    raise ContradictionError("Constant has no value")


def _constant_of_shape(call: Call) -> Sequence[Out]:
    filled = call.attributes.get("value")
    kind, number = FLOAT, 0.0
    if filled is not None:
        tensor = stored(filled, "")
        kind, number = tensor.dtype, (tensor.value or (None,))[0]
    shape = call.ints(0)
    value = (number,) * _count(shape) if number is not None and small(shape) else None
    return (Out(kind, shape, value),)


def _count(shape: Shape) -> int:
    found = 1
    for size in shape:
        found *= int(size)
    return found


def _range(call: Call) -> Sequence[Out]:
    kind = call.input(0).dtype
    (start,), (limit,), (step,) = (call.value(index) for index in range(3))
    if step == 0 or isinstance(step, Size):
        raise ContradictionError(f"Range by a step of {step}")
    if isinstance(start, Size) or isinstance(limit, Size):
        if isinstance(step, float) and not step.is_integer():
            raise NotCountedError("the length of a Range depends on a free axis")
        whole = int(step)
        length: AnySize = (limit - start + whole - 1) // whole if whole > 0 else (start - limit - whole - 1) // -whole
        return (Out(kind, (length,)),)
    if isinstance(start, float) or isinstance(limit, float) or isinstance(step, float):
        length = max(-floor(-(limit - start) / step), 0)
        value = tuple(start + index * step for index in range(length)) if small((length,)) else None
        return (Out(kind, (length,), value),)
    numbers = range(int(start), int(limit), int(step))
    return (Out(kind, (len(numbers),), tuple(numbers) if small((len(numbers),)) else None),)


def _random(call: Call) -> Sequence[Out]:
    return (Out(call.attributes.get("dtype", FLOAT), tuple(call.attributes.get("shape", ()))),)


def _like(call: Call) -> Sequence[Out]:
    first = call.input(0)
    return (Out(call.attributes.get("dtype", first.dtype), first.shape),)


def _multinomial(call: Call) -> Sequence[Out]:
    return (Out(call.attributes.get("dtype", 6), (call.shape(0)[0], call.attributes.get("sample_size", 1))),)


def _resize(call: Call) -> Sequence[Out]:
    """Return the sizes asked for, or ``⌊size · scale⌋`` for each axis."""
    shape = call.shape(0)
    if call.opset < 11:  # noqa: PLR2004  # Upsample, and Resize of opset 10: X, scales
        scales = call.attributes.get("scales") or (call.value(1) if call.has(1) else ())
        sizes: tuple[AnySize, ...] = ()
    else:
        scales = call.value(2) if call.has(2) and call.input(2).shape != (0,) else ()
        sizes = call.ints(3) if call.has(3) else ()
    axes = call.attributes.get("axes")
    places = [axis % len(shape) for axis in axes] if axes else list(range(len(shape)))
    given = sizes or scales
    if len(given) != len(places):
        raise ContradictionError(f"{call.op} of {len(places)} axes with {len(given)} sizes or scales")
    if sizes and call.attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        return (Out(call.input(0).dtype, _kept_ratio(call, shape, sizes, places)),)
    made = list(shape)
    for index, axis in enumerate(places):
        made[axis] = sizes[index] if sizes else _scaled(shape[axis], scales[index])
    return (Out(call.input(0).dtype, tuple(made)),)


def _kept_ratio(call: Call, shape: Shape, sizes: Sequence[AnySize], places: Sequence[int]) -> Shape:
    known = [(size, shape[axis]) for size, axis in zip(sizes, places, strict=True)]
    if any(isinstance(one, Size) for pair in known for one in pair):
        raise NotCountedError("the ratio of a Resize depends on a free axis")
    pick = min if call.attributes["keep_aspect_ratio_policy"] == "not_larger" else max
    scale = pick(wanted / size for wanted, size in known)
    made = list(shape)
    for axis in places:
        made[axis] = floor(shape[axis] * scale + 0.5)
    return tuple(made)


def _scaled(size: AnySize, scale: Any) -> AnySize:
    """Return a size by a scale, rounded down: the product as a 32-bit number, as onnxruntime makes it."""
    if isinstance(size, int):
        (product,) = unpack("f", pack("f", size * float(scale)))
        return floor(product)
    if float(scale).is_integer():
        return size * int(scale)
    inverse = 1 / float(scale)
    if inverse.is_integer():
        return size // int(inverse)
    raise NotCountedError(f"{size} scaled by {scale} depends on a free axis")


def _resize_cost(call: Call) -> Cost:
    """Count what a value is mixed of on the axes that change: two neighbours on each, or four; none where it is copied.

    Four neighbours take ``4^axes`` products and one sum less.
    """
    made, mode = call.out(), call.attributes.get("mode", "nearest")
    axes = sum(old != new for old, new in zip(call.shape(0), made, strict=True))
    neighbours = {"linear": 1, "bilinear": 1, "cubic": 2}.get(mode, 0)
    return interpolation(neighbours * axes, count(made))


def _grid(call: Call) -> Sequence[Out]:
    shape, places = call.shape(0), call.shape(1)
    return (Out(call.input(0).dtype, (*shape[:2], *places[1:-1])),)


def _affine_grid(call: Call) -> Sequence[Out]:
    batch, _, *places = call.ints(1)
    return (Out(call.input(0).dtype, (batch, *places, len(places))),)


def _affine_cost(call: Call) -> Cost:
    """Return the product of each position, with a 1 behind it, and a matrix ``(axes, axes + 1)``."""
    *places, axes = call.out()
    return Cost((dense(axes + 1, axes, used_at(*places)),))


OPERATORS = {
    "Constant": Operator(_constant),
    "ConstantOfShape": Operator(_constant_of_shape),
    "Range": Operator(_range),
    "RandomNormal": Operator(_random),
    "RandomUniform": Operator(_random),
    "EyeLike": Operator(_like),
    "RandomNormalLike": Operator(_like),
    "RandomUniformLike": Operator(_like),
    "Bernoulli": Operator(_like),
    "Multinomial": Operator(_multinomial),
    "Resize": Operator(_resize, _resize_cost, weights=(0,)),
    "Upsample": Operator(_resize, _resize_cost, weights=(0,)),
    "GridSample": Operator(_grid, weights=(0, 1)),
    "AffineGrid": Operator(_affine_grid, _affine_cost, (0,), role="contraction"),
}
