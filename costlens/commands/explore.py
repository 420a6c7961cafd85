"""``costlens explore``: all networks of a spec's knobs and kinds, what each costs, and those that none beats."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from costlens.commands._cli import Group, Option, echo
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import OneWord, PrecisionOf, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.commands._recording import Database, Record, recorder
from costlens.errors import RuntimeUnavailable, UsageError, did_you_mean, not_installed
from costlens.results.counts import FIGURES
from costlens.results.exploration import PREDICTED, Exploration
from costlens.results.stored import to_json
from costlens.storage.files import require_room, write_whole, writing
from costlens.tasks import explore as exploring
from costlens.tasks.exploration.cluster import LAUNCHERS
from costlens.tasks.exploration.space import SAMPLERS

FILES = ("explore.md", "explore.html", "explore.json", "points.csv", "front.svg", "points.parquet")
_MD, _HTML, _JSON, _CSV, _SVG, _PARQUET = FILES
_AXIS = "Default: the first two of --front."


def command(
    word: OneWord,
    measuring: Annotated[Measuring, Group()],
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
        str, Option(metavar="NAME,…", help="Figures, latency and knobs of the front; NAME:max where more is better.")
    ] = ",".join(exploring.FRONT),
    workers: Annotated[int | None, Option(min=1, help="Processes that count; as many as there are cores.")] = None,
    cluster: Annotated[
        str,
        Option(
            metavar="tcp://…|FILE|" + "|".join(LAUNCHERS),
            help="A Dask cluster that counts and times: its scheduler, a file of Dask, or what starts --workers.",
        ),
    ] = "",
    measure: Annotated[
        str,
        Option(metavar="POINTS", help="Build, prove and time points: front, a number of them, or both, as front,20."),
    ] = "",
    x: Annotated[
        str, Option(metavar="NAME", help=f"Figure, knob or time to the right of the chart of points. {_AXIS}")
    ] = "",
    y: Annotated[str, Option(metavar="NAME", help="The same upwards, and of the charts knob by knob.")] = "",
    output: Annotated[
        Path | None, Option("--output", "-o", help=f"Folder to write {', '.join(FILES[:-1])} and {FILES[-1]} in.")
    ] = None,
    precision: PrecisionOf = None,
    record: Record = None,
    db: Database = None,
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
    from costlens.formats.pages.exploration import CHOICES, document, page
    from costlens.tasks import measure_points as timing

    plan = measuring.protocol_if(bool(measure), "--measure front")
    to_time = timing.wanted(measure) if measure else None
    _require_axes(x, y, set_ or (), listed=from_ is not None, timed=bool(measure))
    picked = choose(columns, CHOICES, format)
    numbers = _numbers(points)
    if points and write_ is None:
        raise UsageError(f"--points {points}: says what --write writes; add --write FOLDER")
    wish = exploring.Wish(
        set_ or (), kind or (), sample, seed, sampler, from_, where or (), front.split(","), workers, cluster
    )
    predict = not measure and PREDICTED in (x, y)
    wish = replace(wish, precision=precision, arena="arena" in str(columns), predict=predict)
    keeper = recorder("explore", [word], record, db, format)
    if output is not None:
        require_room(output / FILES[0])
    with tools(lambda: "what was counted and timed is kept: the same command goes on from there") as given:
        found = exploring.explore(word, wish, tools=given)
        if to_time and plan:
            found = timing.measured(word, found, to_time, plan, tools=given, cluster=cluster, workers=workers)
    failures = [*found.failures, *keeper.keep(found, found.failures)]
    shown = (document if format == "json" else page)(found, x, y)
    try:
        if output is not None:
            _written(found, x, y, output, format)
        if write_ is not None:
            from costlens.tasks.exploration.specs import chosen, write_specs

            written = write_specs(exploring.spec_word(word), found, chosen(found, numbers), write_)
            tell(format, *written)
    finally:
        write(shown, format, columns=picked)
    end(failures)


def _numbers(points: str | None) -> list[int]:
    try:
        return [int(number) for number in points.split(",")] if points else []
    except ValueError:
        raise UsageError(f"--points {points}: expected numbers of points with commas between, such as 3,17") from None


def _require_axes(x: str, y: str, pairs: Sequence[str], *, listed: bool, timed: bool) -> None:
    """Refuse a figure that charts cannot have, before any work is done; of points in a file that shows once read."""
    from costlens.formats.pages._family import MEASURED

    knobs = [pair.partition("=")[0].strip() for pair in pairs]
    known = (*FIGURES, PREDICTED, *knobs, *((MEASURED,) if timed else ()))
    for option, name in (("--x", x), ("--y", y)):
        if name == MEASURED and not timed:
            raise UsageError(f"{option} {name}: nothing is timed; add --measure front, or name {PREDICTED}")
        if name and name not in known and not listed:
            guess = did_you_mean(name, known) or f"; there are {', '.join(known)}"
            raise UsageError(f"{option} {name}: no such figure, and no knob of --set{guess}")
    if x and x == y:
        raise UsageError(f"--y {y}: is to the right already; name another figure or knob")


def _written(found: Exploration, x: str, y: str, folder: Path, name: str) -> None:
    """Write the files of an exploration; those are left out that nothing here can write, which is said."""
    from costlens.formats import csv, html, markdown
    from costlens.formats._parquet import parquet
    from costlens.formats.pages.exploration import page
    from costlens.formats.pictures import exploration as picture

    shown = page(found, x, y)
    drawn = picture.svg(found, x, y)
    makers: dict[str, Callable[[], str | bytes]] = {
        _MD: lambda: markdown.render(page(found, x, y, picture=_SVG if drawn else "")),
        _HTML: lambda: html.render(shown),
        _JSON: lambda: to_json(found),
        _CSV: lambda: csv.render(shown),
        _SVG: lambda: drawn,
        _PARQUET: lambda: parquet(shown.table()),
    }
    contents: dict[str, str | bytes] = {}
    for file, make in makers.items():
        try:
            contents[file] = make()
        except (ModuleNotFoundError, RuntimeUnavailable) as error:
            missing = error if isinstance(error, RuntimeUnavailable) else not_installed(error)
            if missing is None:
                raise
            echo(f"{file} is not written: {missing}", err=True)
    written = {folder / file: content for file, content in contents.items() if content}
    with writing(folder, "choose another folder with -o"):
        for path, content in written.items():
            write_whole(path, content)
    tell(name, *written)
