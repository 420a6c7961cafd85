"""``costlens profile``: the time of every layer, by the kernels that ran."""

from dataclasses import replace
from typing import Annotated, Literal

from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import Depth, InputData, Kinds, Only, Settings, Variants, Without, Words, asked, tools
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, write
from costlens.commands._recording import Database, Record, recorder
from costlens.errors import BenchError, CostlensError
from costlens.tasks import profile as profiling


def command(
    words: Words,
    measuring: Annotated[Measuring, Group("threshold", "time_budget", device="cpu")],
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    input_data: InputData = None,
    depth: Depth = None,
    record: Record = None,
    db: Database = None,
    sort: Annotated[
        Literal["time", "macs"] | None, Option(help="The most first; in the network's order unless given.")
    ] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Time every layer: each kernel the runtime ran counts for its row, without what profiling adds to it.

    Example: costlens profile yamnet --depth 1
    """
    from costlens.bench.bounds import find
    from costlens.formats.pages.layer_times import CHOICES, page
    from costlens.results.layer_times import fold, ordered
    from costlens.results.page import together
    from costlens.sources.find import models

    picked = choose(columns, CHOICES, format)
    keeper = recorder("profile", words, record, db, format)
    plan, wanted = (
        measuring.protocol(),
        asked(variant, set_, kind, only, without, batch=measuring.batch, data=input_data),
    )
    with tools() as given:
        found = profiling.profile(words, wanted, plan, processes=measuring.processes, tools=given)
    shown = [
        replace(page(ordered(fold(times, depth), sort), find(times.fingerprint)), document=times)
        for times in found.times
    ]
    failures: list[CostlensError] = [BenchError("not profiled: " + "\n".join(found.problems))] if found.problems else []
    failures += keeper.keep(found.times, failures, lambda: models(words, wanted))
    write(together(shown), format, columns=picked)
    end(failures)
