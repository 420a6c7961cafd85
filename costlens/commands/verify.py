"""``costlens verify``: spec = Keras = ONNX, or which number is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._options import Settings, Specs, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress
from costlens.errors import UsageError
from costlens.tasks import _pipeline as pipeline
from costlens.tasks import _verification_file as verification_file


def command(
    specs: Specs,
    variant: Variants = None,
    output: Annotated[
        Path | None,
        Option(
            "--output", "-o", help="Page (.md) to write a line a variant to; a JSON file beside it.", show_default=False
        ),
    ] = None,
    set_: Settings = None,
) -> None:
    """Build, export and compare every variant; exit 4 where two roads to one number disagree.

    What was verified before is taken from the cache, and a spec that fails does not stop the others; the exit code is
    the gravest there is.

    Example: costlens verify specs/ -o verification.md
    """
    from costlens.formats.escape import plain
    from costlens.formats.verification import markdown, terminal
    from costlens.results.verification import SCHEMA, Verification

    out, settings, files = console(), settings_from(set_), spec_files(specs)
    if output is not None:
        if settings:
            raise UsageError("--set with --output: the page is of the specs' own knobs; leave one of the two out")
        verification_file.prepare(output)
    found = Verification(SCHEMA, ())
    for path in files:
        with progress() as observe:
            verified = pipeline.verify(path, variant or (pipeline.ALL,), settings, observe=observe)
        out.print(terminal.render(verified, out.width, whole=len(files) == 1))
        found = found.including(verified.spec)
        if output is not None:
            verification_file.include(output, verified.spec)
    if output is not None:
        out.print(f"{output} · {output.with_suffix('.json')}", soft_wrap=True)
    if found.exit_code:
        problems = "\n".join((*found.problems, f"not verified: {markdown.summary(found)}"))
        echo(plain(problems, lines=True), err=True)
        raise SystemExit(found.exit_code)
    echo(f"verified: {markdown.summary(found)}")
