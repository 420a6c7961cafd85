"""Axes: the scale that holds some figures, the round figures on it that get a line, and how these are written."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log2, log10

from costlens.arithmetic import units
from costlens.formats.charts._shapes import Scale
from costlens.results.columns import BYTES, COUNT, MS, Unit

_MOST = 7
"""Lines across a drawing at most."""
_LOG_ABOVE, _FROM_ZERO_ABOVE = 10, 2
"""How many times the smallest the largest is, for a logarithmic axis and for one that begins at zero."""
_ROOM = 0.08
_STEPS = (1, 2, 5, 10)
_KIBI = 10
"""Binary digits between two units of bytes."""


def scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Return the scale that holds values above 0 with some room: logarithmic where they span more than a decade.

    >>> scale([1, 100], 0, 100).log, scale([1, 9], 0, 100).low, scale([9, 10], 0, 100).low > 8
    (True, 0.0, True)
    """
    least, most = min(values), max(values)
    if most > _LOG_ABOVE * least:
        room = (most / least) ** _ROOM
        return Scale(least / room, most * room, start, end, log=True)
    if most > _FROM_ZERO_ABOVE * least:
        return Scale(0.0, (1 + _ROOM) * most, start, end)
    room = max(most - least, _ROOM * most) / 2
    return Scale(max(0.0, least - room), most + room, start, end)


def ticks(of: Scale, unit: Unit) -> list[float]:
    """Return round figures within a scale, seven at most; of bytes they are round in KiB, MiB or GiB.

    >>> ticks(Scale(0, 10, 0, 1), COUNT), ticks(Scale(1, 200, 0, 1, log=True), COUNT)
    ([0.0, 2.0, 4.0, 6.0, 8.0, 10.0], [1.0, 3.0, 10.0, 30.0, 100.0])
    >>> [written(tick, BYTES) for tick in ticks(Scale(100, 5e6, 0, 1, log=True), BYTES)]
    ['128 B', '1 KiB', '8 KiB', '64 KiB', '512 KiB', '4 MiB']
    """
    if not of.log:
        step = _step((of.high - of.low) / (_MOST - 2), binary=unit is BYTES)
        return [place * step for place in range(ceil(of.low / step - 1e-9), floor(of.high / step + 1e-9) + 1)]
    if unit is BYTES:
        powers = range(ceil(log2(of.low)), floor(log2(of.high)) + 1)
        apart = -(-len(powers) // _MOST)
        return [2.0**power for power in powers if power % apart == _KIBI % apart]
    decades = range(floor(log10(of.low)), ceil(log10(of.high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [tick for power in decades for step in steps if of.low <= (tick := step * 10.0**power) <= of.high]
        if len(found) <= _MOST:
            return found
    return [tick for place, tick in enumerate(found) if place % -(-len(found) // _MOST) == 0]


def _step(rough: float, *, binary: bool) -> float:
    """Return the round figure at or above a rough one."""
    of_unit = 2.0 ** (_KIBI * floor(log2(rough) / _KIBI)) if binary and rough > 1 else 1.0
    power = 10.0 ** floor(log10(rough / of_unit))
    return next(step for each in _STEPS if (step := each * power * of_unit) >= rough * (1 - 1e-9))


def written(value: float, unit: Unit) -> str:
    """Write a round figure shortly.

    >>> written(2e6, COUNT), written(2**21, BYTES), written(0.5, MS), written(0, MS)
    ('2M', '2 MiB', '0.5 ms', '0')
    """
    if not value:
        return "0"
    if unit is COUNT:
        return units.short(value)
    if unit is BYTES:
        return units.bytes_(value).replace(".0 ", " ")
    return units.milliseconds(value) if unit is MS else f"{value:,.6g}"
