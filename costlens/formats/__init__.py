"""Pages → text, one file per format. Formats see pages only; what a result has to say is in ``pages/``, a file each."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from costlens.discovery import module_names
from costlens.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from costlens.results.page import Page

TERMINAL = "terminal"
_NOT_FORMATS = ("comment", "escape")


class Format(Protocol):
    """A file of this room. ``needs_findings``, where there is one: it can write nothing but findings."""

    suffix: str

    def render(self, page: Page) -> str:
        """Write a page; ``terminal`` returns what rich prints, for the width it is given."""
        ...


class InPieces(Format, Protocol):
    """A format whose texts may be long."""

    def pieces(self, page: Page) -> Iterator[str]:
        """Yield the same text in pieces."""
        ...


@cache
def format_names() -> tuple[str, ...]:
    """Return the names of all formats, the terminal first."""
    found = (name for name in module_names(__path__) if name not in _NOT_FORMATS)
    return tuple(sorted(found, key=lambda name: (name != TERMINAL, name)))


def format_named(name: str) -> Format:
    """Import a format; UsageError where there is none of that name."""
    if name not in format_names():
        hint = did_you_mean(name, format_names())
        raise UsageError(f"--format {name}: expected {', '.join(format_names())}{hint}")
    return cast("Format", import_module(f"{__name__}.{name}"))


def pieces(name: str, page: Page) -> Iterator[str]:
    """Yield the text of a page in a format, in pieces where it may be long."""
    chosen = format_named(name)
    if hasattr(chosen, "pieces"):
        yield from cast("InPieces", chosen).pieces(page)
    else:
        yield chosen.render(page)


def require_findings(name: str, *, judging: bool) -> None:
    """Raise UsageError for a format that writes findings alone where a result has none, and for an unknown one."""
    if name != TERMINAL and getattr(format_named(name), "needs_findings", False) and not judging:
        raise UsageError(f"--format {name}: it lists what passes and what fails, and this command judges nothing")
