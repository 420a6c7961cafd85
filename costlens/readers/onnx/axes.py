"""The sizes of a file's inputs: which are free, what they are set to, and which axis is the batch.

A free axis is known by the name that the file gives it, or as ``x:2``, axis 2 of the input x, where the name says
nothing (``?``, ``dynamic``). The batch is the axis that is called one (``N``, ``batch_size``), is the first of an input
and of no input two; a mere letter is not believed where MACs grow faster than it. Else it is the first axis of every
input, where its name says nothing, the MACs are proportional to it, and it arrives as a batch where convolutions,
recurrent layers and attention have theirs. Names with a number that exporters make up (``unk__7``, ``unk__8``) may mean
one axis. Sizes of 0 and −1, which some exporters write, are free.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from costlens.arithmetic.sizes import AnySize, Size, Variable, axis
from costlens.errors import UsageError, did_you_mean
from costlens.readers.onnx.tensor import Shape

_MEANINGLESS = frozenset({"", "?", "-1", "0", "any", "dyn", "dynamic", "none", "null", "unk", "unknown", "*"})
_BATCH = re.compile(r"n|b|bs|.*batch.*|num_?samples", re.IGNORECASE)
_LETTER = re.compile(r"n|b|bs|num_?samples", re.IGNORECASE)
"""Names that a batch has, and at times the nodes of a graph or the points of a cloud, too."""
_NOT_BATCH = re.compile(
    r"t|h|w|l|s|k|.*(time|seq|len|length|frame|step|token|word|char|sample|height|width|size|depth|channel|point|box|"
    r"row|col|dim_?[1-9]|past|cache|chunk|vocab).*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r".*:0|unk__\d+|.*DynamicDimension\.\d+|.*_dynamic_axes_\d+")
"""What exporters call an axis that has no name: each input's has its own, though the sizes may have to be equal."""


@dataclass(frozen=True, slots=True)
class Axes:
    """The inputs' shapes with free axes as variables, the names of these, and which may be the batch.

    ``named`` is the axis that is called a batch, ``perhaps`` those that could be one by their places.
    """

    shapes: Mapping[str, Shape]
    free: tuple[str, ...]
    named: str | None
    perhaps: tuple[str, ...]


def axes(inputs: Sequence[Any], sizes: Mapping[str, int], shapes: Mapping[str, Sequence[int]]) -> Axes:
    """Read the inputs' shapes; ``sizes`` by axis, ``shapes`` by input, a size too where it has one axis.

    UsageError for an axis or an input that there is not.
    """
    names = [value.name for value in inputs]
    if twice := next((name for index, name in enumerate(names) if name in names[:index]), None):
        raise UsageError(f"two inputs are called {twice}")
    _require(shapes, names, "input", names)
    keys = {
        value.name: [_key(value.name, index, size) for index, size in enumerate(value.type.tensor.shape.dim)]
        for value in inputs
        if value.type.HasField("tensor") and value.type.tensor.HasField("shape")
    }
    free_names = sorted({key for each in keys.values() for key in each if key})
    places = [f"{name}:{index}" for name, each in keys.items() for index in range(len(each))]
    whole = {name: (size,) for name, size in sizes.items() if name in names and name not in free_names}
    _require(sizes, [*free_names, *places, *whole], "axis", free_names)
    shapes = {**whole, **shapes}
    found: dict[str, Shape] = {}
    for value in inputs:
        given = shapes.get(value.name)
        if value.name not in keys:
            if given is not None:
                found[value.name] = tuple(given)
            continue
        dims = value.type.tensor.shape.dim
        if given is not None and len(given) != len(dims):
            raise UsageError(f"input {value.name} has {len(dims)} axes, received {len(given)} sizes: {list(given)}")
        found[value.name] = tuple(
            _size(value.name, index, size, keys[value.name][index], sizes, given) for index, size in enumerate(dims)
        )
    free = tuple(sorted({name for shape in found.values() for size in shape for name in _names(size)}))
    return Axes(found, free, *_batch(found, free))


def sizes_to_give(inputs: Sequence[Any]) -> tuple[str, ...]:
    """Return the names of free axes, then the inputs, then the places of free axes (``x:1``)."""
    found = axes(inputs, {}, {})
    places = [
        f"{name}:{index}" for name, shape in found.shapes.items() for index, size in enumerate(shape) if _names(size)
    ]
    return tuple(dict.fromkeys([*found.free, *(value.name for value in inputs), *places]))


