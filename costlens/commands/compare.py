"""``costlens compare``: any mix of specs, variants, reports and model files in one table; times them where asked."""

from typing import Annotated

from costlens.analysis.pareto import Sort
from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import (
    Execute,
    InputData,
    Kinds,
    Latency,
    Only,
    PrecisionOf,
    Settings,
    Variants,
    Without,
    Words,
    asked,
    tools,
)
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, write
from costlens.commands._recording import Database, Record, recorder
from costlens.sources._source import ALL
from costlens.tasks import compare as comparing


def command(
    words: Words,
    measuring: Annotated[Measuring, Group()],
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    execute: Execute = False,
    input_data: InputData = None,
    precision: PrecisionOf = None,
    bench: Annotated[bool, Option("--bench", help="Time them side by side.")] = False,
    latency: Latency = False,
    record: Record = None,
    db: Database = None,
    sort: Annotated[Sort | None, Option(help="Put the smallest first; ratios stay to the first.")] = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Compare what models cost: parameters, MACs, size, memory, time, each with its ratio to the first.

    Counts are of one example. One spec or report: its variants. Several: each as written, or in the variants named.

    Example: costlens compare mobilenet_v1 'mobilenet_v1?alpha=0.5'
    """
    from costlens.formats.pages.comparison import CHOICES, page

    picked = choose(columns, CHOICES, format)
    keeper = recorder("compare", words, record, db, format)
    plan = measuring.protocol_if(bench)
    wanted = asked(
        variant, set_, kind, only, without, alone=(ALL,), execute=execute, data=input_data, precision=precision
    )
    with tools() as given:
        found = comparing.compare(words, wanted, plan, sort=sort, tools=given)
    made = page(found)
    if latency:
        from costlens.commands._predicted import with_latency
        from costlens.sources.find import models

        made = with_latency(made, models(words, wanted))
    failures = found.failures if bench else []
    failures += keeper.keep(found, failures)
    write(made, format, columns=picked)
    end(failures)
