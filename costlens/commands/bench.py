"""``costlens bench``: every variant side by side on this machine."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Annotated

import typer

from costlens import pipeline
from costlens.commands._options import Batch, Settings, Specs, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress


class Device(StrEnum):
    """Where to run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class BenchFormat(StrEnum):
    """How latency is written."""

    TABLE = "table"
    JSON = "json"


Quick = Annotated[bool, typer.Option("--quick", help="A look: three processes, wider intervals.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of the runtime.")]
Budget = Annotated[float | None, typer.Option(min=1, help="Seconds the whole comparison may take.")]
OnDevice = Annotated[Device, typer.Option(help="Where to run.")]


def command(
    specs: Specs,
    variant: Variants = None,
    set_: Settings = None,
    quick: Quick = False,
    device: OnDevice = Device.AUTO,
    threads: Threads = 1,
    batch: Batch = 1,
    time_budget: Budget = None,
    format: Annotated[  # noqa: A002  # the option's name
        BenchFormat, typer.Option(help="How to write it; JSON is one document by the specs' names.")
    ] = BenchFormat.TABLE,
) -> None:
    """Time variants side by side in one run, and compare the saving in time with the saving in MACs."""
    from costlens.formats import terminal

    out, settings = console(), settings_from(set_)
    plan = pipeline.protocol(quick=quick, device=device.value, threads=threads, batch=batch, time_budget_s=time_budget)
    measured = {}
    for path in spec_files(specs):
        spec = pipeline.load(path, settings)
        with progress() as observe:
            latency = measured[spec.name] = pipeline.bench(spec, variant or (pipeline.ALL,), plan, observe=observe)
        if format is BenchFormat.TABLE:
            out.print(terminal.latency(latency, out.width, spec.title or spec.name))
    if format is BenchFormat.JSON:
        documents = {name: latency.model_dump(mode="json") for name, latency in measured.items()}
        typer.echo(json.dumps(documents, indent=2, ensure_ascii=False))
