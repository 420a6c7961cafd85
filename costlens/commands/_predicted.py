"""What ``--latency`` adds to the page of a command that only counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from costlens.commands._options import tools
from costlens.errors import CostlensError
from costlens.formats.pages.prediction import beside
from costlens.tasks.predict import predict_models

if TYPE_CHECKING:
    from costlens.results.page import Page
    from costlens.sources._source import Model


def with_latency(page: Page, models: Sequence[Model], *, batch: int = 1, row: str = "") -> Page:
    """Return a page with what is predicted of its models, or of one of their rows, below; why not where that fails."""
    try:
        with tools() as given:
            found = predict_models(models, batch, tools=given)
    except CostlensError as error:
        return beside(page, (), (f"not predicted: {error}",))
    return beside(page, found.predictions, (*found.problems, *found.notes), row)
