"""``costlens new``: a commented spec to start from."""

from __future__ import annotations

from typing import Annotated

from costlens.commands._cli import Argument, echo


def command(name: Annotated[str, Argument(help="Name of the network.", show_default=False)]) -> None:
    """Print a commented starter spec.

    Example: costlens new my_network > my_network.yaml
    """
    from costlens.spec.starter import starter

    echo(starter(name), nl=False)
