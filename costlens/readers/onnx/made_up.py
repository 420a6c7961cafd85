"""Inputs that fit a graph: an index lies in its table, a length is as long as its axis, a condition costs most.

What the graph does with an input is followed to the operators that ask something of it (:mod:`.uses`). What a length
must be for sizes to be equal is read from a walk in which it is a variable. What nothing asks for goes by its name, and
else is left to chance.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor, isfinite, prod
from pathlib import Path
from typing import Any

from costlens.arithmetic.sizes import Size, axis
from costlens.readers.onnx import file
from costlens.readers.onnx.steps import Step, Walk, WalkError
from costlens.readers.onnx.tensor import BOOL, FLOATS, INTEGERS, NAMES, Shape
from costlens.readers.onnx.uses import alone, fitting, table
from costlens.readers.onnx.walk import inputs_of, walk
from costlens.runtimes import Input

_FEW = 16
"""A tensor of this many numbers or fewer may hold lengths or sizes."""
_LONGEST = 1 << 20
_ITS_TABLE, _ITS_AXIS, _ITS_NAME = "its table", "its axis", "by its name"
_RATE = re.compile(r"sr|fs|.*sampl\w*_?(rate|freq)\w*", re.IGNORECASE)
_MASK = re.compile(r".*mask.*", re.IGNORECASE)
_LENGTH = re.compile(r"(?:(.*?)_?(?:lens?|lengths?|sizes?)|(?:lens?|lengths?|num|n)_(?:of_)?(.+))", re.IGNORECASE)
_HERTZ = 16_000

_FIRST = frozenset({0})
_CARRY: Mapping[str, frozenset[int] | None] = {
    **dict.fromkeys(
        (
            "Cast", "Clip", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "Pad", "ReduceMax",
            "ReduceMin", "Reshape", "Slice", "Split", "Squeeze", "Tile", "Transpose", "Trilu", "Unsqueeze",
        ),
        _FIRST,
    ),
    **dict.fromkeys(("Concat", "Max", "Min"), None),
    "Where": frozenset({1, 2}),
    "ScatterElements": frozenset({0, 2}),
    "ScatterND": frozenset({0, 2}),
}  # fmt: skip
"""The operands whose numbers an operator passes on; None is all."""


@dataclass(frozen=True, slots=True)
class _Trace:
    """A tensor is ``scale`` × an input + a number from ``low`` to ``high``."""

    name: str
    scale: Fraction = Fraction(1)
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    def within(self, size: int) -> tuple[int, int]:
        """Return the least and the largest number of the input for which the tensor is an index into a table."""
        ends = ((0 - self.low) / self.scale, (size - 1 - self.high) / self.scale)
        return ceil(min(ends)), floor(max(ends))

    def before(self, numbers: Sequence[float]) -> tuple[float, ...] | None:
        """Return the input for which the tensor holds these numbers; None where it is no whole ones."""
        if self.scale == 1 and self.low == self.high == 0:
            return tuple(numbers)
        found = [(Fraction(number) - self.low) / self.scale for number in numbers]
        if self.low != self.high or any(one.denominator != 1 for one in found):
            return None
        return tuple(map(int, found))


def made_up(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Input]:
    """Return what to run an ONNX file on: inputs of these shapes, integers and conditions as its graph asks for."""
    model = file.model(path)
    kinds = {one.name: one.type.tensor.elem_type for one in inputs_of(model.graph)}
    found = {name: Input(shape, NAMES.get(kinds.get(name, 0), "")) for name, shape in shapes.items()}
    chosen = [name for name in shapes if name in kinds and kinds[name] not in FLOATS]
    uses = _uses(_walked(model, shapes), {*shapes})
    found |= _ranges(uses, found, chosen)
    for bounded in (False, True):  # sizes that must be equal say more than what one operator asks, and that than bounds
        left = [name for name in chosen if not _settled(found[name]) and prod(shapes[name]) <= _FEW]
        found |= _lengths(model, found, [name for name in left if kinds[name] in INTEGERS], bounded=bounded)
        for name, steps in uses.items() if not bounded else ():
            if not _settled(found[name]):
                found[name] = _asked(steps, found[name])
    for name in chosen:
        if not _settled(found[name]):
            found[name] = _decided(model, found, name, uses.get(name, ())) or _named(name, kinds[name], found)
        if not _settled(found[name]) and any(alone(step, place) for step, place, _ in uses.get(name, ())):
            found[name] = replace(found[name], values=(1,), why="nothing says how long it is")
    return found


def _settled(one: Input) -> bool:
    return bool(one.values) or one.high is not None


def _walked(model: Any, shapes: Mapping[str, Shape], values: Mapping[str, tuple[Any, ...]] | None = None) -> Walk:
    try:
        return walk(model, shapes, values, both=True)
    except WalkError:
        return Walk() if values is None else _walked(model, shapes)


Use = tuple[Step, int, _Trace]


def _uses(walked: Walk, names: Iterable[str]) -> dict[str, list[Use]]:
    """Return, by input, the steps that read it or what carries its numbers: step, operand, and how they changed."""
    traces: dict[int, tuple[_Trace, ...]] = {id(one): (_Trace(one.name),) for one in walked.inputs if one.name in names}
    found: dict[str, list[Use]] = {}
    for step in walked.steps:
        passed: list[_Trace] = []
        for place, one in enumerate(step.inputs):
            for trace in traces.get(id(one), ()):
                found.setdefault(trace.name, []).append((step, place, trace))
                passed += _passed(step, place, trace)
        for made in step.outputs if passed else ():
            if made is not None:
                traces[id(made)] = tuple(dict.fromkeys(passed))[:_FEW]
    return found


def _passed(step: Step, place: int, trace: _Trace) -> Iterator[_Trace]:
    """Yield how an operator's output is made of the numbers of an operand; nothing where that is not known."""
    carried = _CARRY.get(step.op, frozenset())
    if carried is None or place in carried:
        yield trace
        return
    if step.op == "Neg":
        yield _Trace(trace.name, -trace.scale, -trace.high, -trace.low)
    if step.op not in ("Add", "Sub", "Mul", "Div") or len(step.inputs) != 2:  # noqa: PLR2004
        return
    other = step.inputs[1 - place]
    numbers = other.value if other is not None else None
    if not numbers or not all(isinstance(one, (int, float)) and isfinite(one) for one in numbers):
        return
    low, high = Fraction(min(numbers)), Fraction(max(numbers))
    if step.op == "Add":
        yield replace(trace, low=trace.low + low, high=trace.high + high)
    elif step.op == "Sub" and place == 0:
        yield replace(trace, low=trace.low - high, high=trace.high - low)
    elif step.op == "Sub":
        yield _Trace(trace.name, -trace.scale, low - trace.high, high - trace.low)
    elif low == high > 0 and step.op == "Mul":
        yield _Trace(trace.name, trace.scale * low, trace.low * low, trace.high * low)
    elif low == high > 0 and place == 0:  # a quotient of integers is rounded down
        yield _Trace(trace.name, trace.scale / low, trace.low / low, (trace.high - low + 1) / low)


