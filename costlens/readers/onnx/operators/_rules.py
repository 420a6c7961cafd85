"""Rules that several families share: broadcasting, axes, windows, and values computed from small constants."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import product as combinations
from math import prod
from typing import Any

from costlens.arithmetic.sizes import AnySize, Size, UndecidedError, difference, smallest
from costlens.readers.onnx.operators._operator import Call, ContradictionError, NotCountedError, Out
from costlens.readers.onnx.tensor import MOST_VALUES, Shape, Value

_BOTH_WAYS = 7
"""The opset since which each operand may be broadcast."""


def axis_of(axis: AnySize, rank: int) -> int:
    """Return an axis counted from the front; ContradictionError where there is none of that number."""
    if not isinstance(axis, int):
        raise NotCountedError("an axis depends on a free axis")
    if not -rank <= axis < max(rank, 1):
        raise ContradictionError(f"axis {axis} of a tensor with {rank} axes")
    return axis + rank if axis < 0 else axis


def axes_of(axes: Sequence[AnySize], rank: int) -> list[int]:
    """Return axes counted from the front."""
    return [axis_of(axis, rank) for axis in axes]


def broadcast(call: Call, *shapes: Shape) -> Shape:
    """Return the common shape of operands; the sizes of an axis are equal or 1.

    Sizes that free axes decide are taken to be equal, and the largest where they are not 1 by themselves.
    https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md
    """
    rank = max(map(len, shapes))
    aligned = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple([_common(call, sizes) for sizes in zip(*aligned, strict=True)])


def _common(call: Call, sizes: Sequence[AnySize]) -> AnySize:
    first, *others = dict.fromkeys(size for size in sizes if size != 1) or (1,)
    for size in others:
        if isinstance(first, int) and isinstance(size, int):
            raise ContradictionError(f"sizes {first} and {size} of one axis do not fit")
        if difference(first, size) is not None:
            raise NotCountedError(f"the sizes {first} and {size} must be equal, or one of them 1")
        first = call.same(first, size)
    return first


def count(shape: Shape) -> AnySize:
    """Return the number of values of a tensor."""
    return prod(shape)


def small(shape: Shape | None) -> bool:
    """Say whether a tensor's values are kept."""
    return shape is not None and all(isinstance(size, int) for size in shape) and prod(shape) <= MOST_VALUES


def strides(shape: Sequence[int]) -> list[int]:
    """Return how far apart neighbours along each axis are, row by row."""
    return [prod(shape[index + 1 :]) for index in range(len(shape))]


def picked(value: Value, shape: Sequence[int], indices: Sequence[Sequence[int]]) -> Value:
    """Return the values at the product of indices along each axis."""
    steps = strides(shape)
    offsets = [[index * step for index in each] for each, step in zip(indices, steps, strict=True)]
    return tuple(value[sum(each)] for each in combinations(*offsets))


def spread(value: Value, shape: Shape, to: Shape) -> Value:
    """Repeat values along the axes that are broadcast."""
    if len(value) == 1:
        return value * prod(to)
    if shape == to:
        return value
    aligned = (1,) * (len(to) - len(shape)) + tuple(shape)
    indices = [range(big) if size != 1 else [0] * big for size, big in zip(aligned, to, strict=True)]
    return picked(value, aligned, indices)


def computed(call: Call, shape: Shape, compute: Callable[..., Any]) -> Value | None:
    """Return ``compute`` of the operands, value by value; None where they are not all known."""
    given = [tensor for tensor in call.inputs if tensor is not None]
    known = [(one.value, one.shape) for one in given if one.value is not None and one.shape is not None]
    if not small(shape) or len(known) < len(given):
        return None
    try:
        return tuple(compute(*values) for values in zip(*(spread(*one, shape) for one in known), strict=True))
    except (UndecidedError, ArithmeticError, ValueError, TypeError):
        return None


def unary(compute: Callable[[Any], Any] | None = None, dtype: int | None = None) -> Callable[[Call], Sequence[Out]]:
    """Return the rule of an operator that maps each value of its first input."""

    def rule(call: Call) -> Sequence[Out]:
        first = call.input(0)
        value = None
        if compute is not None and first.value is not None:
            with suppress(UndecidedError, ArithmeticError, ValueError, TypeError):
                value = tuple(map(compute, first.value))
        return (Out(dtype or first.dtype, first.shape, value),)

    return rule


def joined(compute: Callable[..., Any] | None = None, dtype: int | None = None) -> Callable[[Call], Sequence[Out]]:
    """Return the rule of an operator that broadcasts its operands; before opset 7, the second one to the first."""

    def rule(call: Call) -> Sequence[Out]:
        if call.opset < _BOTH_WAYS and (call.attributes.get("broadcast") or call.op == "PRelu"):
            return (Out(dtype or call.input(0).dtype, call.shape(0)),)
        shape = broadcast(call, *[call.shape(index) for index in range(len(call.inputs)) if call.has(index)])
        value = computed(call, shape, compute) if compute else None
        return (Out(dtype or call.input(0).dtype, shape, value),)

    return rule


