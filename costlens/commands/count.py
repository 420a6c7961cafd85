"""``costlens count``: parameters, MACs and memory, layer by layer; imports no framework."""

from __future__ import annotations

from typing import Annotated

from costlens import formats
from costlens.commands._cli import Option, echo
from costlens.commands._measuring import Batch
from costlens.commands._options import Depth, Settings, Variants, Words, asked, console
from costlens.errors import UsageError, did_you_mean
from costlens.tasks import count as counting

TABLE = "table"


def command(
    words: Words,
    variant: Variants = None,
    depth: Depth = None,
    format: Annotated[  # noqa: A002  # the option's name
        str, Option(metavar="|".join((TABLE, *formats.format_names())), help="How to write it.")
    ] = TABLE,
    set_: Settings = None,
    batch: Batch = 1,
    rows: Annotated[
        bool | None, Option("--rows/--no-rows", help="Layer by layer; the default for a single model.")
    ] = None,
) -> None:
    """Count parameters, MACs, FLOPs, memory and traffic, per layer and in total.

    Example: costlens count specs/yamnet.yaml --variant all
    """
    if format not in (TABLE, *formats.format_names()):
        hint = did_you_mean(format, (TABLE, *formats.format_names()))
        raise UsageError(f"--format {format}: expected {TABLE}, {', '.join(formats.format_names())}{hint}")
    models = counting.count(words, asked(variant, set_, batch=batch, depth=depth))
    if format != TABLE:
        echo(formats.text_format(format).render_counts(models), nl=False)
        return
    from costlens.formats import terminal

    out = console()
    shown = len(models) == 1 or depth is not None if rows is None else rows
    out.print(terminal.counts(models, out.width, rows=shown))
