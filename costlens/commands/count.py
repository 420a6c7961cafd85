"""``costlens count``: parameters, MACs and memory, layer by layer; imports no framework."""

from typing import Annotated

from costlens.commands._cli import Option
from costlens.commands._options import Batch, Depth, Settings, Variants, Words, asked
from costlens.commands._output import TERMINAL, Format, write
from costlens.sources.find import models


def command(
    words: Words,
    variant: Variants = None,
    depth: Depth = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    set_: Settings = None,
    batch: Batch = 1,
    rows: Annotated[
        bool | None, Option("--rows/--no-rows", help="Layer by layer; the default for a single model.")
    ] = None,
) -> None:
    """Count parameters, MACs, FLOPs, memory and traffic, per layer and in total.

    Example: costlens count specs/yamnet.yaml --variant all
    """
    from costlens.formats.pages.count import page

    found = models(words, asked(variant, set_, batch=batch, depth=depth))
    shown = len(found) == 1 or depth is not None if rows is None else rows
    files: dict[str, set[str]] = {}
    for model in found:
        files.setdefault(model.count.name, set()).add(model.word.text)
    labels = [  # networks of one name have their knobs or their file after it
        f"{model.count.name} ({model.word.knobs or model.word.name})"
        if len(files[model.count.name]) > 1
        else model.count.name
        for model in found
    ]
    knobs = [model.knobs for model in found]
    write(page([model.count for model in found], rows=shown, labels=labels, knobs=knobs), format)