def _require(given: Iterable[str], known: Sequence[str], what: str, shown: Sequence[str]) -> None:
    for name in given:
        if name not in known:
            guess = did_you_mean(name, known) or f"; it has {', '.join(shown) or 'none that is free'}"
            raise UsageError(f"the model has no {what} {name}{guess}")


def _names(size: AnySize) -> frozenset[str]:
    return size.axes if isinstance(size, Size) else frozenset()


def _key(name: str, index: int, size: Any) -> str:
    """Return what a free axis is called; empty for an axis whose size the file tells."""
    if size.HasField("value") and size.value > 0:
        return ""
    written = str(size.param)
    return f"{name}:{index}" if written.strip().lower() in _MEANINGLESS else written


def _size(name: str, index: int, size: Any, key: str, sizes: Mapping[str, int], given: Sequence[int] | None) -> AnySize:
    place = f"{name}:{index}"
    wanted = given[index] if given is not None else sizes.get(place, sizes.get(key) if key else None)
    if wanted is not None and wanted < 1:
        raise UsageError(f"axis {place}: expected a size of 1 or more, received {wanted}")
    if not key:
        if wanted is not None and wanted != size.value:
            raise UsageError(
                f"axis {place} is {size.value} in the file, received {wanted}; only a free axis has a size to give"
            )
        return int(size.value)
    return axis(key) if wanted is None else wanted


def is_letter(name: str) -> bool:
    """Say whether a batch's name is so short that other axes have it, too: ``N`` is also the nodes of a graph."""
    return _LETTER.fullmatch(name) is not None


def _batch(shapes: Mapping[str, Shape], free: Sequence[str]) -> tuple[str | None, tuple[str, ...]]:
    """Return the free axis that is called a batch, and those that may be one by their places."""
    firsts = [shape[0] for shape in shapes.values() if shape]
    later = {name for shape in shapes.values() for size in shape[1:] for name in _names(size)}
    twice = {name for name in free for shape in shapes.values() if sum(name in _names(size) for size in shape) > 1}
    named = [name for name in free if _BATCH.fullmatch(name) and name not in twice]
    if len(named) == 1 and any(_names(size) == {named[0]} for size in firsts):
        return named[0], ()
    leading = tuple(dict.fromkeys(name for size in firsts for name in _names(size)))
    if not leading or any(isinstance(size, int) for size in firsts) or later & {*leading}:
        return None, ()
    if len(leading) == 1 and _NOT_BATCH.fullmatch(leading[0]) and ":" not in leading[0]:
        return None, ()
    if len(leading) > 1 and not all(map(_NUMBERED.fullmatch, leading)):
        return None, ()
    return None, leading


def is_linear(size: AnySize, name: str) -> bool:
    """Say whether a size grows at most as an axis does.

    >>> from costlens.arithmetic.sizes import axis
    >>> n = axis("n")
    >>> is_linear(n * 64 + 1, "n"), is_linear(7, "n"), is_linear(n * n, "n"), is_linear((n + 1) // 2, "n")
    (True, True, False, False)
    """
    terms = size.terms if isinstance(size, Size) else ()
    variables = size.variables if isinstance(size, Size) else ()
    rounded = any(name in each.of.axes for each in variables if each.of is not None)
    return not rounded and all(term.count(Variable(name)) <= 1 for term, _ in terms)


def proportional(size: AnySize, name: str) -> AnySize | None:
    """Return what a size is for each unit of an axis where it is proportional to it; None where it is not.

    >>> from costlens.arithmetic.sizes import axis
    >>> n = axis("n")
    >>> proportional(n * 64, "n"), proportional(n * 64 + 1, "n"), proportional(0, "n")
    (64, None, 0)
    """
    if isinstance(size, int):
        return 0 if size == 0 else None
    variable = Variable(name)
    found: AnySize = 0
    for term, factor in size.terms:
        rest = list(term)
        if rest.count(variable) != 1:
            return None
        rest.remove(variable)
        if any(name in one.of.axes for one in rest if one.of is not None):
            return None
        found = found + Size(((tuple(rest), factor),)) * 1 if rest else found + factor
    return found
