"""``costlens kinds``: every layer kind with its fields."""

from __future__ import annotations

from typing import Annotated

import typer

from costlens.commands._options import console


def command(kind: Annotated[str | None, typer.Argument(help="Only this kind.")] = None) -> None:
    """List the layer kinds and the kinds of convolution with their fields."""
    from costlens.formats import terminal
    from costlens.spec.kinds import described

    out = console()
    out.print(terminal.kinds(described(kind), out.width))
