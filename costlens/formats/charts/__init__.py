"""Charts, one file per kind: it draws the data of a ``Chart``, and says the same in words and as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from costlens.discovery import module_names
from costlens.formats.charts._shapes import Drawing
from costlens.results.page import Line, Table


@dataclass(frozen=True, slots=True)
class Panel:
    """One drawing of a chart: its name, what draws it, and a sentence that goes with it.

    fold: what the panels next to each other that have it are folded under, the first of them open. first: of panels of
    which one is shown at a time, the one that is shown first. small: it stands beside others, folded under the rest.
    address: of the drawing within the page, where links lead to it. facts: what a script of the page must know of it.
    """

    name: str
    draw: Callable[[], Drawing]
    says: str = ""
    fold: str = ""
    first: bool = False
    small: bool = False
    address: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


class ChartKind(Protocol):
    """A file of this room. ``beside``: its panels stand side by side; else a script shows one of them at a time."""

    title: str
    beside: bool

    def says(self, data: Any) -> Sequence[Line]:
        """Return what the chart shows, a sentence each."""
        ...

    def panels(self, data: Any) -> Sequence[Panel]:
        """Return the drawings; none where there is nothing to draw."""
        ...

    def table(self, data: Any) -> Table:
        """Return the figures of the chart for those who do not see it."""
        ...


@cache
def chart_names() -> tuple[str, ...]:
    """Return the names of all kinds of charts."""
    return module_names(__path__)


def chart_named(name: str) -> ChartKind:
    """Import a kind of chart."""
    return cast("ChartKind", import_module(f"{__name__}.{name}"))
