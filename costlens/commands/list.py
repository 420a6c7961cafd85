"""``costlens list``: the specs that costlens ships, which every command finds by name."""

from dataclasses import replace
from typing import Annotated

from costlens.commands._cli import Argument, Option
from costlens.commands._output import TERMINAL, Columns, Format, choose, write
from costlens.errors import UsageError, did_you_mean
from costlens.results.shipped import ShippedSpec
from costlens.spec import shipped


def command(
    text: Annotated[str, Argument(help="Only those whose name or title holds this text.", show_default=False)] = "",
    counts: Annotated[bool, Option("--counts", help="Count each: its parameters and MACs. Takes seconds.")] = False,
    targets: Annotated[bool, Option("--targets", help="The boards that --target knows, not specs.")] = False,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """List the specs that costlens ships. Every command takes their names, unless a file has that name.

    With --targets: the boards that a network can be held to, with their memories and what runs it there.

    Example: costlens list mobilenet --counts
    """
    if targets:
        _targets(text, counts, format, columns)
        return
    from costlens.formats.pages.shipped import CHOICES, page

    picked = choose(columns, CHOICES, format)
    found = [ShippedSpec(name, *shipped.described(name)) for name in shipped.names()]
    wanted = [spec for spec in found if text.lower() in spec.name.lower() or text.lower() in spec.title.lower()]
    if not wanted:
        guess = did_you_mean(text, shipped.names()) or "; costlens list shows all"
        raise UsageError(f"{text}: no shipped spec has this in its name or title{guess}")
    write(page([_counted(spec) for spec in wanted] if counts else wanted), format, columns=picked)


def _counted(spec: ShippedSpec) -> ShippedSpec:
    from costlens.sources._source import Asked
    from costlens.sources._word import Word
    from costlens.sources.find import models

    (model,) = models([Word(spec.name, shipped.path(spec.name), is_shipped=True)], Asked())
    return replace(spec, params=model.count.complete("params"), macs=model.count.complete("macs"))


def _targets(text: str, counts: bool, format: str, columns: str | None) -> None:  # noqa: A002  # as the option's
    from costlens.formats.pages.target import CHOICES, page
    from costlens.spec import target

    if counts:
        raise UsageError("--counts: boards have no parameters; leave one of --counts and --targets out")
    picked = choose(columns, CHOICES, format)
    found = [target.target(name) for name in target.names()]
    wanted = [one for one in found if text.lower() in one.name.lower() or text.lower() in one.title.lower()]
    if not wanted:
        guess = did_you_mean(text, target.names()) or "; costlens list --targets shows all"
        raise UsageError(f"{text}: no target has this in its name or title{guess}")
    write(page(wanted), format, columns=picked)
