"""``costlens export``: one variant of a spec as a proven model file."""

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import Kinds, OneWord, Only, Settings, Variant, Without, asked, tools
from costlens.commands._output import TERMINAL, Format, write
from costlens.tasks import export as exporting


def command(
    word: OneWord,
    output: Annotated[Path, Option("--output", "-o", help="The file to write: .onnx, or .tflite.", show_default=False)],
    variant: Variant = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
) -> None:
    """Export a spec to ONNX by way of Keras, or to LiteRT, and write the file only when its figures agree.

    Example: costlens export yamnet -o yamnet.onnx
    """
    from costlens.formats.pages.ledger import exported

    with tools() as given:
        proven = exporting.export(
            [word], asked([variant] if variant else None, set_, kind, only, without), output, tools=given
        )
    write(exported(output, proven.file, proven.ledger), format)
