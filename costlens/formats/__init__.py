"""Results → text, one file per format. Formats see results only, never graphs or layers."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, cast

from costlens.discovery import module_names

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount
    from costlens.results.report import Report

_NOT_FORMATS = ("comment", "escape", "terminal")


class Format(Protocol):
    """A file of this room: the suffix of its files and how it writes counts and reports."""

    suffix: str

    def render_counts(self, models: list[ModelCount]) -> str:
        """Write counts."""
        ...

    def render(self, report: Report) -> str:
        """Write a report."""
        ...


class Rendering(Protocol):
    """A file of a folder of this room: how it writes the one result that the folder is for."""

    def render(self, result: Any) -> str:
        """Write a result."""
        ...


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of all formats that write text."""
    return tuple(name for name in module_names(__path__) if name not in _NOT_FORMATS)


def text_format(name: str) -> Format:
    """Import a format by name."""
    return cast("Format", import_module(f"{__name__}.{name}"))


def rendering_names(room: str) -> tuple[str, ...]:
    """Return the names of the text formats of a folder of this room, such as ``comparison``."""
    return tuple(name for name in module_names(_folder(room).__path__) if name not in _NOT_FORMATS)


def rendering(room: str, name: str) -> Rendering:
    """Import a text format of a folder of this room."""
    return cast("Rendering", import_module(f"{_folder(room).__name__}.{name}"))


def _folder(room: str) -> ModuleType:
    return import_module(f"{__name__}.{room}")
