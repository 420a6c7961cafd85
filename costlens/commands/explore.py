"""``costlens explore``: all networks of a spec's knobs and kinds, what each costs, and those that none beats."""

from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._options import OneWord, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.errors import UsageError, not_installed
from costlens.results.exploration import Exploration
from costlens.results.stored import to_json
from costlens.storage.files import require_room, write_whole, writing
from costlens.tasks import explore as exploring
from costlens.tasks.exploration.cluster import LAUNCHERS
from costlens.tasks.exploration.space import SAMPLERS

FILES = ("explore.md", "explore.json", "points.csv", "points.parquet")


def command(
    word: OneWord,
    set_: Annotated[
        list[str] | None,
        Option("--set", metavar="NAME=VALUES", help="Values of a knob: 0.5,1 or 0.25:1:0.05. Repeatable."),
    ] = None,
    kind: Annotated[
        list[str] | None,
        Option("--kind", metavar="GLOB=KIND,…", help="Kinds of some convolutions: '*=standard,separable'. Repeatable."),
    ] = None,
    sample: Annotated[int | None, Option(min=1, help="So many points of the space in the place of all.")] = None,
    seed: Annotated[int, Option(min=0, help="Decides which points a sample has.")] = 0,
    sampler: Annotated[
        str, Option(metavar="|".join(SAMPLERS), words=SAMPLERS, help="How a sample is drawn.")
    ] = "sobol",
    from_: Annotated[
        Path | None,
        Option("--from", metavar="FILE.csv", help="The points: a column for each knob and each kind:GLOB."),
    ] = None,
    where: Annotated[
        list[str] | None,
        Option("--where", metavar="EXPRESSION", help="What a point must keep: 'macs < 300M and params < 4M'."),
    ] = None,
    front: Annotated[
        str, Option(metavar="NAME,…", help="Figures and knobs of the front; NAME:max where more is better.")
    ] = ",".join(exploring.FRONT),
    workers: Annotated[int | None, Option(min=1, help="Processes that count; as many as there are cores.")] = None,
    cluster: Annotated[
        str,
        Option(
            metavar="tcp://…|FILE|" + "|".join(LAUNCHERS),
            help="A Dask cluster that counts instead: its scheduler, a file of Dask, or what starts --workers workers.",
        ),
    ] = "",
    output: Annotated[
        Path | None, Option("--output", "-o", help=f"Folder to write {', '.join(FILES[:-1])} and {FILES[-1]} in.")
    ] = None,
    write_: Annotated[
        Path | None, Option("--write", metavar="FOLDER", help="Write a spec for each point of the front.")
    ] = None,
    points: Annotated[
        str | None, Option(metavar="N,…", help="The numbers of the points that --write writes, in the front's place.")
    ] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Count every network of a spec's knobs and kinds of convolution, and show those that no other beats.

    Points that cannot be are kept with their reason. A run that was interrupted goes on where it stopped.

    Example: costlens explore mobilenet_v1 --set alpha=0.25:1:0.25 --set resolution=128,160,192,224
    """
    from costlens.formats.pages.exploration import CHOICES, page

    picked = choose(columns, CHOICES, format)
    numbers = _numbers(points)
    if points and write_ is None:
        raise UsageError(f"--points {points}: says what --write writes; add --write FOLDER")
    wish = exploring.Wish(
        set_ or (), kind or (), sample, seed, sampler, from_, where or (), front.split(","), workers, cluster
    )
    if output is not None:
        require_room(output / FILES[0])
    with tools(lambda: "what was counted is kept: the same command goes on from there") as given:
        found = exploring.explore(word, wish, tools=given)
    shown = page(found)
    try:
        if output is not None:
            _written(found, output, format)
        if write_ is not None:
            from costlens.tasks.exploration.specs import chosen, write_specs

            written = write_specs(exploring.spec_word(word), found, chosen(found, numbers), write_)
            tell(format, *written)
    finally:
        write(shown, format, columns=picked)
    end(found.failures)


def _numbers(points: str | None) -> list[int]:
    try:
        return [int(number) for number in points.split(",")] if points else []
    except ValueError:
        raise UsageError(f"--points {points}: expected numbers of points with commas between, such as 3,17") from None


def _written(found: Exploration, folder: Path, name: str) -> None:
    """Write the files of an exploration; of Parquet only where that can be written."""
    from costlens.formats import csv, markdown
    from costlens.formats.pages.exploration import page

    shown = page(found)
    contents: dict[str, str | bytes] = dict(
        zip(FILES, (markdown.render(shown), to_json(found), csv.render(shown)), strict=False)
    )
    try:
        from costlens.formats._parquet import parquet

        contents[FILES[-1]] = parquet(shown.table())
    except ModuleNotFoundError as error:
        missing = not_installed(error)
        if missing is None:
            raise
        echo(f"{FILES[-1]} is not written: {missing}", err=True)
    with writing(folder, "choose another folder with -o"):
        for file, content in contents.items():
            write_whole(folder / file, content)
    tell(name, *(folder / file for file in contents))
