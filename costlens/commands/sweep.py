"""``costlens sweep``: a network under many conditions: batches, threads, precisions, runtimes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from costlens import runtimes
from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import Kinds, OneWord, Only, Settings, Variants, Without, asked, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.commands._recording import Database, Record, recorder
from costlens.errors import UsageError
from costlens.export import conversions as conversion
from costlens.results.stored import to_json
from costlens.storage.files import keep, require_room

FILES = ("sweep.md", "sweep.svg", "sweep.json")


def _several(words: Sequence[str]) -> Option:
    return Option(metavar="WORD,…", words=words, help=f"{', '.join(words)}.")


def command(
    word: OneWord,
    measuring: Annotated[Measuring, Group("runtime", "threads", "batch")],
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    batch: Annotated[str, Option(metavar="N,…", help="Examples at a time.")] = "1",
    threads: Annotated[str, Option(metavar="N,…", help="Threads of the runtime.")] = "1",
    precision: Annotated[str, _several(conversion.precisions())] = "fp32",
    runtime: Annotated[str, _several(runtimes.names())] = runtimes.DEFAULT,
    output: Annotated[
        Path | None, Option("--output", "-o", help="Folder to write sweep.json, sweep.md and sweep.svg in.")
    ] = None,
    record: Record = None,
    db: Database = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Time a network under every combination of batches, threads, precisions and runtimes.

    The time budget is of all measuring together. A condition that cannot be measured is a line with its reason.

    Example: costlens sweep yamnet --threads 1,2 --precision fp32,int8
    """
    from costlens.formats import markdown
    from costlens.formats.pages.sweep import CHOICES, page
    from costlens.formats.pictures import sweep as picture
    from costlens.sources.find import models
    from costlens.tasks import sweep as sweeping

    axes = sweeping.Axes(_words(runtime), _numbers("--threads", threads), _numbers("--batch", batch), _words(precision))
    picked = choose(columns, CHOICES, format)
    keeper = recorder("sweep", [word], record, db, format)
    plan = measuring.protocol()
    if output is not None:
        for name in FILES:
            require_room(output / name)
    with tools() as given:
        budget_s, wanted = measuring.time_budget, asked(variant, set_, kind, only, without)
        found = sweeping.sweep([word], wanted, axes, plan, time_budget_s=budget_s, tools=given)
    failures = [*found.failures, *keeper.keep(found, found.failures, lambda: models([word], wanted))]
    try:
        if output is not None:
            drawn = picture.svg(found)
            text = markdown.render(page(found, picture=FILES[1] if drawn else ""))
            texts = {
                output / name: text for name, text in zip(FILES, (text, drawn, to_json(found)), strict=True) if text
            }
            keep(texts, output)
            tell(format, *texts)
    finally:  # the answer is the last line, and is shown even where the files cannot be written
        write(page(found), format, columns=picked)
    end(failures)


def _words(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.strip() for word in given.split(",")))


def _numbers(option: str, given: str) -> tuple[int, ...]:
    words = _words(given)
    for word in words:
        if not (word.isascii() and word.isdigit() and int(word)):
            wanted = "expected whole numbers of at least 1 joined by commas, for example 1,2,4"
            raise UsageError(f"{option} {given}: {wanted}, received {repr(word) if word else 'nothing'}")
    return tuple(map(int, words))
