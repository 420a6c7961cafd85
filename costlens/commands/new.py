"""``costlens new``: a commented spec to start from."""

import os
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, Option, echo
from costlens.commands._output import refused
from costlens.errors import UsageError


def command(
    name: Annotated[str, Argument(help="Name of the network.")],
    output: Annotated[Path | None, Option("--output", "-o", help="Write this file; it must not exist yet.")] = None,
) -> None:
    """Print a commented starter spec, or write it to a file.

    Example: costlens new my_network -o my_network.yaml
    """
    from costlens.spec.starter import SCHEMA, starter

    folder = output.parent if output else Path()
    text = starter(name, has_schema=(folder / SCHEMA).is_file())
    if output is None:
        echo(text, nl=False)
        return
    if os.path.lexists(output):
        raise UsageError(f"{output}: is already there; name another file with -o")
    with (
        refused(str(output), "; name another file with -o"),
        output.open("x", encoding="utf-8", newline="\n") as stream,
    ):
        stream.write(text)
    echo(f"{output}: written; costlens count {output} counts it")
