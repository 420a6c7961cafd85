"""``costlens new``: a commented spec to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Argument, Option, echo
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
    try:
        with output.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{output}: is already there; name another file with -o") from None
    except OSError as error:
        raise UsageError(f"{output}: cannot be written: {error.strerror}; name another file with -o") from error
    echo(f"{output}: written; costlens count {output} counts it")
