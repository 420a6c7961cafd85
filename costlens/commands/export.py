"""``costlens export``: one variant of a spec as a proven ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from costlens.commands._options import KINDS, OneWord, Settings, asked, tools
from costlens.commands._output import Format, write
from costlens.formats import TERMINAL
from costlens.tasks import export as exporting


def command(
    word: OneWord,
    output: Annotated[Path, typer.Option("--output", "-o", help="The ONNX file to write.", show_default=False)],
    variant: Annotated[str | None, typer.Option(help=f"One of {KINDS}. Default as-written.")] = None,
    set_: Settings = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """Export a spec to ONNX by way of Keras, and write it only when both are proven equal."""
    from costlens.formats.pages.ledger import exported

    with tools() as given:
        proven = exporting.export([word], asked([variant] if variant else None, set_), output, tools=given)
    write(exported(output, proven.file, proven.ledger), format)
