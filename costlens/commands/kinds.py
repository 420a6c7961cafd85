"""``costlens kinds``: every layer kind with its fields."""

from __future__ import annotations

from typing import Annotated

import typer

from costlens.commands._output import Format, write
from costlens.formats import TERMINAL


def command(
    kind: Annotated[str | None, typer.Argument(help="Only this kind.")] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """List the layer kinds and the kinds of convolution with their fields."""
    from costlens.formats.pages.kinds import page
    from costlens.spec.kinds import described

    write(page(described(kind)), format)