def _ranges(uses: Mapping[str, Sequence[Use]], found: Mapping[str, Input], chosen: Iterable[str]) -> dict[str, Input]:
    """Return the inputs that are indices, between the bounds of all the tables that they index."""
    ranged = {}
    for name in chosen:
        bounds = [trace.within(size) for step, place, trace in uses.get(name, ()) if (size := table(step, place))]
        low, high = max((low for low, _ in bounds), default=0), min((high for _, high in bounds), default=-1)
        if bounds and low <= high:
            ranged[name] = replace(found[name], low=low, high=high, why=_ITS_TABLE)
    return ranged


def _lengths(model: Any, inputs: Mapping[str, Input], names: Sequence[str], *, bounded: bool) -> dict[str, Input]:
    """Return those inputs whose numbers have to be a size of an axis; ``bounded``: those that must not be larger."""
    if not names:
        return {}
    shapes = {name: one.shape for name, one in inputs.items()}
    unknown = {
        name: tuple(axis(f"number {index} of {name}", data=True) for index in range(prod(shapes[name])))
        for name in names
    }
    known = {name: one.values for name, one in inputs.items() if len(one.values) == prod(one.shape)}
    try:
        walked = walk(model, shapes, {**known, **unknown})
    except WalkError:
        return {}
    sizes = sorted({size for shape in shapes.values() for size in shape}, reverse=True)
    settled: dict[str, int] = {}
    for name in (one for each in unknown.values() for size in each for one in size.axes):
        number = _largest(walked, name, settled) if bounded else _equal(walked, name, settled, sizes)
        if number is not None:
            settled[name] = number
    found = {}
    for name, each in unknown.items():
        numbers = [settled[variable] for size in each for variable in size.axes if variable in settled]
        if len(numbers) == len(each) > 0:
            found[name] = replace(inputs[name], values=tuple(numbers), why=_ITS_AXIS)
    return found


