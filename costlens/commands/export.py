"""``costlens export``: one variant of a spec as a proven model file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import KINDS, OneWord, Settings, asked, console, tools
from costlens.tasks import export as exporting


def command(
    word: OneWord,
    output: Annotated[Path, Option("--output", "-o", help="The file to write: .onnx, or .tflite.", show_default=False)],
    variant: Annotated[str | None, Option(help=f"One of {KINDS}. Default as-written.")] = None,
    set_: Settings = None,
) -> None:
    """Export a spec to ONNX by way of Keras, or to LiteRT, and write the file only when its figures agree.

    Example: costlens export specs/yamnet.yaml -o yamnet.onnx
    """
    with tools() as given:
        proven = exporting.export([word], asked([variant] if variant else None, set_), output, tools=given)
    console().print(f"{output}: {proven.file.bytes:,} bytes, {len(proven.ledger.entries)} checks agree", soft_wrap=True)
