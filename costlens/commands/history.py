"""``costlens history``: what was recorded, how figures changed over time, and keeping it in order."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from costlens.commands._cli import Argument, Option
from costlens.commands._output import TERMINAL, Columns, Format, choose, write
from costlens.commands._recording import Database
from costlens.results.columns import Column


def command(
    action: Annotated[
        Literal["list", "show", "diff", "plot", "export", "prune", "import"],
        Argument(metavar="ACTION", help="One of list, show, diff, plot, export, prune, import."),
    ] = "list",
    words: Annotated[
        list[str] | None,
        Argument(
            metavar="WORD", help="Networks by name; of show and diff runs by number; of import files and folders."
        ),
    ] = None,
    db: Database = None,
    variant: Annotated[str | None, Option(help="Of list, plot and export: this variant only.")] = None,
    since: Annotated[
        str | None, Option(metavar="DATE", help="Of list, plot and export: from 2026-01-31 on, or of the last 90d.")
    ] = None,
    last: Annotated[
        int | None, Option(min=1, help="The newest runs, so many; list shows 100 otherwise, prune keeps these.")
    ] = None,
    figure: Annotated[
        str | None, Option(metavar="NAME", help="Of plot: latency_ms, macs, params, weight_bytes, ….")
    ] = None,
    before: Annotated[str | None, Option(metavar="DATE", help="Of prune: remove what is older.")] = None,
    output: Annotated[
        Path | None,
        Option("--output", "-o", help="Of export: a file, .jsonl for import, .csv or .parquet for figures."),
    ] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Show what --record kept: runs, one of them, the difference of two, or a figure over time with its changes.

    Times are compared on one machine, with one runtime, in one condition only.

    Example: costlens history plot mobilenet_v1 --figure macs
    """
    from costlens.formats._shown import page_of
    from costlens.formats.pages import history, trend
    from costlens.results.page import Page
    from costlens.tasks.history.ask import Wish, ask

    known: Sequence[Column[Any]] = {"list": history.CHOICES, "diff": history.DIFF_CHOICES, "plot": trend.CHOICES}.get(
        action, ()
    )  # type: ignore[assignment]  # of rows of three types
    picked = choose(columns, known, format)
    found = ask(action, words or (), Wish(variant, since, last, figure, before, output), db)
    write(page_of(found) or Page("", []), format, columns=picked)
