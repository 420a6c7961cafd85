"""Columns: where a table's figure comes from, its header, and the unit that says how it is written."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any, Generic, TypeVar

from costlens.arithmetic import units

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Unit:
    """How the values of a column are written; numeric ones are aligned to the right, some are broken into lines."""

    write: Callable[[Any], str]
    numeric: bool = True
    wraps: bool = False

    def cell(self, value: Any) -> Any:
        """Return a figure as text; marked text as it is, and nothing for what is not known."""
        if value is None or value is False:
            return ""
        if isinstance(value, AtLeast):
            return f"≥ {self.write(value.value)}"
        return self.write(value) if self.numeric and isinstance(value, int | float | tuple) else value


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A lower bound: a figure that is not counted completely."""

    value: int | float

    @classmethod
    def of(cls, value: Any, status: str | None) -> Any:
        """Return a figure as its status says: a lower bound where ``partial``, None where ``unavailable``."""
        if value is None or status == "unavailable":
            return None
        return cls(value) if status == "partial" else value


def times(ratio: float) -> str:
    """Write a ratio with three digits; near 1 with three decimals, where they decide.

    >>> times(0.0011685), times(0.11685), times(1.0123), times(22.78)
    ('0.00117×', '0.117×', '1.012×', '22.8×')
    """
    if ratio < _SMALL:
        return f"{ratio:.3g}×"
    return f"{ratio:.3f}×" if _NEAR[0] < ratio < _NEAR[1] else units.ratio(ratio)


_SMALL, _NEAR = 0.1, (0.5, 2.0)

TEXT = Unit(str, numeric=False, wraps=True)
WORD = Unit(str, numeric=False)
NAMES = Unit(str, numeric=False, wraps=True)
"""All names of one thing, ``a = b``: a terminal begins a line with each."""
COUNT = Unit(units.count)
EXACT = Unit(units.exact)
BYTES = Unit(units.bytes_)
PERCENT = Unit(units.percent)
RATIO = Unit(units.ratio)
TIMES = Unit(times)
MS = Unit(units.milliseconds)
INTERVAL_MS = Unit(lambda interval: units.interval_ms(*interval))
WHOLE = Unit("{:,.0f}".format)
ONE_DECIMAL = Unit("{:,.1f}".format)
TWO_DECIMALS = Unit("{:,.2f}".format)


@dataclass(frozen=True, slots=True)
class Column(Generic[_T]):
    """One figure of every row of a table.

    value: what to show of a row, or the attributes that lead to it (``time.median_ms``, None where one of them is
    None); the row's attribute of this name where neither is given. The unit writes it. None is not known, and blank;
    ``AtLeast`` gets a ≥; words stand as they are.
    priority: 0 is always shown; columns of a higher number are dropped first where a table is too wide.
    most: so many characters wide at most; a longer text is wrapped.
    """

    name: str
    header: str
    unit: Unit = TEXT
    value: Callable[[_T], Any] | str = ""
    priority: int = 0
    most: int | None = None

    def raw(self, row: _T) -> Any:
        """Return the figure itself."""
        if callable(self.value):
            return self.value(row)
        found: Any = row
        for name in (self.value or self.name).split("."):
            found = None if found is None else getattr(found, name)
        return found

    def cell(self, row: _T) -> Any:
        """Return the figure as text, or the marked text that stands for it."""
        return self.unit.cell(self.raw(row))


def of_items(*columns: Column[Any]) -> tuple[Column[Any], ...]:
    """Return columns of rows that are tuples: the first column shows the first item."""
    return tuple(replace(column, value=itemgetter(place)) for place, column in enumerate(columns))
