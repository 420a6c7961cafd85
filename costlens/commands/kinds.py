"""``costlens kinds``: every layer kind with its fields."""

from __future__ import annotations

from typing import Annotated

from costlens.commands._cli import Argument
from costlens.commands._options import console


def command(kind: Annotated[str | None, Argument(help="Only this kind.")] = None) -> None:
    """List the layer kinds and the kinds of convolution with their fields.

    Example: costlens kinds conv
    """
    from costlens.formats import terminal
    from costlens.spec.kinds import described

    out = console()
    out.print(terminal.kinds(described(kind), out.width))
