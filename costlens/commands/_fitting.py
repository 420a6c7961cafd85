"""What ``--target`` adds to the page of a command that only counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from costlens.formats.pages.target import fitting
from costlens.spec.target import target
from costlens.tasks._fit import fits

if TYPE_CHECKING:
    from costlens.arithmetic.precision import Precision
    from costlens.results.page import Page
    from costlens.sources._source import Model


def with_fits(page: Page, models: Sequence[Model], words: Sequence[str], precision: Precision | None) -> Page:
    """Return a page with a line below for each model and each board: whether it fits, and what stands in the way."""
    boards = [target(word) for word in words]
    found = [(model.label if len(models) > 1 else "", fits(model, boards, precision)) for model in models]
    lines = fitting(found)
    return replace(page, blocks=[*page.blocks, lines], screen=None if page.screen is None else [*page.screen, lines])
