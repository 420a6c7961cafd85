"""Results that show themselves: as HTML or Markdown in a notebook, and as text where they are printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Writer = Callable[[Any, str], str | None]
"""Writes a result in a format; None for a result that has no page."""
_writers: list[Writer] = []
PART, TEXT = "part", "text"
"""What a notebook shows: a part of a page, else Markdown; None where the library of a format is missing."""


def written_by(writer: Writer) -> None:
    """Let results be written by this function: formats are above this room, so the interface hands them in."""
    _writers[:] = [writer]


def _written(result: Any, name: str) -> str | None:
    return _writers[0](result, name) if _writers else None


class Shown:
    """A result that has a page; IPython and Jupyter ask for these methods."""

    __slots__ = ()

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        cls._repr_pretty_ = Shown._repr_pretty_  # type: ignore[method-assign]  # a dataclass's own repr would be preferred

    def render(self, format: str = "markdown") -> str:  # noqa: A002  # the option's name
        """Write the result as the option ``--format`` of its command does: json, csv, markdown, html, terminal.

        A result that judges is also written as junit and github. UsageError for another format.
        """
        return _written(self, format) or repr(self)

    def _repr_html_(self) -> str | None:
        return _written(self, PART)

    def _repr_markdown_(self) -> str | None:
        return _written(self, TEXT)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self) if cycle else str(self))

    def __str__(self) -> str:
        return _written(self, "terminal") or repr(self)
