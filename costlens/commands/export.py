"""``costlens export``: one variant of a spec as a proven model file."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import Kinds, OneWord, Only, Settings, Variant, Without, asked, tools
from costlens.commands._output import TERMINAL, page_format, write
from costlens.errors import UsageError
from costlens.export.conversions import precisions
from costlens.formats import format_names
from costlens.tasks import export as exporting
from costlens.tasks._export_target import ENDINGS, target

FORMATS = (*ENDINGS, *format_names())


def format_of_either(name: str) -> str:
    """Return a kind of file, or how the result is printed; UsageError for another word."""
    return name if name in ENDINGS else page_format(name, FORMATS)


def command(
    word: OneWord,
    output: Annotated[
        Path | None,
        Option("--output", "-o", help="The file to write: .onnx, .tflite, .h or .c. Default: the network's name."),
    ] = None,
    variant: Variant = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    precision: Annotated[
        str, Option("--precision", words=precisions("litert"), help="Of a .tflite file, or of one in a C array.")
    ] = "fp32",
    calibration: Annotated[
        Path | None,
        Option(
            "--calibration",
            metavar="FILE.npz",
            help="Examples that --precision int8 takes its ranges from, an array an input; random otherwise.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002  # the option's name
        list[str] | None,
        Option(
            "--format",
            parser=format_of_either,
            metavar="|".join(FORMATS),
            words=FORMATS,
            help="The kind of file, and how to write what is said of it. Repeatable.",
        ),
    ] = None,
) -> None:
    """Export a spec to ONNX by way of Keras, or to LiteRT, and write the file only when its figures agree.

    For a microcontroller: --format tflite --precision int8, or --format c for an array of C that holds the same.

    Example: costlens export yamnet -o yamnet.onnx
    """
    from costlens.formats.pages.ledger import exported

    files, pages = _apart(format or ())
    wanted = target(output, files, precision)
    with tools() as given:
        done = exporting.export(
            [word],
            asked([variant] if variant else None, set_, kind, only, without),
            wanted,
            calibration=calibration,
            tools=given,
        )
    write(exported(done.path, done.proof.file, done.proof.ledger, done.notes), pages or TERMINAL)


def _apart(given: Sequence[str]) -> tuple[str, str]:
    """Return the kind of file and the format of what is printed; UsageError where one is given twice."""
    found = []
    for known, what in ((tuple(ENDINGS), "kinds of file"), (format_names(), "ways to print")):
        own = list(dict.fromkeys(name for name in given if name in known))
        if len(own) > 1:
            raise UsageError(f"--format {own[0]} and {own[1]} are two {what}; leave one out")
        found.append(own[0] if own else "")
    return found[0], found[1]