def _equal(walked: Walk, name: str, settled: Mapping[str, int], sizes: Sequence[Any]) -> int | None:
    """Return the number that makes equal what must be; None where nothing must, and where none does."""
    apart = [one for left, right in walked.equal if _of(one := left - right, name, settled)]
    least = [size for size in walked.conditions if _of(size, name, settled)]
    tried: tuple[int, ...] = (*sizes, *range(1, 4 * max(sizes, default=1) + 1)) if apart else ()
    for number in tried:
        known = {**settled, name: number}
        if all(size.at(known) == 0 for size in apart) and all(size.at(known) >= 0 for size in least):
            return number
    return None


def _largest(walked: Walk, name: str, settled: Mapping[str, int]) -> int | None:
    """Return the largest number with which no size is below 0; None where there is none such, or no end."""
    least = [size for size in walked.conditions if _of(size, name, settled)]

    def holds(number: int) -> bool:
        return all(size.at({**settled, name: number}) >= 0 for size in least)

    if holds(_LONGEST) or not holds(1):
        return None
    low, high = 1, _LONGEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _of(size: Any, name: str, settled: Mapping[str, int]) -> bool:
    """Say whether a size depends on a number, and on no other that is not settled."""
    return isinstance(size, Size) and name in size.axes and size.axes <= {name, *settled}


def _asked(uses: Sequence[Use], one: Input) -> Input:
    """Return an input with the numbers that the first operator asks for which asks for any."""
    for step, place, trace in uses:
        numbers = fitting(step, place)
        before = trace.before(numbers) if numbers else None
        if before and (len(before) == prod(one.shape) or len({*before}) == 1):
            return replace(one, values=before[:1] if len({*before}) == 1 else before, why=f"as {step.op} asks")
    return one


def _decided(model: Any, found: Mapping[str, Input], name: str, uses: Sequence[Use]) -> Input | None:
    """Return the number of an input that decides a branch: the one with which most is multiplied."""
    shapes = {other: one.shape for other, one in found.items()}
    numbers: list[Any] = []
    for step, place, trace in uses if prod(shapes[name]) == 1 else ():
        if step.op == "If":
            numbers += [True, False] if trace.scale == 1 else []
        if step.op == "Equal" and (other := step.inputs[1 - place]) is not None:
            numbers += trace.before(other.value or ()) or ()
    if not numbers:
        return None
    known = {other: one.values for other, one in found.items() if len(one.values) == prod(one.shape)}
    cost = {}
    for number in dict.fromkeys(numbers):
        macs = _walked(model, shapes, {**known, name: (number,)}).macs
        cost[number] = macs if isinstance(macs, int) else 0
    best = max(cost, key=lambda number: (cost[number], number))
    return replace(found[name], values=(best,), why="the branch that costs most")


def _named(name: str, kind: int, found: Mapping[str, Input]) -> Input:
    """Return an input that nothing in the graph decides: by its name, else left to chance."""
    one = found[name]
    if kind == BOOL or kind not in INTEGERS:
        return one
    if _RATE.fullmatch(name):
        return replace(one, values=(_HERTZ,), why=_ITS_NAME)
    if _MASK.fullmatch(name):
        return replace(one, values=(1,), why=_ITS_NAME)
    if (match := _LENGTH.fullmatch(name)) and len(one.shape) <= 1:
        stem = (match[1] or match[2] or "").lower().rstrip("s_")
        others = {other: each.shape for other, each in found.items() if other != name and len(each.shape) > 1}
        named = [shape for other, shape in others.items() if stem and stem in other.lower()] or [*others.values()]
        if named:
            shape = max(named, key=len)
            return replace(one, values=(shape[1],), why=f"{_ITS_AXIS}, {_ITS_NAME}")
    return one
