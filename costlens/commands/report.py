"""``costlens report``: count, prove, time, and write it all down."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from costlens.commands._options import Settings, Specs, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress
from costlens.commands.bench import Budget, Device, OnDevice, Quick, Threads, what_failed
from costlens.errors import ExpectationError, VerificationError, gravest
from costlens.sources import report as report_folder
from costlens.tasks import _pipeline as pipeline


def command(
    specs: Specs,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder of the reports.")] = Path("reports"),
    variant: Variants = None,
    set_: Settings = None,
    bench: Annotated[bool, typer.Option("--bench/--no-bench", help="Time the variants too.")] = True,
    quick: Quick = False,
    device: OnDevice = Device.AUTO,
    threads: Threads = 1,
    time_budget: Budget = None,
    rows: Annotated[bool, typer.Option("--rows/--no-rows", help="Print the first variant layer by layer.")] = True,
) -> None:
    """Count, build, export, prove and time every variant; write report.json and report.md."""
    from costlens.formats import terminal

    out, settings = console(), settings_from(set_)
    specs_read = [pipeline.load(path, settings) for path in spec_files(specs)]
    report_folder.prepare(output, [spec.name for spec in specs_read], settings)
    plan = None
    if bench:
        plan = pipeline.protocol(quick=quick, device=device.value, threads=threads, batch=1, time_budget_s=time_budget)
    reports = []
    for spec in specs_read:
        with progress() as observe:
            report = pipeline.report(spec, variant or (pipeline.ALL,), plan, settings, observe=observe)
        out.print(terminal.report(report, out.width, rows=rows))
        folder = report_folder.write(report, output, settings)
        out.print(f"{folder / 'report.md'} · {folder / 'report.json'}", soft_wrap=True)
        reports.append(report)
    errors = what_failed([report.latency for report in reports if report.latency])
    if unproven := [report.name for report in reports if not report.proven]:
        said = "not verified; the lines in red say which numbers disagree"
        errors.append(VerificationError(f"{', '.join(unproven)}: {said}"))
    if missed := [f"{report.name}: {line}" for report in reports for line in report.missed]:
        errors.append(ExpectationError("\n".join(missed)))
    if errors:
        raise gravest(errors)