def quotient(left: Any, right: Any) -> Any:
    """Divide as onnxruntime does: integers towards zero."""
    if isinstance(left, float) or isinstance(right, float):
        if isinstance(left, Size) and float(right).is_integer():
            return left // int(right)
        return left / right
    if isinstance(left, Size) or isinstance(right, Size):
        return left // right
    found = abs(left) // abs(right)
    return found if (left < 0) == (right < 0) else -found


def times(left: Any, right: Any) -> Any:
    """Multiply; a size times a whole float stays a size."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Size) and isinstance(other, float):
            if not other.is_integer():
                raise UndecidedError(f"({one})·{other}")
            return one * int(other)
    return left * right


def compared(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    """Return a comparison that raises UndecidedError where it depends on a free axis."""

    def one(left: Any, right: Any) -> bool:
        if not isinstance(left, Size) and not isinstance(right, Size):
            return compare(left, right)
        apart = difference(left, right)
        if apart is not None:
            return compare(apart, 0)
        low, high = smallest(left - right), smallest(right - left)
        if low is not None and low > 0:
            return compare(1, 0)
        if high is not None and high > 0:
            return compare(-1, 0)
        raise UndecidedError(f"{left} against {right}")

    return one


def window(
    call: Call, size: AnySize, reach: int, stride: int, pads: int, *, ceil: bool = False, before: int = 0
) -> AnySize:
    """Return the number of positions of a sliding window; ContradictionError where it does not fit once.

    ``⌊(size + pads − reach)/stride⌋ + 1``; rounded up with ``ceil``, and then without a last window that would begin
    in the padding at the end, as onnxruntime and PyTorch round (PyTorch, pooling_output_shape).
    """
    room = size + pads - reach
    if isinstance(room, int) and room < 0:
        raise ContradictionError(f"a window of {reach} does not fit into {size} + {pads} of padding")
    call.needs(room)
    if not ceil:
        return room // stride + 1
    positions = (room + stride - 1) // stride + 1
    last = (positions - 1) * stride
    apart = difference(last, size + before)
    if apart is None:
        raise NotCountedError(f"whether the last of {positions} windows begins in the padding depends on a free axis")
    return positions - 1 if apart >= 0 else positions


def window_sizes(call: Call, sizes: Shape, kernel: Sequence[int]) -> Shape:
    """Return the positions of a convolution's or a pool's window along each spatial axis, by its attributes."""
    rank = len(sizes)
    steps, spread_ = per_axis(call, "strides", rank), per_axis(call, "dilations", rank)
    if len(kernel) != rank:
        raise ContradictionError(f"a kernel of {len(kernel)} axes over {rank} spatial axes")
    if any(one < 1 for one in (*steps, *spread_, *kernel)):
        raise ContradictionError(f"kernel {list(kernel)}, strides {steps}, dilations {spread_}: each must be 1 or more")
    reach = [(size - 1) * apart + 1 for size, apart in zip(kernel, spread_, strict=True)]
    padding = call.attributes.get("auto_pad", "NOTSET")
    if padding in ("SAME_UPPER", "SAME_LOWER"):
        return tuple((size + step - 1) // step for size, step in zip(sizes, steps, strict=True))
    pads = pads_of(call, rank) if padding != "VALID" else [0] * (2 * rank)
    ceil = bool(call.attributes.get("ceil_mode", 0))
    return tuple(
        window(call, size, far, step, pads[index] + pads[index + rank], ceil=ceil, before=pads[index])
        for index, (size, far, step) in enumerate(zip(sizes, reach, steps, strict=True))
    )


def per_axis(call: Call, name: str, rank: int) -> list[int]:
    """Return an attribute with a number per spatial axis; 1 where it is left out."""
    found = list(call.attributes.get(name) or [1] * rank)
    if len(found) != rank:
        raise ContradictionError(f"{name} {found} over {rank} spatial axes")
    return found


def pads_of(call: Call, rank: int) -> list[int]:
    """Return the padding before and after each spatial axis: all befores, then all afters."""
    found = list(call.attributes.get("pads") or [0] * (2 * rank))
    if len(found) != 2 * rank:
        raise ContradictionError(f"pads {found} over {rank} spatial axes")
    return found


def used_at(*sizes: AnySize) -> tuple[AnySize, ...]:
    """Return positions without those of size 1, which a formula can do without."""
    return tuple(size for size in sizes if size != 1)
