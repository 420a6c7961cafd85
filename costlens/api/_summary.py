"""The table of a model's layers, in the place of Keras's ``model.summary()``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from shutil import get_terminal_size
from typing import TYPE_CHECKING, Any

from costlens.api.model import Model, from_keras, load

if TYPE_CHECKING:
    from costlens.results.counts import ModelCount


def summary(model: Any, *, batch: int = 1, depth: int | None = None, width: int | None = None) -> Summary:
    """Count a model and print its layers, in the place of Keras's ``model.summary()``.

    model: a Keras model, a word or a :class:`Model`. In an interactive session, which shows what a line returns by
    itself, nothing is printed.
    """
    one = model if isinstance(model, Model) else load(model) if isinstance(model, str | Path) else from_keras(model)
    made = Summary(one.count(batch=batch, depth=depth), width or get_terminal_size((100, 25)).columns)
    if not hasattr(sys, "ps1"):
        print(made)  # noqa: T201  # as model.summary() does
    return made


@dataclass(frozen=True, slots=True, repr=False)
class Summary:
    """A count that shows itself as the table of its layers."""

    count: ModelCount
    width: int = 100

    def __repr__(self) -> str:
        from costlens.formats._shown import text
        from costlens.formats.pages.count import page

        return text(page([self.count], rows=True), self.width)

    def _repr_html_(self) -> str | None:
        return self.count._repr_html_()

    def _repr_markdown_(self) -> str | None:
        return self.count._repr_markdown_()
