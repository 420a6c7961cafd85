"""``costlens report``: count, prove, time, and write it all down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Group, Option
from costlens.commands._measuring_options import Measuring
from costlens.commands._options import (
    Execute,
    InputData,
    Kinds,
    Only,
    PrecisionOf,
    Settings,
    Variants,
    Without,
    Words,
    asked,
    tools,
)
from costlens.commands._output import TERMINAL, Columns, Format, choose, end, tell, write
from costlens.commands._recording import Database, Record, recorder
from costlens.sources._source import ALL
from costlens.tasks import _report_folder as report_folder
from costlens.tasks import report as reporting

if TYPE_CHECKING:
    from costlens.errors import CostlensError
    from costlens.results.report import Report


def command(
    words: Words,
    measuring: Annotated[Measuring, Group()],
    output: Annotated[Path, Option("--output", "-o", help="Folder of the reports.")] = Path("reports"),
    variant: Variants = None,
    kind: Kinds = None,
    only: Only = None,
    without: Without = None,
    set_: Settings = None,
    execute: Execute = False,
    input_data: InputData = None,
    precision: PrecisionOf = None,
    bench: Annotated[bool, Option("--bench/--no-bench", help="Time the variants too.")] = True,
    rows: Annotated[bool, Option("--rows/--no-rows", help="Print the first variant layer by layer.")] = True,
    record: Record = None,
    db: Database = None,
    format: Format = TERMINAL,  # noqa: A002  # the option's name
    columns: Columns = None,
) -> None:
    """Count, build, export, prove and time every variant; write report.html, report.md, report.json and layers.csv.

    Example: costlens report yamnet --quick
    """
    from costlens.formats.pages.report import CHOICES, page
    from costlens.results.page import together

    wanted = asked(
        variant,
        set_,
        kind,
        only,
        without,
        batch=measuring.batch,
        alone=(ALL,),
        each=(ALL,),
        execute=execute,
        data=input_data,
        precision=precision,
    )
    keeper = recorder("report", words, record, db, format)
    networks = reporting.networks(words, wanted)
    settings = [{**wanted.settings, **network.word.settings} for network in networks]
    names = [network.models[0].count.name for network in networks]
    report_folder.prepare(output, list(map(report_folder.folder_name, names, settings)))
    picked = choose(columns, CHOICES, format)
    plan = measuring.protocol() if bench else None
    reports: list[Report] = []
    failures: list[CostlensError] = []
    for network, knobs in zip(networks, settings, strict=True):
        with tools(lambda: f"{len(reports)} of {len(networks)} reports were written" if reports else "") as given:
            report = reporting.report(network, plan, tools=given)
        failures += [*report.failures, *keeper.keep(report, report.failures)]
        try:
            folder = report_folder.write(report, output, knobs)
            tell(format, *(folder / name for name in ("report.html", "report.md", "report.json", "layers.csv")))
        finally:  # the answer is the last line, and is shown even where the files cannot be written
            if format == TERMINAL:
                write(page(report, rows=rows), format, columns=picked)
        reports.append(report)
    if format != TERMINAL:
        pages = [page(report) for report in reports]
        write(pages[0] if len(pages) == 1 else together(pages, "Reports"), format, columns=picked)
    end(failures)
