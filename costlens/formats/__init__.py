"""Results → text, one file per format. Formats see results only, never graphs or layers."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from costlens.discovery import module_names

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.results.report import Report

_NOT_TEXT = ("terminal",)


class Format(Protocol):
    """A file of this room: the suffix of its files and how it writes counts and reports."""

    suffix: str

    def render_counts(self, models: list[ModelCount]) -> str:
        """Write counts."""
        ...

    def render(self, report: Report) -> str:
        """Write a report."""
        ...


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of all formats that write text."""
    return tuple(name for name in module_names(__path__) if name not in _NOT_TEXT)


def text_format(name: str) -> Format:
    """Import a format by name."""
    return cast("Format", import_module(f"{__name__}.{name}"))
