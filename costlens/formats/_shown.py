"""The page of each result that Python code can hold, in a format of its own."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from io import StringIO
from shutil import get_terminal_size
from typing import Any

from costlens.errors import RuntimeUnavailable
from costlens.formats import format_named, require_findings
from costlens.results.page import Page
from costlens.results.shown import PART, TEXT

_PAGES: dict[str, tuple[str, Callable[[Any, Any], Page]]] = {
    "ModelCount": ("count", lambda pages, count: pages.page([count], rows=True)),
    "Report": ("report", lambda pages, report: pages.page(report)),
    "Comparison": ("comparison", lambda pages, comparison: pages.page(comparison)),
    "Diff": ("diff", lambda pages, diff: pages.page(diff)),
    "Checked": ("check", lambda pages, checked: pages.page(checked)),
    "LatencyReport": ("latency", lambda pages, latency: pages.page(latency, "Time")),
    "LayerTimes": ("layer_times", lambda pages, times: pages.page(times)),
    "Sweep": ("sweep", lambda pages, sweep: pages.page(sweep)),
    "Verification": ("verification", lambda pages, found: pages.page(found)),
    "Ledger": ("ledger", lambda pages, ledger: Page(ledger.variant, [pages.table(ledger)], ledger)),
    "ConvolutionExplanation": ("explanation", lambda pages, explained: pages.convolution(explained)),
    "LayerExplanation": ("explanation", lambda pages, explained: pages.of_layer(explained)),
    "FileRowExplanation": ("explanation", lambda pages, explained: pages.of_layer(explained)),
    "Advice": ("advice", lambda pages, advice: pages.page(advice)),
    "Exploration": ("exploration", lambda pages, found: pages.page(found)),
    "MachineBounds": ("bounds", lambda pages, bounds: pages.page(bounds)),
}
"""By the type of a result: the module of ``pages/`` that is imported once it is shown, and what it is asked for."""


def page_of(result: Any) -> Page | None:
    """Return the page of a result; None of one that has none."""
    module, made = _PAGES.get(type(result).__name__, ("", None))
    return made(import_module(f"costlens.formats.pages.{module}"), result) if made else None


def written(result: Any, name: str) -> str | None:
    """Write a result in a format, or as a notebook shows it; None for one without a page.

    None as well where what a notebook shows needs a library that is not installed: it then shows something else.
    UsageError for an unknown format, and for one of findings where the result judges nothing.
    """
    page = page_of(result)
    if page is None:
        return None
    if name == "terminal":
        return text(page)
    if name not in (PART, TEXT):
        require_findings(name, judging=page.findings is not None)
        return format_named(name).render(page)
    try:
        from costlens.formats import html, markdown

        return html.part(page) if name == PART else markdown.render(page)
    except RuntimeUnavailable:
        return None


def text(page: Page, width: int | None = None) -> str:
    """Write a page as a terminal of a width shows it, without colours; of this terminal's width where none is given."""
    from rich.console import Console

    from costlens.formats import terminal

    out, wide = StringIO(), width or get_terminal_size((100, 25)).columns
    console = Console(
        file=out, width=wide, highlight=False, markup=False, emoji=False, force_jupyter=False, color_system=None
    )  # in a notebook it would show the text and write nothing
    console.print(terminal.render(page, wide))
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())
