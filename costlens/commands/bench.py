"""``costlens bench``: specs and ONNX files side by side on this machine."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from costlens.commands._cli import Option, echo
from costlens.commands._measuring import (
    Batch,
    Budget,
    Device,
    Measuring,
    OnDevice,
    Processes,
    Quick,
    Threads,
    Threshold,
)
from costlens.commands._options import Settings, Variants, Words, asked, console, tools
from costlens.errors import BenchError, CostlensError, MachineTooNoisy, VerificationError, gravest
from costlens.sources._source import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from costlens.results.comparison import Timing
    from costlens.results.latency import LatencyReport


class BenchFormat(StrEnum):
    """How latency is written."""

    TABLE = "table"
    JSON = "json"


def command(
    words: Words,
    variant: Variants = None,
    set_: Settings = None,
    baseline: Annotated[str, Option(help="The model that the others are compared with, by its label.")] = "",
    threshold: Threshold = None,
    processes: Processes = None,
    time_budget: Budget = None,
    quick: Quick = False,
    device: OnDevice = Device.AUTO,
    threads: Threads = 1,
    batch: Batch = 1,
    format: Annotated[  # noqa: A002  # the option's name
        BenchFormat, Option(help="How to write it.")
    ] = BenchFormat.TABLE,
) -> None:
    """Time models side by side and say which are faster, slower or equivalent.

    One network: its variants. Several: each as written, or in the variants named.

    Example: costlens bench specs/yamnet.yaml --variant all --quick
    """
    from costlens.tasks.bench import bench

    plan = Measuring(quick, device, threads, batch, threshold, processes, time_budget).protocol()
    with tools() as given:
        found = bench(words, asked(variant, set_, batch=batch, alone=(ALL,)), plan, baseline=baseline, tools=given)
    latency = found.latency
    if format is BenchFormat.JSON:
        from costlens.formats.escape import json_text
        from costlens.results.latency import latency_to_json

        echo(json_text(latency_to_json(latency).rstrip()))
    else:
        from costlens.formats import terminal

        out = console()
        out.print(terminal.latency(latency, out.width, ", ".join(words)))
        for line in terminal.least(found.least):
            out.print(line)
    errors = what_failed([latency])
    errors += [VerificationError("\n".join(found.disagreements))] if found.disagreements else []
    if errors:
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
