"""Which kernels are alike: those of an operator that walk through memory in the same way."""

from itertools import takewhile
from math import prod

from costlens.runtimes._operation import Operation

_VOLUME = 3
_OF_TWO = frozenset({"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "PRelu"})
_OF_ROWS = frozenset({"Concat", "Split", "Slice", "Pad"})
_PAIR = 2


def class_of(operation: Operation) -> str:
    """Return the class of a kernel, of which the operator is the first word.

    Convolutions are told apart by layout and groups; products and sums of two by whether one of them is read again;
    transposes by what stays together; reductions, softmax and what joins or cuts by the axis.

    >>> from costlens.runtimes._operation import Operand
    >>> x, w = Operand((1, 8, 4, 4)), Operand((16, 8, 1, 1), stored=True)
    >>> class_of(Operation("nchwc.Conv", (x, w), (Operand((1, 16, 4, 4)),)))
    'nchwc.Conv 1x1'
    >>> class_of(Operation("Mul", (x, Operand((), stored=True)), (x,)))
    'Mul scalar'
    """
    bare = operation.op.replace("Fused", "").removeprefix("microsoft.")
    if bare.endswith("Conv") and operation.read[1:]:
        return _convolution(bare, operation)
    if not operation.read:
        return bare
    return f"{bare} {_way(bare, operation)}".rstrip()


def wider(kind: str) -> str:
    """Return what a class is a part of: all kernels of its operator.

    >>> wider("nchwc.Conv 1x1")
    'any nchwc.Conv'
    """
    return f"any {kind.partition(' ')[0]}"


def row_length(operation: Operation) -> int:
    """Return how many numbers in a row a kernel of two tensors handles alike; 1 of other kernels.

    >>> from costlens.runtimes._operation import Operand
    >>> x = Operand((1, 8, 4, 5))
    >>> others = (1, 8, 1, 1), (1, 8, 4, 1), (4, 5), (8, 4, 5)
    >>> [row_length(Operation("Add", (x, Operand(shape)), (x,))) for shape in others]
    [20, 5, 20, 160]
    """
    if operation.op not in _OF_TWO or not operation.read[1:]:
        return 1
    made = operation.outputs[0].shape
    small = min(operation.read, key=lambda each: each.elements).shape
    small = (1,) * (len(made) - len(small)) + small
    axes = [*zip(reversed(made), reversed(small), strict=True)]
    is_one = small[-1:] == (1,)
    alike = takewhile(lambda each: (each[1] == 1) if is_one else each[0] == each[1], axes)
    return prod(size for size, _ in alike)


def _convolution(bare: str, operation: Operation) -> str:
    filters, inputs, *kernel = operation.read[1].shape
    groups = operation.attribute.get("group", 1)
    if len(kernel) == _VOLUME:
        bare += " 3-D"
    if groups != 1:
        return f"{bare} {'depthwise' if inputs == 1 and filters == groups else 'grouped'}"
    if bare.startswith("nchwc") and operation.read[0].shape[1] == inputs and inputs % 4:
        return f"{bare} first"
    return f"{bare} 1x1" if prod(kernel) == 1 else bare


def _way(bare: str, operation: Operation) -> str:
    """Return how a kernel walks through memory, where its operator has several ways."""
    first, made = operation.read[0].shape, operation.outputs[0].shape
    last = len(first) - 1
    if bare in _OF_TWO:
        sizes = {each.elements for each in operation.read}
        return "" if len(sizes) == 1 else "scalar" if 1 in sizes else "broadcast"
    if bare == "Transpose":
        return _moved(first, operation.attribute.get("perm", ()))
    if bare.startswith("Reduce") and operation.read[1:]:
        return "inner" if last in operation.read[1].values else "outer"
    if bare in {"Softmax", "LogSoftmax"}:
        return "" if operation.attribute.get("axis", -1) in {-1, last} else "outer"
    if bare in _OF_ROWS:
        return "inner" if first[-1:] != made[-1:] else "outer"
    return ""


def _moved(shape: tuple[int, ...], perm: object) -> str:
    """Return what a transpose does with memory: nothing but copy, swap two axes, move rows, or mix all.

    Axes of one are left out, and those that stay together count as one.

    >>> _moved((1, 8, 4, 3), (0, 3, 1, 2)), _moved((1, 1, 8, 4), (0, 2, 1, 3)), _moved((1, 8, 4, 3), (0, 2, 1, 3))
    ('swap', 'copy', 'rows')
    >>> _moved((1, 8, 2, 2, 4, 4), (0, 1, 4, 2, 5, 3))
    'mixed'
    """
    order = perm if isinstance(perm, tuple) and perm else tuple(reversed(range(len(shape))))
    kept = [int(axis) for axis in order if shape[int(axis)] != 1]
    places = {axis: place for place, axis in enumerate(sorted(kept))}
    moved = [places[axis] for axis in kept]
    if moved == sorted(moved):
        return "copy"
    if moved[-1] == len(moved) - 1:
        return "rows"
    begun = next(place for place, axis in enumerate(moved) if place != axis)
    breaks = sum(after != before + 1 for before, after in zip(moved[begun:], moved[begun + 1 :], strict=False))
    return "swap" if breaks < _PAIR else "mixed"
