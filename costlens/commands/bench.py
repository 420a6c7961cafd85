"""``costlens bench``: specs and ONNX files side by side on this machine."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from costlens.commands._options import Batch, Settings, Variants, console, settings_from, spec_files
from costlens.commands._progress import progress
from costlens.errors import BenchError, CostlensError, MachineTooNoisy, UsageError, gravest
from costlens.tasks import _pipeline as pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costlens.results.comparison import Timing
    from costlens.results.latency import LatencyReport


class Device(StrEnum):
    """Where to run."""

    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


class BenchFormat(StrEnum):
    """How latency is written."""

    TABLE = "table"
    JSON = "json"


_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0}


def seconds(text: str) -> float:
    """Read a duration: ``60``, ``60s``, ``4m``; UsageError otherwise.

    >>> seconds("60s"), seconds("1.5m")
    (60.0, 90.0)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?(s|m|min)?", str(text).strip())
    value = float(match[1]) * _SECONDS[match[2] or ""] if match else 0.0
    if value < 1:
        raise UsageError(f"--time-budget {text}: expected a second or more, for example 90s or 4m")
    return value


def share(text: str) -> float:
    """Read a percentage as a fraction: ``3%`` is 0.03; UsageError otherwise.

    >>> share("3%"), share("1.5 %")
    (0.03, 0.015)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?%", str(text).strip())
    value = round(float(match[1]) / 100, 12) if match else 0.0
    if not 0 < value < 1:
        raise UsageError(f"--threshold {text}: expected a percentage above 0 and below 100, for example 3%")
    return value


Quick = Annotated[bool, typer.Option("--quick", help="A look: three processes, which settle no verdict.")]
Threads = Annotated[int, typer.Option(min=1, help="Threads of the runtime.")]
Budget = Annotated[
    float | None,
    typer.Option(
        parser=seconds,
        metavar="TIME",
        help="Seconds a comparison may take, exports and time per layer aside: 90s, 4m. Default 60s.",
    ),
]
OnDevice = Annotated[Device, typer.Option(help="Where to run.")]
Threshold = Annotated[
    float | None,
    typer.Option(parser=share, metavar="PERCENT", help="Differences up to this are none: 3%. Default 3%."),
]
Processes = Annotated[
    int | None, typer.Option(min=1, help="So many processes, no more and no fewer. Default 10, 20 or 30, as needed.")
]


def command(
    operands: Annotated[
        list[Path],
        typer.Argument(metavar="SPEC|FILE.onnx", help="Specs (YAML), folders of them, or ONNX files."),
    ],
    variant: Variants = None,
    set_: Settings = None,
    baseline: Annotated[str, typer.Option(help="The model that the others are compared with, by its label.")] = "",
    threshold: Threshold = None,
    processes: Processes = None,
    time_budget: Budget = None,
    quick: Quick = False,
    device: OnDevice = Device.AUTO,
    threads: Threads = 1,
    batch: Batch = 1,
    format: Annotated[  # noqa: A002  # the option's name
        BenchFormat, typer.Option(help="How to write it.")
    ] = BenchFormat.TABLE,
) -> None:
    """Time models side by side and say which are faster, slower or equivalent.

    One spec: its variants. Several operands: each spec as written, or in the variants named, and each ONNX file.
    """
    from costlens.tasks import bench as lineup

    if processes is not None and quick:
        raise UsageError("--quick means three processes; leave out --quick or --processes")
    given = [path for operand in operands for path in ([operand] if _is_model(operand) else spec_files([operand]))]
    fixed = {} if processes is None else {"processes": processes, "looks": 1}
    plan = pipeline.protocol(
        quick=quick,
        device=device.value,
        threads=threads,
        batch=batch,
        threshold=threshold,
        time_budget_s=time_budget,
        **fixed,
    )
    with progress() as observe:
        found = lineup.compare(given, variant or (), plan, settings_from(set_), baseline=baseline, observe=observe)
    latency = found.latency
    if format is BenchFormat.JSON:
        from costlens.formats.escape import json_text
        from costlens.results.latency import latency_to_json

        typer.echo(json_text(latency_to_json(latency).rstrip()))
    else:
        from costlens.formats import terminal

        out = console()
        out.print(terminal.latency(latency, out.width, ", ".join(str(path) for path in given)))
        for line in terminal.least(found.least):
            out.print(line)
    raise_what_failed([latency])


def raise_what_failed(measured: Sequence[LatencyReport | Timing]) -> None:
    """Raise what went wrong with measurements; what was measured is out by then."""
    if errors := what_failed(measured):
        raise gravest(errors)


def what_failed(measured: Sequence[LatencyReport | Timing]) -> list[CostlensError]:
    """Return a BenchError for models that could not be timed, and MachineTooNoisy where nothing can be believed."""
    errors: list[CostlensError] = []
    failed = [f"{one.label}: {one.reason}" for latency in measured for one in latency.failed]
    if failed:
        errors.append(BenchError("not timed: " + "\n".join(failed)))
    if any(latency.too_noisy for latency in measured):
        noisy = "machine too noisy: a copy of the baseline timed as another network; repeat it later"
        errors.append(MachineTooNoisy(noisy))
    return errors


def _is_model(operand: Path) -> bool:
    return operand.suffix == ".onnx"
