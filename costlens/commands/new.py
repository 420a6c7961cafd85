"""``costlens new``: a commented spec to start from."""

from __future__ import annotations

from typing import Annotated

import typer


def command(name: Annotated[str, typer.Argument(help="Name of the network.", show_default=False)]) -> None:
    """Print a commented starter spec: costlens new my_network > my_network.yaml."""
    from costlens.spec.starter import starter

    typer.echo(starter(name), nl=False)
