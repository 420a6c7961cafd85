"""``costlens verify``: spec = Keras = ONNX, or which number is wrong."""

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._options import InputData, Kinds, Only, Settings, Variants, Without, Words, asked, tools
from costlens.commands._output import TERMINAL, Columns, JudgingFormat, choose, end, tell, write
from costlens.errors import UsageError
from costlens.export.conversions import known_precision, precisions
from costlens.sources._source import ALL
from costlens.sources.find import files
from costlens.tasks import _verification_file as verification_file
from costlens.tasks.verify import verify


def command(
    words: Words,
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    output: Annotated[
        Path | None,
        Option(
            "--output", "-o", help="Page (.md) to write a line a variant to; a JSON file beside it.", show_default=False
        ),
    ] = None,
    set_: Settings = None,
    input_data: InputData = None,
    precision: Annotated[
        list[str] | None,
        Option(
            "--precision",
            words=precisions("litert"),
            help="Also convert specs to TensorFlow Lite: the bytes it stores, the arena an interpreter allocates.",
        ),
    ] = None,
    format: JudgingFormat = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Build, export and compare every variant; exit 4 where two counts of one number disagree.

    What was verified before is taken from the cache, and a spec that fails does not stop the others; the exit code is
    the most severe there is.

    Example: costlens verify specs/ -o verification.md
    """
    from costlens.formats.pages import verification as pages
    from costlens.results.verification import Verification

    picked = choose(columns, pages.CHOICES, format)
    wanted = asked(variant, set_, kind, only, without, alone=(ALL,), each=(ALL,), data=input_data)
    if output is not None:
        if wanted.settings:
            raise UsageError("--set with --output: the page is of the specs' own knobs; leave one of the two out")
        verification_file.prepare(output)
    found = Verification(Verification.SCHEMA, ())
    alone = len(list(files(words))) == 1
    also = [known_precision(name.strip()) for given in precision or () for name in given.split(",")]
    with tools(lambda: f"{output} holds what was found" if output and found.specs else "") as given:
        for verified in verify(words, wanted, also, tools=given):
            if format == TERMINAL:
                write(pages.of_spec(verified, whole=alone), format, columns=picked)
            found = found.including(verified.spec)
            if output is not None:
                verification_file.include(output, verified.spec)
    if output is not None:
        tell(format, output, output.with_suffix(".json"))
    if format == TERMINAL:
        said = "not verified" if found.failures else "verified"
        echo(f"{said}: {pages.summary(found)}")
    else:
        write(pages.page(found), format, columns=picked)
    end(found.failures)
