"""What free axes must be for a walk's formulas to hold: ``for 3 ≤ time ≤ 512``, ``for multiples of 32 in width``."""

from bisect import bisect_left
from collections.abc import Iterator
from math import gcd, lcm

from costlens.arithmetic.sizes import AnySize, Size, Variable, axis
from costlens.readers.onnx.steps import Walk

_LARGEST = 1_000_000
"""No axis is larger, where one looks for the values of a free axis that the totals hold for."""


def conditions(walked: Walk) -> list[str]:
    """Return a sentence for each condition that a walk's formulas need."""
    units, equal = _units(walked)
    found = [*_ranges(walked, units), *equal]
    return [f"holds {each}" for each in dict.fromkeys(found)]


def only_sizes(walked: Walk) -> dict[str, int]:
    """Return the free axes that have one size in every run, by what must be equal: ``2·time`` and 472."""
    found: dict[str, int] = {}
    for left, right in walked.always:
        apart = left - right
        if isinstance(apart, int) or apart.of_data or len(apart.axes) != 1:
            continue
        (name,) = apart.axes
        least = apart.at({name: 0})
        each = apart.at({name: 1}) - least
        straight = isinstance(least, int) and isinstance(each, int) and each and apart == axis(name) * each + least
        if straight and least % each == 0 and -least // each > 0:
            found[name] = -least // each
    return found


def shown(size: Size, walked: Walk) -> str:
    """Write a formula, in ``(width/32)`` where width must be a multiple of 32 and that takes all roundings out."""
    units, _ = _units(walked)
    short = size.at({name: axis(f"({name}/{unit})") * unit for name, unit in units.items()})
    return str(short if _rounds(size) and not _rounds(short) else size)


def _rounds(size: Size) -> bool:
    return any(each.of is not None for each in size.variables)


def _ranges(walked: Walk, units: dict[str, int]) -> Iterator[str]:
    """Yield the values of each free axis for which all sizes are 0 or more, multiples where they have to be."""
    least, most, others = dict[str, int](), dict[str, int](), list[str]()
    for size in walked.conditions:
        names = size.axes
        if size.of_data or len(names) != 1:
            others.append(f"where {size} ≥ 0")
            continue
        (name,) = names
        low, high = _bounds(size, name)
        least[name] = max(low, least.get(name, 1))
        most[name] = min(high, most.get(name, _LARGEST))
    for name in dict.fromkeys((*least, *units)):
        unit = units.get(name, 1)
        low, high = -(-least.get(name, 1) // unit) * unit, most.get(name, _LARGEST)
        what = f"multiples of {unit:,} in {name}" if unit > 1 else name
        if high < _LARGEST:
            yield f"for {f'{low:,} ≤ ' if low > unit else ''}{what} ≤ {high:,}"
        elif low > unit:
            yield f"for {what} ≥ {low:,}"
        elif unit > 1:
            yield f"for {what}"
    yield from others


def _bounds(size: Size, name: str) -> tuple[int, int]:
    """Return the least and the largest value of an axis for which a size is 0 or more; it grows or shrinks with it."""

    def holds(value: int) -> bool:
        found = size.at({name: value})
        return isinstance(found, int) and found >= 0

    values = range(1, _LARGEST + 1)
    if holds(_LARGEST):
        return values[bisect_left(values, True, key=holds)], _LARGEST
    return 1, bisect_left(values, True, key=lambda value: not holds(value))


def _units(walked: Walk) -> tuple[dict[str, int], list[str]]:
    """Return of which number an axis must be a multiple for sizes to be equal, and what must be equal beside."""
    units, others = dict[str, int](), list[str]()
    for left, right in walked.equal:
        apart = left - right
        if apart.of_data:  # a run that ends has them equal
            continue
        if by := _multiple(left, right):
            name = _lone(left)
            if name is None:
                others.append(f"where {left} is a multiple of {by:,}")
            elif by > (factor := gcd(by, left.at({name: 1}))):
                units[name] = lcm(by // factor, units.get(name, 1))
            continue
        for name in apart.axes:
            if unit := _unit(apart, name):
                units[name] = lcm(unit, units.get(name, 1))
                break
        else:
            others.append(f"where {right} = {left}" if isinstance(left, int) else f"where {left} = {right}")
    return units, others


def _unit(apart: Size, name: str) -> int:
    """Return the number of which an axis is a multiple wherever a difference is 0 for all of its multiples; else 0."""
    unit = lcm(*_divisors(apart))
    return unit if unit > 1 and apart.at({name: axis(name) * unit}) == 0 else 0


def _multiple(size: AnySize, rounded: AnySize) -> int:
    """Return the number of which a size must be a multiple to equal itself rounded down to one; 0 for other sizes."""
    return next((by for by in _divisors(rounded) if isinstance(size, Size) and size // by * by == rounded), 0)


def _lone(size: Size) -> str | None:
    """Return the axis of which a size is a whole multiple; None where it is made of more."""
    ((term, _), *more) = size.terms
    return term[0].name if not more and len(term) == 1 and term[0].of is None else None


def _divisors(size: AnySize) -> Iterator[int]:
    """Yield by what a size divides, within quotients too."""
    quotients: frozenset[Variable] = size.variables if isinstance(size, Size) else frozenset()
    for variable in quotients:
        if variable.of is not None:
            yield variable.by
            yield from _divisors(variable.of)
