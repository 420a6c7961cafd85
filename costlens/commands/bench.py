"""``costlens bench``: every variant side by side on this machine."""

from __future__ import annotations

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
    format: Annotated[BenchFormat, typer.Option(help="How to write it.")] = BenchFormat.TABLE,  # noqa: A002  # the option's name
) -> None:
    """Time variants side by side in one run, and compare the saving in time with the saving in MACs."""
    from costlens.formats import terminal

    out, settings = console(), settings_from(set_)
    for path in spec_files(specs):
        loaded = pipeline.load(path, settings)
        protocol = pipeline.protocol(
            quick=quick, device=device.value, threads=threads, batch=batch, time_budget_s=time_budget
        )
        with progress() as observe:
            latency = pipeline.bench(loaded, variant or (pipeline.ALL,), protocol, observe=observe)
        if format is BenchFormat.JSON:
            typer.echo(latency.model_dump_json(indent=2))
        else:
            out.print(terminal.latency(latency, out.width, loaded.title or loaded.name))
