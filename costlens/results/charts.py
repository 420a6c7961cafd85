"""What charts are drawn of: one type for each kind of chart that cannot take another result as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costlens.results.bounds import Bounds
    from costlens.results.counts import ModelCount
    from costlens.results.layer_times import LayerTimes
    from costlens.results.page import Table
    from costlens.results.trend import Series


@dataclass(frozen=True, slots=True)
class Bars:
    """Columns of a table as bars, a panel a column; the first column names the rows.

    intervals: the columns that hold the lower and the upper end of a figure, by the figure's. remark: the column of
    words that stand behind the bars of each figure that has an interval.
    """

    table: Table
    figures: tuple[str, ...]
    intervals: dict[str, str]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Saving:
    """A model's MACs and time over those of the baseline; low and high are None where the ratio has no interval.

    place: of the model among those that the page shows, for its colour.
    """

    label: str
    place: int
    macs_ratio: float
    time_ratio: float
    low: float | None = None
    high: float | None = None
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Savings:
    """Models beside the one that they are compared with."""

    baseline: str
    models: tuple[Saving, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """Variants of one network, counted or timed layer by layer or both."""

    counts: tuple[ModelCount, ...]
    times: tuple[LayerTimes, ...] = ()


@dataclass(frozen=True, slots=True)
class Roofline:
    """Times of layers, and what the machine can do, where that was measured."""

    times: tuple[LayerTimes, ...]
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A figure of one thing before and after; None where it is not there or not known. what: how the thing differs."""

    name: str
    base: int | None
    head: int | None
    what: str = ""

    @property
    def delta(self) -> int:
        """By how much it grew."""
        return (self.head or 0) - (self.base or 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What grew and what shrank, by the name of a figure; ``of``: what the changed things are, such as blocks."""

    of: str
    figures: Mapping[str, tuple[Change, ...]]


@dataclass(frozen=True, slots=True)
class Scatter:
    """Rows of a table as dots, by two of its columns; the first column names the rows.

    intervals: as those of ``Bars``. groups: the number of each row's colour. front: whether no other row is better in
    both figures; None where that is not known.
    """

    table: Table
    x: str
    y: str
    intervals: dict[str, str]
    groups: tuple[int, ...]
    front: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """How much of a limit is used, as a fraction; limit, ours and what is left as text, with their units."""

    name: str
    figure: str
    limit: str
    ours: str
    share: float
    left: str
    verdict: str


@dataclass(frozen=True, slots=True)
class Budgets:
    """The limits of a check that can be compared."""

    limits: tuple[Used, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """A series of the history, and the figure that it is of."""

    series: Series
    figure: str


@dataclass(frozen=True, slots=True)
class Cloud:
    """Rows of a table as dots and lines, by any of its columns: those that are drawn of ``of`` networks.

    The first column numbers the rows, those of the front come first. x, y: the columns of the dots. knobs: the columns
    of what was chosen; axes: those that lines lead through. front, kept: whether each row is on the front, and whether
    it keeps the constraints. front_of: the columns that the front is of, and whether more of each is better.
    front_left: how many rows of the front are not drawn.
    """

    table: Table
    of: int
    x: str
    y: str
    knobs: tuple[str, ...]
    axes: tuple[str, ...]
    front: tuple[bool, ...]
    kept: tuple[bool, ...]
    front_of: tuple[tuple[str, bool], ...]
    front_left: int = 0
